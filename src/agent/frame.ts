import { z } from 'zod';
import { type SessionEvent, sessionEventSchemas } from '../payment/session-event.ts';
import { sessionViewSchema } from '../payment/session-view.ts';
import { type CallEvent, callEventSchemas, callViewSchema } from '../telephony/call-view.ts';

export type AgentEvent = CallEvent | SessionEvent;

/** What an event is about. */
export interface EventSubject {
  readonly callId: string;
  readonly sessionId: string | null;
}

const place = {
  /** Counts up by one an event, per agent. */
  seq: z.number().int(),
  at: z.iso.datetime(),
};
const subject = { callId: z.string(), sessionId: z.string().nullable() };

/** Every frame that the server sends, by its type. */
export const frameSchemas: Readonly<Record<string, z.ZodObject>> = {
  /** All that the agent would know after reading every event up to `seq`. */
  snapshot: z.object({
    ...place,
    type: z.literal('snapshot'),
    calls: z.array(callViewSchema),
    sessions: z.array(sessionViewSchema),
  }),
  ...Object.fromEntries(
    Object.entries({ ...callEventSchemas, ...sessionEventSchemas }).map(([type, schema]) => [
      type,
      z.object({ ...place, ...subject, ...schema.shape, type: z.literal(type) }),
    ]),
  ),
};

export const resumeSchema = z.object({
  type: z.literal('resume'),
  /** The last `seq` that the client has seen. */
  after: z.number().int().min(0),
});
/** A page cannot see the pings of the protocol itself (RFC 6455 §5.5.2), so whoever doubts the network asks in words. */
export const pingSchema = z.object({ type: z.literal('ping') });

/** What a client may send. */
export const clientMessageSchema = z.discriminatedUnion('type', [resumeSchema, pingSchema]);

/** The answer to `ping`; `seq` is the last event's number, so that one which was lost at the end is missed too. */
export const pongSchema = z.object({ ...place, type: z.literal('pong') });

/**
 * Writes a frame out of what its schema names and nothing else.
 * @returns undefined when it does not fit its schema: it must not leave then.
 */
export function writeFrame(fields: { readonly type: string; readonly [name: string]: unknown }): string | undefined {
  const result = frameSchemas[fields.type]?.safeParse(fields);
  return result?.success === true ? JSON.stringify(result.data) : undefined;
}
