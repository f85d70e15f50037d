import type { CallId } from '../../shared/ids.ts';
import type { LegSide } from '../../shared/leg-side.ts';
import type { SrtpWishes } from '../../shared/srtp-policy.ts';
import type { KeyCode } from '../dtmf/key-code.ts';

/** How a key came to us. A key that comes in several ways is still one key: see `dtmf/press-merger.ts`. */
export type PressSource = 'event' | 'tone' | 'info';

/** One press as one way of carrying it saw it. */
export interface Press {
  readonly call: CallId;
  readonly leg: LegSide;
  readonly key: KeyCode;
  readonly source: PressSource;
  /** Milliseconds on the machine's monotonic clock at the first packet of the press. */
  readonly at: number;
}

/** What the media side can prove of one secured interval. Counts only. */
export interface SecuredInterval {
  /** Length of the interval in milliseconds. */
  readonly ms: number;
  /** Customer audio packets whose sound was replaced on the agent leg. */
  readonly audioSuppressed: number;
  /** telephone-event packets that were withheld from the agent leg. */
  readonly eventsSuppressed: number;
  /** Packets of our own making that the agent leg got instead. */
  readonly silenceSent: number;
  /** What the leak detector found on the agent leg; 0 where nothing leaked. */
  readonly leaks: number;
}

/** The interval of a call that was not secured. */
export const noInterval: SecuredInterval = { ms: 0, audioSuppressed: 0, eventsSuppressed: 0, silenceSent: 0, leaks: 0 };

/** Tones are found in G.711 and in nothing else: a customer with another codec must send events. */
export interface KeyWays {
  readonly events: boolean;
  readonly tones: boolean;
}

/** What was found on a secured agent leg: a key's tone, a telephone-event, a packet of the customer's. */
export type LeakKind = 'tone' | 'event' | 'sound';

/** Counts of one leg over the whole call. */
export interface LegReport {
  readonly received: number;
  readonly sent: number;
  readonly lost: number;
  /** Interarrival jitter in milliseconds (RFC 3550 §6.4.1). */
  readonly jitterMs: number;
  /** Packets refused by source address, SSRC or shape. */
  readonly refused: number;
}

export interface MediaReport {
  readonly caller: LegReport;
  readonly agent: LegReport;
}

/** What an engine tells the room it stands in. Presses go to entry and to nowhere else. */
export interface MediaEvents {
  pressed(press: Press): void;
  /** No packet from this leg for the configured time. The call goes on until somebody ends it. */
  lost(call: CallId, leg: LegSide): void;
  /** Whether calls can be taken, told when it changes; they can when the engine has started. */
  ready(ready: boolean): void;
  /** A secured interval has ended, by its release or with the call. */
  secured(call: CallId, interval: SecuredInterval): void;
  /** By which ways keys can come from the customer, beside SIP INFO; told when it becomes known and when it changes. */
  hears(call: CallId, ways: KeyWays): void;
  /** Something reached a secured agent leg that must not. */
  leaked(call: CallId, kind: LeakKind): void;
  /** The engine, or the part of it that carried these calls, is gone. Their ports and their locks are gone with it. */
  died(calls: readonly CallId[]): void;
}

/**
 * The port to whatever moves the sound. One offer/answer state a leg (RFC 3264): an offer that came from a leg is accepted,
 * then the other leg is offered what fits, then the answers go back the same way. Every method rejects with a
 * `CodedError`: `call-not-found`, `not-acceptable-media` (nothing in the description that can be relayed and secured),
 * `media-failed` (ports exhausted, engine gone), `bad-request` (no description at all).
 */
export interface MediaEngine {
  /**
   * Takes ports for both legs. A second call with the same id is our own fault (assertion). `srtp` goes before what the
   * engine was started with; an engine that carries none of it passes it over.
   */
  createCall(call: CallId, srtp?: SrtpWishes): Promise<void>;
  /** Notes an offer from `leg`. The media that runs is not touched until the answer. */
  acceptOffer(call: CallId, leg: LegSide, sdp: string): Promise<void>;
  /** The offer for `leg`, made of what the other leg offered or has; with neither, of everything the engine can do. */
  describeOffer(call: CallId, leg: LegSide): Promise<string>;
  /** Takes the answer of `leg` to the offer described last. A provisional answer (early media) may be taken more than once. */
  acceptAnswer(call: CallId, leg: LegSide, sdp: string): Promise<void>;
  /** The answer to the pending offer of `leg`. Media of this leg runs by it from here on. The same text again when repeated. */
  describeAnswer(call: CallId, leg: LegSide): Promise<string>;
  /** Both in one: takes the answer of `leg`, and gives the answer to the pending offer of the other leg. */
  passAnswer(call: CallId, leg: LegSide, sdp: string): Promise<string>;
  /** Forgets a pending offer to or from `leg`; what ran before goes on. Harmless when nothing is pending. */
  rollback(call: CallId, leg: LegSide): Promise<void>;
  /**
   * Resolves when no customer sound, no telephone-event and no tone reaches the agent leg any more. Twice is once.
   * After a rejection the agent leg is silent all the same: the lock fails closed.
   */
  secure(call: CallId): Promise<void>;
  /**
   * Resolves when the call is as good as open again, which waits for the press in progress to end. The agent leg carries
   * the customer within 120 ms after that, and not at once: nobody may hear the customer before he is told of the release.
   */
  release(call: CallId): Promise<SecuredInterval>;
  /** Ends both legs and gives the ports back after quarantine. Harmless when the call is unknown (an empty report). */
  endCall(call: CallId): Promise<MediaReport>;
  /** Ends every call. */
  close(): Promise<void>;
}
