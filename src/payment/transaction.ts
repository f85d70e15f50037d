import { z } from 'zod';
import { cardBrands } from '../shared/card-brand.ts';
import { refundViewSchema } from './refund.ts';

export const transactionOutcomes = ['succeeded', 'declined', 'unknown', 'cancelled'] as const;

/** One line of a call's history, as agents and CRMs see it (P-69, P-70). Amounts in minor units of `currency`. */
export const transactionSchema = z.object({
  id: z.string(),
  at: z.iso.datetime(),
  callId: z.string(),
  agent: z.string(),
  psp: z.string(),
  type: z.enum(['charge', 'authorise', 'tokenise']),
  amount: z.number().int().nullable(),
  currency: z.string(),
  outcome: z.enum(transactionOutcomes),
  reference: z.string().nullable(),
  brand: z.enum(cardBrands).nullable(),
  lastFour: z.string().nullable(),
  /** What the agent typed as the merchant's reference; absent where it was not written down. */
  merchantReference: z.string().nullable().optional(),
  /** What stood in the detail by which payments are looked for (`payments.searchField`); absent where nothing did. */
  searchValue: z.string().optional(),
  /** What was given back of it, or was tried to; absent where nothing was. */
  refunds: z.array(refundViewSchema).optional(),
});
export type Transaction = z.output<typeof transactionSchema>;
