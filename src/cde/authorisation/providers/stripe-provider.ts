import type { Clock } from '../../../shared/clock.ts';
import type { AttemptId } from '../../../shared/ids.ts';
import {
  type AuthorisationOutcome,
  type EnquiryAnswer,
  type EnquirySubject,
  type PspDescription,
  paymentTypes,
  type RefundOrder,
  type RefundOutcome,
} from '../../messages.ts';
import type { CardRequest, PaymentProvider } from '../payment-provider.ts';
import { type OwnDigits, providerAmount } from '../provider-amount.ts';
import { describeProvider } from '../provider-description.ts';
import type { PspSecrets } from '../psp-secrets.ts';
import type { PspSettings } from '../psp-settings.ts';
import { type Exchange, exchange, type Line } from '../wire/exchange.ts';
import { type FormFields, formPieces } from '../wire/form-pieces.ts';
import { pspTarget } from '../wire/psp-target.ts';
import {
  type StripeAnswer,
  type StripeIntent,
  type StripeObject,
  stripeFate,
  stripeFound,
  stripeIntent,
  stripeObject,
  stripeRefusal,
} from './stripe-answer.ts';
import { paymentIntentForm, paymentMethodForm, setupIntentForm } from './stripe-form.ts';

/** The version that the answers are read by; of the real client 23.1.0. */
export const stripeVersion = '2026-10-28.endive';
const stripeUrl = 'https://api.stripe.com';

/** Where Stripe does not follow ISO 4217 (docs.stripe.com/currencies, "Zero-decimal currencies" and "Special cases"). */
const stripeDigits: OwnDigits = { ISK: 2, MGA: 0, UGX: 2 };
/** Of these Stripe takes no thousandths but whole tens of them (same page, "Three-decimal currencies"). */
const wholeTens: readonly string[] = ['BHD', 'JOD', 'KWD', 'OMR', 'TND'];

/** docs.stripe.com/api/idempotent_requests: at least 24 hours; a repeat gets the first answer, a 500 too. */
const idempotency = { header: 'Idempotency-Key', hours: 24 };

/**
 * Stripe with raw cards, as mail/telephone order; the account must be let into both. A payment is two requests: the card
 * becomes a payment method, which charges nothing, and only then is a payment intent confirmed, without the card in it.
 */
export class StripeProvider implements PaymentProvider {
  readonly timeoutMs: number;
  readonly #line: Line;
  readonly #secrets: PspSecrets;
  readonly #description: PspDescription;

  constructor(psp: PspSettings, clock: Clock, secrets: PspSecrets) {
    this.timeoutMs = psp.timeoutSeconds * 1000;
    this.#secrets = secrets;
    const target = pspTarget(psp.url ?? stripeUrl, psp.tls, secrets.passphrase);
    this.#line = { target, clock, connectMs: this.timeoutMs / 3 };
    this.#description = describeProvider(psp, {
      label: { en: 'Stripe', ja: 'Stripe' },
      types: paymentTypes,
      can: { enquire: true, void: true, refund: true, partialRefund: true },
      idempotency,
    });
  }

  describe(): PspDescription {
    return this.#description;
  }

  async authorise(request: CardRequest, signal: AbortSignal): Promise<AuthorisationOutcome> {
    const { order, attempt, pan } = request;
    const amount = stripeAmount(order.amount ?? 0, order.currency);
    if (amount === undefined) return { outcome: 'not-sent', code: 'amount-not-representable' };
    // Without a key: it charges nothing, and Stripe would answer a repeat with the first answer, a 500 too.
    const made = stripeObject(await this.#post('/payment_methods', paymentMethodForm(request), null, signal, [pan]));
    if (made.kind !== 'done') return chargedNothing(stripeRefusal(made));
    if (order.type === 'tokenise') return this.#keep(request, made.value.id, signal);
    const form = paymentIntentForm(request, made.value.id, amount);
    const intent = stripeIntent(await this.#post('/payment_intents', form, attempt, signal, [pan]));
    if (intent.kind !== 'done') return stripeRefusal(intent);
    const fate = stripeFate(intent.value);
    if (fate.answer === 'paid') return { outcome: 'approved', reference: fate.reference };
    return fate.answer === 'not-paid'
      ? { outcome: 'declined', code: intent.value.status, message: '', retryable: true }
      : { outcome: 'unknown', code: intent.value.status };
  }

  /** By the mark that every payment intent of ours bears. The search lags behind, so what it does not find is not known. */
  async enquire(attempt: AttemptId, about: EnquirySubject, signal: AbortSignal): Promise<EnquiryAnswer> {
    const found = about === 'payment' ? await this.#find(attempt, signal) : undefined;
    return found === undefined ? { answer: 'still-unknown' } : stripeFate(found);
  }

  async voidPayment(attempt: AttemptId, reference: string | null, signal: AbortSignal): Promise<boolean> {
    const intent = reference === null ? await this.#find(attempt, signal) : await this.#read(reference, signal);
    if (intent === undefined) throw new Error('nobody can say');
    const { id, status } = intent;
    if (stripeFate(intent).answer === 'not-paid') return true;
    const key = `${attempt}.void`;
    const done =
      status === 'requires_capture'
        ? stripeObject(await this.#post(`/payment_intents/${id}/cancel`, [], key, signal))
        : stripeObject(await this.#post('/refunds', [['payment_intent', id]], key, signal));
    if (done.kind === 'uncertain') throw new Error('nobody can say');
    if (done.kind !== 'done') return done.code === 'charge_already_refunded';
    const ended = done.value.status;
    if (ended !== 'succeeded' && ended !== 'canceled') throw new Error('not yet');
    return true;
  }

  async refund(order: RefundOrder, signal: AbortSignal): Promise<RefundOutcome> {
    const amount = stripeAmount(order.amount, order.currency);
    const payment = order.reference ?? (await this.#find(order.attempt, signal))?.id;
    if (payment === undefined || amount === undefined) return { outcome: 'not-sent', code: 'payment-not-found' };
    const form: FormFields = [
      ['payment_intent', payment],
      ['amount', amount],
      ['metadata[tonelock_refund]', order.refund],
    ];
    return refundOutcome(stripeObject(await this.#post('/refunds', form, order.refund, signal)));
  }

  /** A card that can be charged later belongs to a customer at Stripe; the token is the payment method. */
  async #keep(request: CardRequest, method: string, signal: AbortSignal): Promise<AuthorisationOutcome> {
    const { attempt, pan } = request;
    const name = request.order.details['cardholder'];
    const form: FormFields = name === undefined ? [] : [['name', name]];
    const customer = stripeObject(await this.#post('/customers', form, null, signal, [pan]));
    if (customer.kind !== 'done') return chargedNothing(stripeRefusal(customer));
    const setup = setupIntentForm(request, method, customer.value.id);
    const kept = stripeObject(await this.#post('/setup_intents', setup, attempt, signal, [pan]));
    if (kept.kind !== 'done') return chargedNothing(stripeRefusal(kept));
    return kept.value.status === 'succeeded'
      ? { outcome: 'approved', reference: method }
      : { outcome: 'declined', code: kept.value.status ?? 'declined', message: '', retryable: true };
  }

  async #find(attempt: AttemptId, signal: AbortSignal): Promise<StripeIntent | undefined> {
    const query = formText([
      ['query', `metadata["tonelock_attempt"]:"${attempt}"`],
      ['expand[0]', 'data.latest_charge'],
    ]);
    return stripeFound(await this.#get(`/payment_intents/search?${query}`, signal));
  }

  async #read(id: string, signal: AbortSignal): Promise<StripeIntent | undefined> {
    const query = formText([['expand[0]', 'latest_charge']]);
    const answer = stripeIntent(await this.#get(`/payment_intents/${encodeURIComponent(id)}?${query}`, signal));
    return answer.kind === 'done' ? answer.value : undefined;
  }

  #get(path: string, signal: AbortSignal): Promise<Exchange> {
    return exchange(
      this.#line,
      { method: 'GET', path: `/v1${path}`, headers: this.#headers(), body: [], quotable: [] },
      signal,
    );
  }

  #post(
    path: string,
    form: FormFields,
    key: string | null,
    signal: AbortSignal,
    quotable: CardRequest['pan'][] = [],
  ): Promise<Exchange> {
    const headers = { ...this.#headers(), ...(key !== null && { [idempotency.header]: key }) };
    return exchange(
      this.#line,
      { method: 'POST', path: `/v1${path}`, headers, body: formPieces(form), quotable },
      signal,
    );
  }

  #headers(): Record<string, string> {
    return {
      Authorization: `Bearer ${this.#secrets.credential ?? ''}`,
      'Content-Type': 'application/x-www-form-urlencoded',
      'Stripe-Version': stripeVersion,
    };
  }
}

/** No card in it. */
const formText = (fields: FormFields): string => formPieces(fields).join('');

/** A step that cannot charge: whatever became of it, a repeat is safe. */
const chargedNothing = (outcome: AuthorisationOutcome): AuthorisationOutcome =>
  outcome.outcome === 'unknown' ? { outcome: 'not-sent', code: outcome.code } : outcome;

function stripeAmount(amount: number, currency: string): number | undefined {
  return wholeTens.includes(currency) && amount % 10 !== 0 ? undefined : providerAmount(amount, currency, stripeDigits);
}

function refundOutcome(answer: StripeAnswer<StripeObject>): RefundOutcome {
  switch (answer.kind) {
    case 'done': {
      const { id: reference, status } = answer.value;
      if (status === 'succeeded') return { outcome: 'refunded', reference };
      if (status === 'failed' || status === 'canceled') return { outcome: 'declined', code: status, message: '' };
      return { outcome: 'requested', reference };
    }
    case 'declined':
      return { outcome: 'declined', code: answer.code, message: answer.message };
    case 'not-done':
      // A refund that Stripe names a reason against is a refusal; without one it was not even looked at.
      return answer.code.startsWith('status-') || answer.code.startsWith('connection-')
        ? { outcome: 'not-sent', code: answer.code }
        : { outcome: 'declined', code: answer.code, message: '' };
    case 'uncertain':
      return { outcome: 'unknown', code: answer.code };
  }
}
