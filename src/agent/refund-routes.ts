import { z } from 'zod';
import { looksLikeCardNumber } from '../payment/card-like-text.ts';
import { refundViewSchema } from '../payment/refund.ts';
import type { PaymentSearch } from '../payment/refund-book.ts';
import { transactionSchema } from '../payment/transaction.ts';
import { CodedError } from '../shared/coded-error.ts';
import { type AttemptId, asAttemptId } from '../shared/ids.ts';
import { transactionListSchema } from './call-routes.ts';
import type { RefundCounter } from './refund-counter.ts';
import { type Route, route } from './route.ts';
import { nothingSchema } from './session-routes.ts';

export const refundWishSchema = z.strictObject({ amount: z.number().int().min(1).optional() }).prefault({});
export const resolutionSchema = z.strictObject({
  answer: z.enum(['paid', 'not-paid']),
  reference: z
    .string()
    .max(128)
    .refine((text) => !looksLikeCardNumber(text))
    .optional(),
});
export const refundResolutionSchema = resolutionSchema.extend({ answer: z.enum(['given-back', 'not-given-back']) });
export const resolvedSchema = z.object({ recorded: z.literal(true) });

const paymentPath = '/v1/transactions/{id}';
const refundProblems = [
  'payment-not-found',
  'not-refundable',
  'cannot-refund',
  'refund-running',
  'do-not-resubmit',
  'storage-failed',
  'cde-lost',
] as const;

/** Search, void, refund, and the place to record what the provider has said of an unknown payment. */
export function refundRoutes(refunds: RefundCounter): Route[] {
  return [
    route({
      name: 'searchTransactions',
      method: 'GET',
      path: '/v1/transactions',
      summary:
        "Payments of the organisation, the newest first: by a part of the provider's or the merchant's reference, by the whole of the detail that payments.searchField names, or all",
      permissions: ['payments.refund'],
      query: ['reference', 'searchValue'],
      status: 200,
      problems: ['bad-detail', 'storage-failed'],
      body: null,
      answer: transactionListSchema,
      run: async ({ query, actor }) => ({
        value: { transactions: await refunds.search(searchOf(query), actor) },
      }),
    }),
    route({
      name: 'getTransaction',
      method: 'GET',
      path: paymentPath,
      summary: 'One payment, with what was given back of it',
      permissions: ['payments.refund'],
      status: 200,
      problems: ['payment-not-found', 'storage-failed'],
      body: null,
      answer: transactionSchema,
      run: async ({ path, actor }) => ({ value: await refunds.get(paymentOf(path), actor) }),
    }),
    ...givingBack(refunds),
    route({
      name: 'recordAnswer',
      method: 'POST',
      path: `${paymentPath}/resolution`,
      summary: 'Records what the provider has said of an unknown payment, as an enquiry would',
      permissions: ['payments.refund', 'payments.take', 'crm.control'],
      status: 200,
      problems: ['payment-not-found', 'wrong-state'],
      body: resolutionSchema,
      answer: resolvedSchema,
      run: async ({ path, body, actor }) => {
        const { answer, reference = null } = body;
        await refunds.recordAnswer(paymentOf(path), answer === 'paid' ? { answer, reference } : { answer }, actor);
        return { value: { recorded: true as const } };
      },
    }),
  ];
}

/** @throws {CodedError} `bad-detail` where both are given: nobody could say which is meant. */
function searchOf({ reference, searchValue }: Readonly<Record<string, string>>): PaymentSearch {
  if (reference !== undefined && searchValue !== undefined)
    throw new CodedError('bad-detail', undefined, ['searchValue']);
  if (searchValue !== undefined) return { by: 'searchValue', value: searchValue };
  return reference === undefined ? { by: 'nothing' } : { by: 'reference', part: reference };
}

function givingBack(refunds: RefundCounter): Route[] {
  const common = { method: 'POST', permissions: ['payments.refund'], status: 201, answer: refundViewSchema } as const;
  return [
    route({
      ...common,
      name: 'refundPayment',
      path: `${paymentPath}/refunds`,
      summary: 'Gives back an amount of a payment, or all that is left; `outcome` says what the provider has answered',
      problems: [...refundProblems, 'refund-exceeds-payment', 'bad-detail'],
      body: refundWishSchema,
      run: async ({ path, body, actor }) => ({
        value: await refunds.refund(paymentOf(path), body.amount ?? null, actor),
      }),
    }),
    route({
      ...common,
      name: 'voidPayment',
      path: `${paymentPath}/void`,
      summary: 'Takes a whole payment back as if it had not been',
      problems: refundProblems,
      body: nothingSchema,
      run: async ({ path, actor }) => ({ value: await refunds.void(paymentOf(path), actor) }),
    }),
    route({
      ...common,
      status: 200,
      name: 'recordRefund',
      path: `${paymentPath}/refunds/{refund}/resolution`,
      summary: 'Records what the provider has said of an unknown refund or void, as an enquiry would',
      problems: ['payment-not-found', 'refund-running'],
      body: refundResolutionSchema,
      run: async ({ path, body, actor }) => {
        const { answer, reference = null } = body;
        const said = answer === 'given-back' ? { answer, reference } : { answer };
        return { value: await refunds.recordRefund(paymentOf(path), refundOf(path), said, actor) };
      },
    }),
  ];
}

/** An id is a UUID of ours; whatever else stands there is looked for nowhere. */
export const isPaymentId = (id: string): boolean => z.uuid().safeParse(id).success;

const paymentOf = ({ id = '' }: Readonly<Record<string, string>>): AttemptId => attemptOf(id);
const refundOf = ({ refund = '' }: Readonly<Record<string, string>>): AttemptId => attemptOf(refund);

function attemptOf(id: string): AttemptId {
  if (!isPaymentId(id)) throw new CodedError('payment-not-found');
  return asAttemptId(id);
}
