import type { SessionEvent } from '../payment/session-event.ts';
import type { SessionView } from '../payment/session-view.ts';
import type { CallEvent, CallView } from '../telephony/call-view.ts';

/** What every frame of `/v1/events` carries beside its own fields. */
interface Envelope {
  readonly seq: number;
  readonly at?: string;
  readonly callId?: string;
  readonly sessionId?: string;
}

/** The agent's calls and sessions as they are now; the first frame of every connection. */
export interface Snapshot {
  readonly type: 'snapshot';
  readonly calls: readonly CallView[];
  readonly sessions: readonly SessionView[];
}

/** The answer to a ping: nothing has happened, and `seq` is the number of the last that did. */
interface Pong {
  readonly type: 'pong';
}

export type Frame = Envelope & (Snapshot | CallEvent | SessionEvent);

/** @returns undefined for anything that is not a numbered frame; a newer server may send more than we know. */
export function parseFrame(text: unknown): Frame | (Envelope & Pong) | undefined {
  if (typeof text !== 'string') return undefined;
  try {
    const frame: unknown = JSON.parse(text);
    if (typeof frame !== 'object' || frame === null) return undefined;
    const { seq, type } = frame as { seq?: unknown; type?: unknown };
    return typeof seq === 'number' && typeof type === 'string' ? (frame as Frame | (Envelope & Pong)) : undefined;
  } catch {
    return undefined;
  }
}
