import { z } from 'zod';
import { legSides } from '../../../shared/leg-side.ts';
import { mediaReportSchema, securedIntervalSchema } from '../../media-counts.ts';
import { comfortFills } from './comfort-fill.ts';
import { ioChoices } from './io-choice.ts';
import { leakKinds } from './leak-watch.ts';
import { packedOrderSchema } from './leg-order.ts';

/*
 * What the room and a media process say to each other, checked on both sides. Keys do not travel here but by the key
 * pipe (`key-pipe.ts`), as bytes that are wiped: a message would leave them in the memory of two serialisers.
 */

const call = z.number().int().min(1).max(0xffff_ffff);
const leg = z.enum(legSides);
const port = z.number().int().min(1).max(65_534);
const ms = z.number().min(0);
const nothing = z.null();

export const relayOptionsSchema = z.strictObject({
  io: z.enum(ioChoices),
  address: z.union([z.ipv4(), z.ipv6()]),
  sourcePolicy: z.enum(['strict', 'learnOnce', 'off']),
  lossMs: z.strictObject({ first: ms, running: ms, held: ms }),
  secureAudio: z.enum(['mute', 'agentTalks', 'masked']),
  betweenCaptures: z.enum(['pass', 'drop']),
  lookBackMs: z.number().int().min(0).max(200),
  fill: z.enum(comfortFills),
});

export const mediaRequests = {
  /** The first message; nothing else is understood before it. */
  begin: { ask: relayOptionsSchema, answer: nothing },
  /** Relays for calls to come; the answer names those whose ports could be bound. */
  'relays.open': {
    ask: z.strictObject({ relays: z.array(z.strictObject({ call, caller: port, agent: port })) }),
    answer: z.strictObject({ bound: z.array(call) }),
  },
  'call.secure': { ask: z.strictObject({ call, generation: z.number().int().min(1).max(0xffff) }), answer: nothing },
  'call.release': { ask: z.strictObject({ call }), answer: securedIntervalSchema },
  /** The counts of the call, and of the lock that ended with it. */
  'call.close': {
    ask: z.strictObject({ call }),
    answer: z.strictObject({ report: mediaReportSchema, secured: securedIntervalSchema.nullable() }),
  },
  /** Proves that the process still answers. */
  beat: { ask: nothing, answer: nothing },
} as const;

export type MediaRequest = keyof typeof mediaRequests;
export type MediaAsk<K extends MediaRequest> = z.output<(typeof mediaRequests)[K]['ask']>;
export type MediaAnswer<K extends MediaRequest> = z.output<(typeof mediaRequests)[K]['answer']>;

const id = z.number().int().min(0);
const kind = z.enum(Object.keys(mediaRequests) as [MediaRequest, ...MediaRequest[]]);

export const toProcessSchema = z.union([
  z.strictObject({ id, kind, ask: z.unknown() }),
  /** Needs no answer: whatever is asked afterwards comes afterwards. A call for which it cannot be done is told as `failed`. */
  z.strictObject({ configure: packedOrderSchema }),
]);
export const fromProcessSchema = z.union([
  z.strictObject({ id, ok: z.literal(true), answer: z.unknown() }),
  z.strictObject({ id, ok: z.literal(false) }),
  z.strictObject({ lost: z.strictObject({ call, leg }) }),
  z.strictObject({ failed: z.strictObject({ call }) }),
  z.strictObject({ leaked: z.strictObject({ call, kind: z.enum(leakKinds) }) }),
]);
