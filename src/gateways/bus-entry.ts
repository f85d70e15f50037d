import { z } from 'zod';
import { frameSchemas, writeFrame } from '../agent/frame.ts';
import { sessionViewSchema } from '../payment/session-view.ts';
import { callViewSchema } from '../telephony/call-view.ts';

/** A call as one gateway has it, with the session that is open on it: what the others show, and what they go by when it dies. */
export const heldCallSchema = z.strictObject({
  gateway: z.string(),
  call: callViewSchema,
  session: sessionViewSchema.nullable(),
});
export type HeldCall = z.output<typeof heldCallSchema>;

const eventSchema = z.looseObject({ type: z.enum(Object.keys(frameSchemas) as [string, ...string[]]) });

/** An event on its way between gateways: the frame of the WebSocket without its number. */
export const busEntrySchema = z.strictObject({
  id: z.uuid(),
  at: z.iso.datetime(),
  callId: z.string(),
  sessionId: z.string().nullable(),
  event: eventSchema,
  /** The call after the event; null when it is over or another agent's, absent when the event says nothing of it. */
  held: heldCallSchema.nullable().optional(),
});
export type BusEntry = z.output<typeof busEntrySchema>;

/** @returns undefined for what is none of ours. */
export function readEntry(text: string): BusEntry | undefined {
  return busEntrySchema.safeParse(parsed(text)).data;
}

export function readHeldCall(text: string): HeldCall | undefined {
  return heldCallSchema.safeParse(parsed(text)).data;
}

/** The frame of an entry under its number; undefined when the event does not fit its schema. */
export function frameOf({ at, callId, sessionId, event }: BusEntry, seq: number): string | undefined {
  return writeFrame({ seq, at, ...event, callId, sessionId });
}

/** What of an event its schema names, and nothing else; undefined when it does not fit. */
export function fittingEvent(entry: Omit<BusEntry, 'event' | 'id'> & { event: object & { type: string } }) {
  const { at, callId, sessionId, event } = entry;
  const frame = frameSchemas[event.type]?.safeParse({ seq: 0, at, ...event, callId, sessionId });
  if (frame?.success !== true) return undefined;
  const { seq: _, at: __, callId: ___, sessionId: ____, ...rest } = frame.data as Record<string, unknown>;
  return eventSchema.parse(rest);
}

export function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
