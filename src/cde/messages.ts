import { z } from 'zod';
import { captureFailures } from '../shared/capture-failure.ts';
import { cardBrands } from '../shared/card-brand.ts';
import { type CardField, cardFields } from '../shared/card-field.ts';
import { type ErrorCode, errorCodes } from '../shared/coded-error.ts';
import type { AttemptId, CallId, SessionId } from '../shared/ids.ts';
import { legSides } from '../shared/leg-side.ts';
import { srtpPolicies } from '../shared/srtp-policy.ts';
import { mediaReportSchema, securedIntervalSchema } from './media-counts.ts';

/*
 * The closed vocabulary of the door. Everything that crosses it is plain data of these shapes and is checked on both
 * sides; a message that does not fit is dropped and counted, and its sender is at fault. No shape here has a place where
 * a card digit could stand, but `lastFour`, which exists for that, and SIP INFO bodies, which travel inwards only.
 */

const call = z.uuid().transform((text) => text as CallId);
const session = z.uuid().transform((text) => text as SessionId);
const attempt = z.uuid().transform((text) => text as AttemptId);
const leg = z.enum(legSides);
const sdp = z.string().max(16_384);
const field = z.enum(cardFields);
const count = z.number().int().min(0);
const keyName = z.string().length(1).nullable();

export const paymentTypes = ['charge', 'authorise', 'tokenise'] as const;
export type PaymentType = (typeof paymentTypes)[number];

/** How one field is taken. Times in milliseconds; keys as the characters of the configuration. */
export const fieldPolicySchema = z.strictObject({
  firstKeyMs: z.number().positive(),
  interKeyMs: z.number().positive(),
  quietMs: z.number().positive().nullable(),
  overallMs: z.number().positive(),
  clearKey: keyName,
  endKey: keyName,
  backspaceKey: keyName,
  acceptedBrands: z.array(z.enum(cardBrands)),
  showLastFour: z.boolean(),
});
export type FieldPolicy = z.output<typeof fieldPolicySchema>;

/** What the agent typed or selected; no value that was keyed. Amounts are integers of minor units. */
export const paymentOrderSchema = z.strictObject({
  type: z.enum(paymentTypes),
  amount: count.nullable(),
  currency: z.string().length(3),
  details: z.record(z.string(), z.union([z.string(), z.number()])),
  /** The surcharge that the customer has agreed to, in minor units; null as long as none was quoted. */
  acceptedSurcharge: count.nullable(),
});
export type PaymentOrder = z.output<typeof paymentOrderSchema>;

export const outcomeSchema = z.discriminatedUnion('outcome', [
  z.strictObject({ outcome: z.literal('approved'), reference: z.string().nullable() }),
  z.strictObject({ outcome: z.literal('declined'), code: z.string(), message: z.string(), retryable: z.boolean() }),
  z.strictObject({ outcome: z.literal('surcharge'), surcharge: count, total: count }),
  /** Bytes may have reached the provider and nobody can say what became of them. */
  z.strictObject({ outcome: z.literal('unknown'), code: z.string() }),
  /** Certainly not one byte was written: a repeat is safe. */
  z.strictObject({ outcome: z.literal('not-sent'), code: z.string() }),
]);
export type AuthorisationOutcome = z.output<typeof outcomeSchema>;

export const enquirySchema = z.discriminatedUnion('answer', [
  z.strictObject({ answer: z.literal('paid'), reference: z.string().nullable() }),
  z.strictObject({ answer: z.literal('not-paid') }),
  z.strictObject({ answer: z.literal('still-unknown') }),
]);
export type EnquiryAnswer = z.output<typeof enquirySchema>;

export const voidSchema = z.strictObject({ voided: z.boolean() });

/** Giving money back, all or a part of it, of a payment that was taken. */
export const refundOrderSchema = z.strictObject({
  /** The refund's own idempotency key: the same one again gives back once. */
  refund: attempt,
  /** The payment that it is about, and the provider's reference for it where there is one. */
  attempt,
  reference: z.string().nullable(),
  /** Minor units; at least one. */
  amount: count.min(1),
  currency: z.string().length(3),
  /** Whether it is all that the payment took: some providers take nothing else. */
  whole: z.boolean(),
});
export type RefundOrder = z.output<typeof refundOrderSchema>;

export const refundSchema = z.discriminatedUnion('outcome', [
  z.strictObject({ outcome: z.literal('refunded'), reference: z.string().nullable() }),
  /** Taken by the provider, who decides later and says so by means of its own. */
  z.strictObject({ outcome: z.literal('requested'), reference: z.string().nullable() }),
  /** A definite no: nothing was given back. */
  z.strictObject({ outcome: z.literal('declined'), code: z.string(), message: z.string() }),
  z.strictObject({ outcome: z.literal('unknown'), code: z.string() }),
  /** Certainly not one byte was written: a repeat is safe. */
  z.strictObject({ outcome: z.literal('not-sent'), code: z.string() }),
]);
export type RefundOutcome = z.output<typeof refundSchema>;

/** What an enquiry is about: an attempt at a payment, or a refund by its own key. */
export const enquirySubjects = ['payment', 'refund'] as const;
export type EnquirySubject = (typeof enquirySubjects)[number];

const label = z.strictObject({ en: z.string(), ja: z.string() });

/** A field that the agent fills in, as the adapter of the provider declares it (P-18, P-31). */
export const pspFieldSchema = z.strictObject({
  name: z.string(),
  label,
  kind: z.enum(['text', 'amount', 'date', 'choice']),
  required: z.boolean(),
  choices: z.array(z.string()),
  /** Transaction types for which the field applies (P-24). */
  types: z.array(z.enum(paymentTypes)),
  prefill: z.string().nullable(),
});
export type PspField = z.output<typeof pspFieldSchema>;

export const pspDescriptionSchema = z.strictObject({
  id: z.string(),
  label,
  currencies: z.array(z.string()),
  types: z.array(z.enum(paymentTypes)),
  fields: z.array(pspFieldSchema),
  needsCvc: z.boolean(),
  /** `void` takes a payment back as if it had not been; `refund` gives all of it back, `partialRefund` also a part. */
  can: z.strictObject({ enquire: z.boolean(), void: z.boolean(), refund: z.boolean(), partialRefund: z.boolean() }),
  /** The header with the attempt (null: it gets that itself), the hours it remembers (null: all); null: it knows no repeats. */
  idempotency: z.strictObject({ header: z.string().nullable(), hours: z.number().nullable() }).nullable(),
  timeOut: z.strictObject({ seconds: z.number(), resolvedBy: z.enum(['enquiries', 'nobody']) }),
});
export type PspDescription = z.output<typeof pspDescriptionSchema>;

const srtpWishes = z.strictObject({
  caller: z.enum(srtpPolicies).exactOptional(),
  agent: z.enum(srtpPolicies).exactOptional(),
});
const nothing = z.null();
const described = z.strictObject({ sdp });

/** Every request of the gateway, with the shape of its answer. The key is the kind. */
export const requests = {
  /**
   * A new call by `leg`, who offered `sdp` (null: nothing); the answer is the offer for the other leg. `srtp`: whether the
   * legs of this call are encrypted, where that differs from what the room was told.
   */
  'call.begin': {
    ask: z.strictObject({ call, srtp: srtpWishes.exactOptional(), leg, sdp: sdp.nullable() }),
    answer: described,
  },
  'call.end': { ask: z.strictObject({ call }), answer: mediaReportSchema },
  'sdp.acceptOffer': { ask: z.strictObject({ call, leg, sdp }), answer: nothing },
  'sdp.describeOffer': { ask: z.strictObject({ call, leg }), answer: described },
  'sdp.acceptAnswer': { ask: z.strictObject({ call, leg, sdp }), answer: nothing },
  /** Takes the answer of `leg`; the answer is that for the other leg. */
  'sdp.passAnswer': { ask: z.strictObject({ call, leg, sdp }), answer: described },
  'sdp.describeAnswer': { ask: z.strictObject({ call, leg }), answer: described },
  'sdp.rollback': { ask: z.strictObject({ call, leg }), answer: nothing },
  /** A SIP INFO body from a leg, unopened. `passOn` says whether the other leg may have it too: never while secured. */
  'info.received': {
    ask: z.strictObject({ call, leg, contentType: z.string().max(256), body: z.string().max(4096) }),
    answer: z.strictObject({ passOn: z.boolean() }),
  },
  /** Secures the call, then opens the field. The answer means that both are in force. */
  'field.open': { ask: z.strictObject({ call, session, field, policy: fieldPolicySchema }), answer: nothing },
  /** Closes the open field and wipes what it held; no notice follows. The call stays secured. */
  'field.stop': { ask: z.strictObject({ call }), answer: nothing },
  'call.release': { ask: z.strictObject({ call }), answer: securedIntervalSchema },
  /** Wipes what the session holds: all of it, or the named fields. */
  'card.wipe': { ask: z.strictObject({ session, fields: z.array(field).nullable() }), answer: nothing },
  /**
   * The CVC is wiped with every answer but two: `approved` with `last` false, because the next payment on the same card
   * follows, and `surcharge`, because nothing was asked of the card yet.
   */
  'payment.authorise': {
    ask: z.strictObject({ session, attempt, psp: z.string(), order: paymentOrderSchema, last: z.boolean() }),
    answer: outcomeSchema,
  },
  /** About a refund (`attempt` is its own key) `paid` means that it was carried out. */
  'payment.enquire': {
    ask: z.strictObject({ attempt, psp: z.string(), about: z.enum(enquirySubjects) }),
    answer: enquirySchema,
  },
  'payment.void': {
    ask: z.strictObject({ attempt, psp: z.string(), reference: z.string().nullable() }),
    answer: voidSchema,
  },
  'payment.refund': { ask: z.strictObject({ psp: z.string(), order: refundOrderSchema }), answer: refundSchema },
  'psp.describe': { ask: z.strictObject({}), answer: z.array(pspDescriptionSchema) },
  /** Ends every call, wipes everything, then the process exits. */
  'room.close': { ask: z.strictObject({}), answer: nothing },
} as const;

export type RequestKind = keyof typeof requests;
export type Ask<K extends RequestKind> = z.output<(typeof requests)[K]['ask']>;
export type Answer<K extends RequestKind> = z.output<(typeof requests)[K]['answer']>;

/** Words for what may go wrong inside; the only way in which the room may speak of it. */
export const incidents = [
  'press-ignored',
  'bad-info-body',
  'bad-message',
  'media-process-died',
  'media-process-slow',
  'psp-refused-connection',
  'psp-timed-out',
  'psp-answer-unreadable',
  'assertion-failed',
] as const;
export type Incident = (typeof incidents)[number];

/** More doubles than a keypad test can hold keys. */
const keypadTestMax = 64;

/** No call sees more cards than this; and no card number is so short. */
export const cardOrdinalMax = 9_999;

/** Fields whose value may be given back; of `pan` and `cvc` none ever is, and only a `pan` has a brand and a last four. */
const plainFields: readonly CardField[] = ['expiry', 'issueNumber', 'postcode'];

function saysNoSecret(completed: {
  field: CardField;
  brand: string | null;
  lastFour: string | null;
  card: number | null;
  doubled: number | null;
  value: string | null;
}): boolean {
  if (completed.field !== 'keypadTest' && completed.doubled !== null) return false;
  const ofCard = [completed.brand, completed.lastFour, completed.card];
  if (completed.field !== 'pan' && ofCard.some((said) => said !== null)) return false;
  return completed.value === null || plainFields.includes(completed.field);
}

/** What the room says by itself. */
export const noticeSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('field.progress'), call, session, field, digits: count }),
  z
    .strictObject({
      kind: z.literal('field.completed'),
      call,
      session,
      field,
      digits: count,
      brand: z.enum(cardBrands).nullable(),
      lastFour: z
        .string()
        .regex(/^\d{4}$/)
        .nullable(),
      /** Of `pan`: which card of this call it is, counted from 1; a card that comes again has its number again. */
      card: count.min(1).max(cardOrdinalMax).nullable(),
      /** Of `keypadTest`: how many keys the telephone sent twice; they count once, and from here on in every field. */
      doubled: count.max(keypadTestMax).nullable(),
      /** `expiry` (MM/YY), `issueNumber` and `postcode` are no secrets and are given back; null for `pan` and `cvc`. */
      value: z.string().max(16).nullable(),
    })
    .refine(saysNoSecret),
  z.strictObject({
    kind: z.literal('field.failed'),
    call,
    session,
    field,
    digits: count,
    reason: z.enum(captureFailures),
  }),
  z.strictObject({ kind: z.literal('media.lost'), call, leg }),
  /** Whether media can be had for new calls, told when it changes. */
  z.strictObject({ kind: z.literal('media.ready'), ready: z.boolean() }),
  /** How keys can come from the customer, beside SIP INFO. */
  z.strictObject({ kind: z.literal('call.hears'), call, events: z.boolean(), tones: z.boolean() }),
  /** What the media side did to the agent's leg from a lock to its release, or to the end of the call. */
  z.strictObject({
    kind: z.literal('call.secured'),
    call,
    endedBy: z.enum(['release', 'call']),
    interval: securedIntervalSchema,
  }),
  /** Something reached the agent's leg while it was secured. */
  z.strictObject({ kind: z.literal('call.leaked'), call, what: z.enum(['tone', 'event', 'sound']) }),
  z.strictObject({ kind: z.literal('call.died'), call }),
  z.strictObject({ kind: z.literal('incident'), word: z.enum(incidents), call: call.nullable() }),
]);
export type Notice = z.output<typeof noticeSchema>;

const codes = Object.keys(errorCodes) as [ErrorCode, ...ErrorCode[]];

/** Gateway to room. */
export const inwardSchema = z.strictObject({
  id: z.number().int(),
  kind: z.enum(Object.keys(requests) as [RequestKind, ...RequestKind[]]),
  ask: z.unknown(),
});
/** Room to gateway. */
export const outwardSchema = z.union([
  z.strictObject({ id: z.number().int(), ok: z.literal(true), answer: z.unknown() }),
  z.strictObject({ id: z.number().int(), ok: z.literal(false), code: z.enum(codes) }),
  z.strictObject({ notice: noticeSchema }),
]);
