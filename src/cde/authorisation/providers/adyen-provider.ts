import { z } from 'zod';
import type { Clock } from '../../../shared/clock.ts';
import type {
  AuthorisationOutcome,
  EnquiryAnswer,
  PspDescription,
  RefundOrder,
  RefundOutcome,
} from '../../messages.ts';
import type { CardRequest, PaymentProvider } from '../payment-provider.ts';
import { type OwnDigits, providerAmount } from '../provider-amount.ts';
import { describeProvider } from '../provider-description.ts';
import type { PspSecrets } from '../psp-secrets.ts';
import type { PspSettings } from '../psp-settings.ts';
import { readJson } from '../wire/answer-json.ts';
import { type Exchange, exchange, type Line } from '../wire/exchange.ts';
import { type JsonWithDigits, jsonPieces } from '../wire/json-pieces.ts';
import { pspTarget } from '../wire/psp-target.ts';

/** Where Adyen does not follow ISO 4217 (docs.adyen.com/development-resources/currency-codes). */
const adyenDigits: OwnDigits = { CLP: 2, CVE: 0, IDR: 0, ISK: 2 };

const paymentAnswer = z.object({
  resultCode: z.string(),
  pspReference: z.string().nullish(),
  refusalReason: z.string().nullish(),
  refusalReasonCode: z.string().nullish(),
});
const refundAnswer = z.object({ status: z.string(), pspReference: z.string() });
const faultAnswer = z.object({ errorCode: z.string().nullish() });

/** Refusals after which the same card is not worth another try: blocked, expired, fraud, restricted, withdrawn. */
const finalRefusals: readonly string[] = ['5', '20', '22', '26', '27', '31'];

/** Statuses with which Adyen says that it has not processed the request (docs.adyen.com, API response codes). */
const notDoneStatuses: readonly number[] = [400, 401, 403, 404, 405, 422, 429];
/** "Request already processed or in progress": with a status of those above, and the opposite of not done. */
const inProgress = '704';

/** docs.adyen.com/development-resources/api-idempotency: seven days. */
const idempotency = { header: 'Idempotency-Key', hours: 168 };

/**
 * Adyen's Checkout with raw cards, as mail/telephone order. It tells what becomes of payments by webhooks to the merchant and
 * has no request to ask by, so an unknown payment stays unknown; what takes one back is only ever requested.
 */
export class AdyenProvider implements PaymentProvider {
  readonly timeoutMs: number;
  readonly #line: Line;
  readonly #secrets: PspSecrets;
  readonly #merchantAccount: string;
  readonly #description: PspDescription;

  constructor(psp: PspSettings, clock: Clock, secrets: PspSecrets) {
    this.timeoutMs = psp.timeoutSeconds * 1000;
    this.#secrets = secrets;
    this.#merchantAccount = psp.merchantAccount ?? '';
    const target = pspTarget(psp.url ?? '', psp.tls, secrets.passphrase);
    this.#line = { target, clock, connectMs: this.timeoutMs / 2 };
    this.#description = describeProvider(psp, {
      label: { en: 'Adyen', ja: 'Adyen' },
      types: ['charge', 'authorise'],
      can: { enquire: false, void: false, refund: true, partialRefund: true },
      idempotency,
    });
  }

  describe(): PspDescription {
    return this.#description;
  }

  async authorise(request: CardRequest, signal: AbortSignal): Promise<AuthorisationOutcome> {
    const value = providerAmount(request.order.amount ?? 0, request.order.currency, adyenDigits);
    if (value === undefined) return { outcome: 'not-sent', code: 'amount-not-representable' };
    const came = await this.#post('/payments', this.#payment(request, value), request.attempt, signal, [request.pan]);
    if (came.kind !== 'answered') return { outcome: came.kind === 'lost' ? 'unknown' : 'not-sent', code: came.code };
    if (came.status !== 200) return refused(came);
    const answer = paymentAnswer.safeParse(readJson(came.body));
    if (!answer.success) return { outcome: 'unknown', code: 'answer-unreadable' };
    const { resultCode, pspReference, refusalReason, refusalReasonCode } = answer.data;
    switch (resultCode) {
      case 'Authorised':
        return { outcome: 'approved', reference: pspReference ?? null };
      case 'Refused':
      case 'Cancelled':
      // The acquirer failed, and the payment did not go through: a final result.
      case 'Error': {
        const code = refusalReasonCode ?? resultCode.toLowerCase();
        return {
          outcome: 'declined',
          code,
          message: refusalReason ?? '',
          retryable: !finalRefusals.includes(code),
        };
      }
      default:
        return { outcome: 'unknown', code: resultCode };
    }
  }

  async enquire(): Promise<EnquiryAnswer> {
    return { answer: 'still-unknown' };
  }

  async voidPayment(): Promise<boolean> {
    return false;
  }

  async refund(order: RefundOrder, signal: AbortSignal): Promise<RefundOutcome> {
    const value = providerAmount(order.amount, order.currency, adyenDigits);
    if (order.reference === null || value === undefined) return { outcome: 'not-sent', code: 'payment-not-found' };
    const document = {
      amount: { currency: order.currency, value },
      merchantAccount: this.#merchantAccount,
      reference: order.refund,
    };
    const path = `/payments/${encodeURIComponent(order.reference)}/refunds`;
    const came = await this.#post(path, document, order.refund, signal);
    if (came.kind !== 'answered') return { outcome: came.kind === 'lost' ? 'unknown' : 'not-sent', code: came.code };
    if (came.status !== 201) return refused(came);
    const answer = refundAnswer.safeParse(readJson(came.body));
    if (!answer.success) return { outcome: 'unknown', code: 'answer-unreadable' };
    return { outcome: 'requested', reference: answer.data.pspReference };
  }

  /** The members in the order of the real client, which sorts them. */
  #payment({ attempt, order, pan, cvc }: CardRequest, value: number): { readonly [name: string]: JsonWithDigits } {
    const { details, currency, type } = order;
    const [month = '', year = ''] = String(details['expiry'] ?? '').split('/');
    const own = details['reference'];
    return {
      additionalData: type === 'authorise' ? { manualCapture: 'true' } : undefined,
      amount: { currency, value },
      captureDelayHours: type === 'charge' ? 0 : undefined,
      merchantAccount: this.#merchantAccount,
      merchantOrderReference: own === undefined ? undefined : String(own),
      paymentMethod: {
        cvc: cvc ?? undefined,
        expiryMonth: month,
        expiryYear: `20${year}`,
        holderName: details['cardholder'],
        number: pan,
        type: 'scheme',
      },
      reference: attempt,
      // Wanted by the interface and never visited: nobody is sent anywhere from a telephone.
      returnUrl: `https://${this.#line.target.authority}/`,
      shopperInteraction: 'Moto',
    };
  }

  #post(
    path: string,
    document: { readonly [name: string]: JsonWithDigits },
    key: string,
    signal: AbortSignal,
    quotable: CardRequest['pan'][] = [],
  ): Promise<Exchange> {
    const headers = {
      'Content-Type': 'application/json',
      'X-API-Key': this.#secrets.credential ?? '',
      [idempotency.header]: key,
    };
    return exchange(this.#line, { method: 'POST', path, headers, body: jsonPieces(document), quotable }, signal);
  }
}

/** An answer that is no result: certain only where Adyen says that it has not processed the request. */
function refused({ status, body }: Extract<Exchange, { kind: 'answered' }>): {
  outcome: 'not-sent' | 'unknown';
  code: string;
} {
  const errorCode = faultAnswer.safeParse(readJson(body)).data?.errorCode;
  const notDone = notDoneStatuses.includes(status) && errorCode !== inProgress;
  return { outcome: notDone ? 'not-sent' : 'unknown', code: errorCode ?? `status-${status}` };
}
