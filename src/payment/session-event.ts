import { z } from 'zod';
import { captureFailures } from '../shared/capture-failure.ts';
import { cardBrands } from '../shared/card-brand.ts';
import { cardFields } from '../shared/card-field.ts';
import { refundViewSchema } from './refund.ts';
import { paymentViewSchema, sessionViewSchema } from './session-view.ts';

const field = z.enum(cardFields);
const digits = z.number().int();
const mask = z.string().regex(/^\**$/);
const payment = paymentViewSchema;
const money = { amount: z.number().int().nullable(), currency: z.string() };
const by = z.string();

/** What happens in a session, in the words of the WebSocket (contract §5). Masked: no shape here can hold a card digit. */
export const sessionEventSchemas = {
  'session.opened': z.object({ session: sessionViewSchema, by }),
  'session.changed': z.object({ session: sessionViewSchema, by }),
  'session.closed': z.object({ session: sessionViewSchema, by }),
  'capture.locked': z.object({ field }),
  'capture.progress': z.object({ field, digits, mask }),
  'capture.completed': z.object({
    field,
    digits,
    mask,
    brand: z.enum(cardBrands).optional(),
    lastFour: z.string().optional(),
    /** Of `keypadTest`: how many keys the telephone sent twice; from here on they count once. */
    doubled: z.number().int().optional(),
  }),
  'capture.failed': z.object({ field, reason: z.enum(captureFailures) }),
  'capture.unlocked': z.object({ field }),
  'payment.authorising': z.object({ payment }),
  'payment.surcharge': z.object({ payment, surcharge: z.number().int(), total: z.number().int(), ...money }),
  /** A frame's `type` is the event's, so the payment's own stands beside it under a name of its own. */
  'payment.succeeded': z.object({ payment, reference: z.string().nullable(), paymentType: z.string(), ...money }),
  'payment.declined': z.object({ payment, code: z.string(), message: z.string(), retryable: z.boolean() }),
  'payment.unknown': z.object({ payment, message: z.string(), messages: z.object({ en: z.string(), ja: z.string() }) }),
  'payment.resolved': z.object({ payment, answer: z.enum(['paid', 'not-paid']), reference: z.string().nullable() }),
  'payment.cancelled': z.object({ payment }),
  'payment.refunded': z.object({ payment, refund: refundViewSchema, currency: z.string(), by }),
} as const;

export type SessionEventType = keyof typeof sessionEventSchemas;
export type SessionEvent = {
  [K in SessionEventType]: { readonly type: K } & Readonly<z.output<(typeof sessionEventSchemas)[K]>>;
}[SessionEventType];
