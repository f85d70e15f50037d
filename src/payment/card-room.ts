import type { CaptureFailure } from '../shared/capture-failure.ts';
import type { CardBrand } from '../shared/card-brand.ts';
import type { CardField } from '../shared/card-field.ts';
import type { AttemptId, CallId, SessionId } from '../shared/ids.ts';

export type PaymentType = 'charge' | 'authorise' | 'tokenise';

export interface FieldPolicy {
  readonly firstKeyMs: number;
  readonly interKeyMs: number;
  readonly quietMs: number | null;
  readonly overallMs: number;
  readonly clearKey: string | null;
  readonly endKey: string | null;
  readonly backspaceKey: string | null;
  readonly acceptedBrands: CardBrand[];
  readonly showLastFour: boolean;
}

export interface PaymentOrder {
  readonly type: PaymentType;
  /** Minor units; null for `tokenise`. */
  readonly amount: number | null;
  readonly currency: string;
  readonly details: Record<string, string | number>;
  readonly acceptedSurcharge: number | null;
}

export type AuthorisationOutcome =
  | { outcome: 'approved'; reference: string | null }
  | { outcome: 'declined'; code: string; message: string; retryable: boolean }
  | { outcome: 'surcharge'; surcharge: number; total: number }
  | { outcome: 'unknown'; code: string }
  | { outcome: 'not-sent'; code: string };

export type EnquiryAnswer =
  | { answer: 'paid'; reference: string | null }
  | { answer: 'not-paid' }
  | { answer: 'still-unknown' };

/** Giving back all or a part of a payment that was taken. Amounts in minor units. */
export interface RefundOrder {
  /** The refund's own idempotency key, written down before it is asked for: the same one again gives back once. */
  readonly refund: AttemptId;
  /** The payment, and the provider's reference for it where there is one. */
  readonly attempt: AttemptId;
  readonly reference: string | null;
  readonly amount: number;
  readonly currency: string;
  /** Whether it is all that the payment took. */
  readonly whole: boolean;
}

export type RefundOutcome =
  | { outcome: 'refunded'; reference: string | null }
  /** Taken by the provider, who decides later and says so by means of its own. */
  | { outcome: 'requested'; reference: string | null }
  | { outcome: 'declined'; code: string; message: string }
  | { outcome: 'unknown'; code: string }
  | { outcome: 'not-sent'; code: string };

export interface PspDescription {
  id: string;
  label: { en: string; ja: string };
  currencies: string[];
  types: PaymentType[];
  fields: {
    name: string;
    label: { en: string; ja: string };
    kind: 'text' | 'amount' | 'date' | 'choice';
    required: boolean;
    choices: string[];
    types: PaymentType[];
    prefill: string | null;
    /** A detail of the gateway's own, of which the provider is not told; absent of the provider's. */
    own?: boolean;
  }[];
  needsCvc: boolean;
  can: { enquire: boolean; void: boolean; refund: boolean; partialRefund: boolean };
  /** How it tells a repeat from a new request, and for how many hours (null: as long as it lives); null where it cannot. */
  idempotency: { header: string | null; hours: number | null } | null;
  /** After that a payment is unknown: enquiries find out, or it stays so. */
  timeOut: { seconds: number; resolvedBy: 'enquiries' | 'nobody' };
}

/** What the media side proves of a secured interval; counts only. */
export interface SecuredInterval {
  ms: number;
  audioSuppressed: number;
  eventsSuppressed: number;
  silenceSent: number;
  leaks: number;
}

/** What the room says of a field by itself. After `completed` or `failed` the field is closed and the call still secured. */
export type FieldNotice =
  | { kind: 'field.progress'; call: CallId; session: SessionId; field: CardField; digits: number }
  | {
      kind: 'field.completed';
      call: CallId;
      session: SessionId;
      field: CardField;
      digits: number;
      brand: CardBrand | null;
      lastFour: string | null;
      /** Which card of this call it is, counted from 1; a card that comes again has its number again. */
      card: number | null;
      /** Of `keypadTest`: how many keys the telephone sent twice; they count once, and from here on in every field. */
      doubled: number | null;
      value: string | null;
    }
  | {
      kind: 'field.failed';
      call: CallId;
      session: SessionId;
      field: CardField;
      digits: number;
      reason: CaptureFailure;
    };

/**
 * The walled room as payments need it. The door implements it. Every method rejects with a `CodedError`: `cde-lost` when
 * the room is gone (an `authorise` under way is then *unknown*, whatever it had done), `media-failed`, `timed-out`.
 */
export interface CardRoom {
  /**
   * Resolves when the media side has confirmed the lock **and** the field takes keys, empty, whatever it held before.
   * Fails closed: locked, no field.
   */
  openField(call: CallId, session: SessionId, field: CardField, policy: FieldPolicy): Promise<void>;
  /** Closes the open field and wipes it; no notice follows. Harmless when none is open. */
  stopField(call: CallId): Promise<void>;
  /** Ends the lock; waits for the press in progress to end. */
  release(call: CallId): Promise<SecuredInterval>;
  /** Wipes what the session holds (`null` for all). Harmless when it holds nothing. */
  wipe(session: SessionId, fields: CardField[] | null): Promise<void>;
  /**
   * Asks the provider once. The CVC is wiped with every answer but two: `approved` with `last` false, because another
   * payment on the card follows, and `surcharge`, because nothing was asked of the card yet. A reference never holds the
   * PAN: only the room can compare them. A repeat of one attempt comes only after `not-sent` and after `surcharge`, then
   * with `acceptedSurcharge`, so that a provider's idempotency key must tell the quote from the charge.
   * Rejects with `unknown-psp`, `unknown-type`, `missing-fields` or `wrong-state` when the room itself would not ask; after
   * any other rejection nobody can say what became of it.
   */
  authorise(
    session: SessionId,
    attempt: AttemptId,
    psp: string,
    order: PaymentOrder,
    last: boolean,
  ): Promise<AuthorisationOutcome>;
  /** `about` a refund, `attempt` is the refund's own key and `paid` means that it was carried out. */
  enquire(attempt: AttemptId, psp: string, about?: 'payment' | 'refund'): Promise<EnquiryAnswer>;
  /** True: given back, nothing stays charged. False: the provider refused, the payment stands as it was. */
  voidPayment(attempt: AttemptId, psp: string, reference: string | null): Promise<boolean>;
  /**
   * Asks the provider once. After a rejection nobody can say what became of it, but for `unknown-psp` and `cannot-refund`:
   * then nobody was asked.
   */
  refund(psp: string, order: RefundOrder): Promise<RefundOutcome>;
  describePsps(): Promise<PspDescription[]>;
}
