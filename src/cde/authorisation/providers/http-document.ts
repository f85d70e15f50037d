import { z } from 'zod';
import { cardBrands } from '../../../shared/card-brand.ts';
import { paymentTypes } from '../../messages.ts';

/*
 * What the gateway and an operator's own endpoint say to each other: one JSON document there, one back, with status 200
 * whenever the endpoint has an answer, a decline included. Published as JSON Schema: `tonelock psp-schema`.
 */

export const documentVersion = 1;

const head = { version: z.literal(documentVersion), psp: z.string() };
const attempt = z.uuid().describe('The idempotency key of the payment: the same one again must not charge again.');
const money = {
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/)
    .describe('ISO 4217'),
  exponent: z.number().int().min(0).max(4).describe('Digits behind the point of the currency, ISO 4217.'),
};
const minorUnits = z.number().int().min(0).describe('In minor units of the currency.');
const reference = z.string().nullable().describe("The endpoint's own reference for it; never the card number.");

export const authoriseDocument = z
  .strictObject({
    ...head,
    operation: z.literal('authorise'),
    attempt,
    type: z.enum(paymentTypes),
    amount: minorUnits.nullable().describe('Null for tokenise.'),
    ...money,
    acceptedSurcharge: minorUnits
      .nullable()
      .describe(
        'The surcharge that the customer has agreed to, to be charged beside the amount; null: none was quoted.',
      ),
    details: z.record(z.string(), z.union([z.string(), z.number()])).describe('What the agent typed; expiry as MM/YY.'),
    card: z.strictObject({
      number: z.string().regex(/^\d{12,19}$/),
      securityCode: z
        .string()
        .regex(/^\d{3,4}$/)
        .nullable(),
      brand: z.enum(cardBrands),
      entry: z.literal('telephone').describe('Keyed by the cardholder on a call: mail/telephone order.'),
    }),
  })
  .describe(
    'Header Idempotency-Key: the attempt; after an accepted surcharge the attempt, ".surcharge-" and its number.',
  );

export const enquireDocument = z.strictObject({
  ...head,
  operation: z.literal('enquire'),
  about: z.enum(['payment', 'refund']),
  attempt: z.uuid().describe('Of a refund: the refund.'),
});

export const voidDocument = z.strictObject({ ...head, operation: z.literal('void'), attempt, reference });

export const refundDocument = z.strictObject({
  ...head,
  operation: z.literal('refund'),
  refund: z.uuid().describe('The idempotency key of the refund.'),
  attempt,
  reference,
  amount: minorUnits,
  ...money,
});

const said = { code: z.string(), message: z.string().default('') };

export const authoriseAnswer = z.discriminatedUnion('outcome', [
  z.object({ outcome: z.literal('approved'), reference: reference.default(null) }),
  z.object({
    outcome: z.literal('declined'),
    ...said,
    retryable: z.boolean().default(false).describe('Whether the customer may try again with other details.'),
  }),
  z
    .object({ outcome: z.literal('surcharge'), surcharge: minorUnits })
    .describe('Nothing was charged: asked again with acceptedSurcharge.'),
]);

export const enquireAnswer = z.discriminatedUnion('answer', [
  z.object({ answer: z.literal('paid'), reference: reference.default(null) }),
  z.object({ answer: z.literal('not-paid') }).describe('It was not charged and never will be.'),
  z.object({ answer: z.literal('still-unknown') }),
]);

export const voidAnswer = z.object({
  voided: z
    .boolean()
    .describe('True: nothing stays charged, also when that was so before. False: it stands as it was.'),
});

export const refundAnswer = z.discriminatedUnion('outcome', [
  z.object({ outcome: z.literal('refunded'), reference: reference.default(null) }),
  z
    .object({ outcome: z.literal('requested'), reference: reference.default(null) })
    .describe('Taken; decided later by the endpoint.'),
  z.object({ outcome: z.literal('declined'), ...said }),
]);

/** Statuses with which an endpoint promises that it has done nothing at all (RFC 9110 §15.5.2, §15.5.4, §15.5.5 …). */
export const nothingDoneStatuses: readonly number[] = [401, 403, 404, 405, 413, 415, 429];
