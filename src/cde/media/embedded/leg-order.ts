import { z } from 'zod';
import { Known } from '../../../shared/known.ts';
import { KnownOf } from '../../../shared/known-of.ts';
import type { LegSide } from '../../../shared/leg-side.ts';
import { type LegLists, type LegSettings, legSettingsSchema } from '../offer-answer/leg-settings.ts';

/** By what the named legs of a call run from here on. */
export interface LegOrder {
  readonly call: number;
  readonly legs: Readonly<Partial<Record<LegSide, LegSettings>>>;
}

const listed = { codecs: true, events: true, redundant: true } as const;
const listsSchema = legSettingsSchema.pick(listed);

/** On its way to a media process: the lists as one text. They are the same for most legs, and are read and checked once. */
const packedLegSchema = legSettingsSchema.omit(listed).extend({ lists: z.string().max(8192) });
type PackedLeg = z.output<typeof packedLegSchema>;

export const packedOrderSchema = z.strictObject({
  call: z.number().int().min(1).max(0xffff_ffff),
  legs: z.strictObject({ caller: packedLegSchema.exactOptional(), agent: packedLegSchema.exactOptional() }),
});
type PackedOrder = z.output<typeof packedOrderSchema>;

const texts = new KnownOf<string>();

function packLeg({ remote, mux, srtp, listens, talks, ptimeMs, codecs, events, redundant }: LegSettings): PackedLeg {
  const lists = texts.from([codecs, events, redundant], () => JSON.stringify({ codecs, events, redundant }));
  return { remote, mux, srtp, listens, talks, ptimeMs, lists };
}

export function packOrder({ call, legs: { caller, agent } }: LegOrder): PackedOrder {
  return { call, legs: { ...(caller && { caller: packLeg(caller) }), ...(agent && { agent: packLeg(agent) }) } };
}

const known = new Known<LegLists>();

/** The lists of legs that have the same ones are the same objects. @throws for lists out of shape. */
function unpackLeg({ remote, mux, srtp, listens, talks, ptimeMs, lists }: PackedLeg): LegSettings {
  const { codecs, events, redundant } = known.from(lists, () => listsSchema.parse(JSON.parse(lists)));
  return { remote, mux, srtp, listens, talks, ptimeMs, codecs, events, redundant };
}

/** @throws for lists out of shape. */
export function unpackOrder({ call, legs: { caller, agent } }: PackedOrder): LegOrder {
  return { call, legs: { ...(caller && { caller: unpackLeg(caller) }), ...(agent && { agent: unpackLeg(agent) }) } };
}
