import type { CallId, SessionId } from '../shared/ids.ts';
import type { SessionEvent } from './session-event.ts';

/** An event that is owed to receivers outside, as it is written down before any of them is told. */
export interface Notice {
  /** Sent with every try, so that a receiver knows what it has had already. */
  readonly id: string;
  /** Names of those who have not had it yet. */
  readonly hooks: readonly string[];
  /** ISO time of the event. */
  readonly at: string;
  /** What is sent: the frame of the WebSocket without its number. */
  readonly event: Readonly<Record<string, unknown>>;
}

/**
 * Receivers outside, as payments need them. What came of a payment and the notices owed for it stand in one entry of the
 * book, so that nobody who dies between the two can owe what nobody knows of.
 */
export interface NoticeOffice {
  /** @returns what is owed of the event; undefined where nobody outside wants to hear of it. Writes and sends nothing. */
  draw(call: CallId, session: SessionId, event: SessionEvent): Notice | undefined;
  /** The notices are safe: their receivers may be told. Never throws and never waits. */
  send(notices: readonly Notice[]): void;
}
