import { z } from 'zod';

/** A call as agents and CRMs see it (contract §5). */
export const callViewSchema = z.object({
  callId: z.string(),
  direction: z.enum(['inbound', 'outbound']),
  state: z.enum(['ringing', 'answered', 'ended']),
  agent: z.string(),
  sessionId: z.string().nullable(),
  /** How keys can come from the customer, beside SIP INFO; tones are found in G.711 only. */
  keysBy: z.array(z.enum(['events', 'tones'])),
});
export type CallView = z.output<typeof callViewSchema>;

const legReportSchema = z.object({
  received: z.number(),
  sent: z.number(),
  /** Packets of the leg that never came. */
  lost: z.number(),
  /** Interarrival jitter, RFC 3550 §6.4.1. */
  jitterMs: z.number(),
  /** Packets that were no part of the call: by their source, their stream, their shape or their seal. */
  refused: z.number(),
});
/** The quality of both legs over the call; null when the media side was gone. */
const mediaSchema = z.object({ caller: legReportSchema, agent: legReportSchema }).nullable();

export const callEndings = ['caller', 'agent', 'gateway'] as const;

const common = { agent: z.string(), direction: z.enum(['inbound', 'outbound']) };

/** What happens to a call, in the words of the WebSocket. */
export const callEventSchemas = {
  'call.started': z.object({ ...common, call: callViewSchema }),
  'call.answered': z.object({ ...common, call: callViewSchema }),
  'call.ended': z.object({
    ...common,
    call: callViewSchema,
    by: z.enum(callEndings),
    reason: z.string(),
    media: mediaSchema,
  }),
  'call.transferred': z.object({ ...common, call: callViewSchema, from: z.string() }),
} as const;

export type CallEventType = keyof typeof callEventSchemas;
export type CallEvent = {
  [K in CallEventType]: { readonly type: K } & Readonly<z.output<(typeof callEventSchemas)[K]>>;
}[CallEventType];
