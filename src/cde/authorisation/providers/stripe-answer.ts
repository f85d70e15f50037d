import { z } from 'zod';
import type { AuthorisationOutcome, EnquiryAnswer } from '../../messages.ts';
import { readJson } from '../wire/answer-json.ts';
import type { Exchange } from '../wire/exchange.ts';

const object = z.object({ id: z.string(), status: z.string().optional() });
const charge = z.object({ refunded: z.boolean() });
const intent = object.extend({ status: z.string(), latest_charge: z.union([charge, z.string()]).nullish() });
const found = z.object({ data: z.array(intent) });
const fault = z.object({
  error: z.object({
    type: z.string(),
    code: z.string().nullish(),
    decline_code: z.string().nullish(),
    message: z.string().nullish(),
  }),
});

export type StripeObject = z.output<typeof object>;
export type StripeIntent = z.output<typeof intent>;

/** Declines after which the same card is not worth another try (docs.stripe.com/declines/codes). */
const final: ReadonlySet<string> = new Set([
  'fraudulent',
  'lost_card',
  'merchant_blacklist',
  'pickup_card',
  'restricted_card',
  'stolen_card',
]);

/**
 * Statuses with which Stripe says that it did not do what was asked (docs.stripe.com/error-low-level): not 409, where the
 * same key is under way, and not 5xx, of which Stripe itself says that the result is not known.
 */
const notDoneStatuses: readonly number[] = [400, 401, 403, 404, 429];

/** One answer of Stripe, sorted: what was asked for, a definite no, or nothing that says anything for certain. */
export type StripeAnswer<T> =
  | { readonly kind: 'done'; readonly value: T }
  | { readonly kind: 'declined'; readonly code: string; readonly message: string; readonly retryable: boolean }
  | { readonly kind: 'not-done'; readonly code: string }
  | { readonly kind: 'uncertain'; readonly code: string };

function sorted<T>(came: Exchange, schema: z.ZodType<T>): StripeAnswer<T> {
  if (came.kind !== 'answered') return { kind: came.kind === 'lost' ? 'uncertain' : 'not-done', code: came.code };
  const said = readJson(came.body);
  if (came.status === 200) {
    const value = schema.safeParse(said);
    return value.success ? { kind: 'done', value: value.data } : { kind: 'uncertain', code: 'answer-unreadable' };
  }
  const { error } = fault.safeParse(said).data ?? {};
  if (came.status === 402 && error !== undefined) {
    const code = error.decline_code ?? error.code ?? 'declined';
    return { kind: 'declined', code, message: error.message ?? '', retryable: !final.has(code) };
  }
  const code = error?.code ?? `status-${came.status}`;
  return { kind: notDoneStatuses.includes(came.status) ? 'not-done' : 'uncertain', code };
}

export const stripeObject = (came: Exchange): StripeAnswer<StripeObject> => sorted(came, object);
export const stripeIntent = (came: Exchange): StripeAnswer<StripeIntent> => sorted(came, intent);

/** The first of a search; undefined when it found none or could not be made. */
export function stripeFound(came: Exchange): StripeIntent | undefined {
  const answer = sorted(came, found);
  return answer.kind === 'done' ? answer.value.data[0] : undefined;
}

/** A definite no, as the outcome of an authorisation or of a step of one that charges nothing. */
export function stripeRefusal(answer: Exclude<StripeAnswer<unknown>, { kind: 'done' }>): AuthorisationOutcome {
  switch (answer.kind) {
    case 'declined': {
      const { code, message, retryable } = answer;
      return { outcome: 'declined', code, message, retryable };
    }
    case 'not-done':
      return { outcome: 'not-sent', code: answer.code };
    case 'uncertain':
      return { outcome: 'unknown', code: answer.code };
  }
}

/** What a payment intent says of the money (docs.stripe.com/payments/paymentintents/lifecycle). */
export function stripeFate({ id, status, latest_charge: charged }: StripeIntent): EnquiryAnswer {
  switch (status) {
    case 'succeeded':
    case 'requires_capture':
      return typeof charged === 'object' && charged?.refunded === true
        ? { answer: 'not-paid' }
        : { answer: 'paid', reference: id };
    case 'canceled':
    case 'requires_payment_method':
      return { answer: 'not-paid' };
    default:
      return { answer: 'still-unknown' };
  }
}
