import type { FaultReason } from './message/message-fault.ts';
import type { SipServerLimits } from './sip-server-limits.ts';
import type { SipProtocol } from './transport/flow.ts';

/** What happened, in closed words and numbers. No text of any message is ever in it. */
export type SipServerEvent =
  | { readonly kind: 'bad-message'; readonly protocol: SipProtocol; readonly reason: FaultReason }
  /** One message sent again, or received again and absorbed. */
  | { readonly kind: 'retransmission'; readonly direction: 'in' | 'out' }
  | { readonly kind: 'transaction-timeout'; readonly side: 'client' | 'server' }
  | { readonly kind: 'transport-failure'; readonly protocol: SipProtocol }
  /** A message that belongs to nothing here, or an event that means nothing in its state; dropped. */
  | { readonly kind: 'stray'; readonly what: 'response' | 'ack' | 'cancel' | 'machine-event' | 'client-message' }
  | { readonly kind: 'rejected'; readonly status: number }
  /** A request went on to another target, since the first was not there. */
  | { readonly kind: 'next-target' }
  | {
      readonly kind: 'dialog-abandoned';
      readonly reason: 'ack-timeout' | 'cancelled-answer' | 'extra-fork' | 'orphaned' | 'session-expired';
    }
  /** A request that begins something came from a source that may not, or came too fast. */
  | { readonly kind: 'source-refused'; readonly reason: 'unknown' | 'too-fast' | 'bad-messages' | 'blocked' }
  | { readonly kind: 'client-connected' }
  | { readonly kind: 'client-lost' }
  | { readonly kind: 'client-refused'; readonly reason: 'secret' | 'not-authenticated' | 'message' | 'too-slow' }
  | { readonly kind: 'limit-hit'; readonly limit: keyof SipServerLimits };

/** Told of every event, synchronously: it must be quick and must not throw. */
export interface SipServerObserver {
  observe(event: SipServerEvent): void;
}
