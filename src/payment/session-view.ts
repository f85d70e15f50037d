import { z } from 'zod';
import { captureFailures } from '../shared/capture-failure.ts';
import { cardBrands } from '../shared/card-brand.ts';

export const sessionStates = [
  'details',
  'locked',
  'ready',
  'authorising',
  'surcharge',
  'succeeded',
  'declined',
  'unknown',
  'cancelled',
  'closed',
] as const;
export type SessionState = (typeof sessionStates)[number];

export const paymentStates = [
  'draft',
  'authorising',
  'succeeded',
  'declined',
  'unknown',
  'cancelled',
  'not-sent',
] as const;

/** One field as everybody outside the walled room sees it: how many digits, never which. */
export const fieldViewSchema = z.object({
  state: z.enum(['empty', 'capturing', 'complete', 'failed']),
  digits: z.number().int(),
  mask: z.string().regex(/^\**$/),
  brand: z.enum(cardBrands).nullable(),
  lastFour: z.string().nullable(),
  reason: z.enum(captureFailures).nullable(),
  /** Of `keypadTest`: how many keys the telephone sent twice; absent of every other field. */
  doubled: z.number().int().optional(),
});
export type FieldView = z.output<typeof fieldViewSchema>;

/** One payment of the session; `n` counts from 1 within the card. */
export const paymentViewSchema = z.object({
  n: z.number().int(),
  id: z.string(),
  type: z.enum(['charge', 'authorise', 'tokenise']).nullable(),
  amount: z.number().int().nullable(),
  /** What the customer has agreed to pay beside the amount (P-61); absent where nothing was quoted. */
  surcharge: z.number().int().optional(),
  state: z.enum(paymentStates),
  reference: z.string().nullable(),
  /** What of it was given back since, in minor units; absent where nothing was. */
  givenBack: z.number().int().optional(),
});
export type PaymentView = z.output<typeof paymentViewSchema>;

const label = z.object({ en: z.string(), ja: z.string() });

/** A provider as the panel offers it. */
export const pspViewSchema = z.object({
  id: z.string(),
  label,
  currencies: z.array(z.string()),
  types: z.array(z.enum(['charge', 'authorise', 'tokenise'])),
  fields: z.array(
    z.object({
      name: z.string(),
      label,
      kind: z.enum(['text', 'amount', 'date', 'choice']),
      required: z.boolean(),
      choices: z.array(z.string()),
      types: z.array(z.enum(['charge', 'authorise', 'tokenise'])),
    }),
  ),
});

/** What the customer has to pay in all, over all cards; amounts in minor units. */
export const billViewSchema = z.object({
  total: z.number().int(),
  /** What was paid and stands: without what was given back. */
  paid: z.number().int(),
  /** What is left: never below zero, and with what is unknown in it. */
  due: z.number().int(),
  /** What of it nobody can say whether it was paid. */
  unknown: z.number().int(),
  /** What of the bill was paid and given back since. */
  givenBack: z.number().int(),
  currency: z.string(),
});
export type BillView = z.output<typeof billViewSchema>;

/** The whole masked state of a session: what `GET /v1/sessions/{id}` gives and what the panel draws. */
export const sessionViewSchema = z.object({
  id: z.string(),
  callId: z.string(),
  agent: z.string(),
  state: z.enum(sessionStates),
  control: z.enum(['agent', 'crm']),
  psp: z.string(),
  psps: z.array(pspViewSchema),
  /** Changes still allowed on this call; null for no limit (P-16). */
  pspChangesLeft: z.number().int().nullable(),
  details: z.record(z.string(), z.union([z.string(), z.number()])),
  missing: z.array(z.string()),
  fields: z.record(z.string(), fieldViewSchema),
  payments: z.array(paymentViewSchema),
  /** Null as long as no detail `billTotal` was given. */
  bill: billViewSchema.nullable(),
  /** True only while the media side has confirmed the lock. */
  locked: z.boolean(),
  /** The field that is being captured now. */
  capturing: z.string().nullable(),
  surcharge: z
    .object({ amount: z.number().int(), surcharge: z.number().int(), total: z.number().int(), currency: z.string() })
    .nullable(),
  /** What the provider last said: for the summary and the messages of the panel. */
  outcome: z
    .object({ code: z.string(), message: z.string(), retryable: z.boolean(), reference: z.string().nullable() })
    .nullable(),
  /** Numbers of payments that would take from this card what was taken from it on this call already, or may have been. */
  repeats: z.array(z.number().int()),
  /** What the configuration lets the panel show (P-62, P-69). */
  show: z.object({ summary: z.boolean(), history: z.boolean() }),
  /** Commands that mean something now, so that a panel need not know the machine: the names of the routes. */
  can: z.array(z.string()),
});
export type SessionView = z.output<typeof sessionViewSchema>;
