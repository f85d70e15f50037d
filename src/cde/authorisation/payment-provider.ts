import type { CardBrand } from '../../shared/card-brand.ts';
import type { AttemptId } from '../../shared/ids.ts';
import type { DigitBuffer } from '../entry/digit-buffer.ts';
import type {
  AuthorisationOutcome,
  EnquiryAnswer,
  EnquirySubject,
  PaymentOrder,
  PspDescription,
  RefundOrder,
  RefundOutcome,
} from '../messages.ts';

/** One request to a provider. The buffers are lent: they may be read until the answer, and are wiped by their owner. */
export interface CardRequest {
  /** The idempotency key: the provider sees it with the request, and an enquiry asks by it. */
  readonly attempt: AttemptId;
  readonly order: PaymentOrder;
  readonly pan: DigitBuffer;
  readonly brand: CardBrand;
  /** Null where the provider does not need one, or the card bears none. */
  readonly cvc: DigitBuffer | null;
}

/**
 * The port to a payment service provider. Adapters build their request as bytes, wipe it once it is written, and answer
 * with an outcome; what an outcome says must be certain:
 * - `approved`, `declined`, `surcharge`: the provider said so. A surcharge quote charges nothing.
 * - `not-sent`: certainly nothing was asked that could charge, so that a repeat with the same attempt cannot charge twice.
 * - `unknown`: anything else, and above all a time-out. A rejection is taken for `unknown` too.
 */
export interface PaymentProvider {
  describe(): PspDescription;
  /** How long an answer is waited for; then the outcome is `unknown` and the signal aborts. */
  readonly timeoutMs: number;
  /**
   * Asks the provider once; never asks again by itself. The same attempt again must not charge again: the adapter sends it
   * as the provider's idempotency key, and nobody repeats it for longer than its description says that the key is remembered.
   */
  authorise(request: CardRequest, signal: AbortSignal): Promise<AuthorisationOutcome>;
  /**
   * What became of an attempt, or of a refund by its own key, by the provider's own books. Changes nothing; may be asked any
   * number of times.
   */
  enquire(attempt: AttemptId, about: EnquirySubject, signal: AbortSignal): Promise<EnquiryAnswer>;
  /**
   * Takes a payment back.
   * @returns true when it certainly no longer stands, also when that was so before; false when the provider refused and it
   * stands as it was. Rejects when nobody can say.
   */
  voidPayment(attempt: AttemptId, reference: string | null, signal: AbortSignal): Promise<boolean>;
  /** Gives money back, once for each `order.refund`; the certainty of each outcome is that of {@link authorise}. */
  refund(order: RefundOrder, signal: AbortSignal): Promise<RefundOutcome>;
}
