import type { LegSide } from '../shared/leg-side.ts';

/*
 * One call, from the INVITE that begins it to the moment when nothing of it is left.
 *
 *   start ──arrived──▶ preparing ──prepared──▶ dialling ──answered──▶ answering ──accepted──▶ answered
 *                         │                       │ cancelled             │                      │
 *                         │                       ▼                       │                      │
 *                         │                   cancelling ── target's final answer                │
 *                         ▼                       ▼                       ▼                      ▼
 *                       ending ◀─────────── every death ─────────────────────────────────── hungUp …
 *                         │ settled (payments have wiped)
 *                         ▼
 *                       ended
 *
 * The *origin* is the leg that called, the *target* the one that we call. Who of the two is the customer does not matter
 * here. Deaths, and who learns of them:
 *   origin cancels before the answer      target is cancelled; if its 200 crosses the CANCEL, it gets a BYE
 *   origin cancels while we answer it     its 200 fails, target gets a BYE
 *   target refuses, or nobody answers     origin gets the same status (408 as 480), or 480 after the ring limit
 *   media cannot be prepared or secured   origin gets 488 or 503, target a CANCEL or BYE
 *   either leg hangs up                   the other gets a BYE
 *   media side or gateway ends the call   both get a BYE, or the origin a 503 and the target a CANCEL
 * A transfer by the agent replaces the agent's leg and nothing else: see `transfer-machine.ts`.
 */
export type CallState =
  | { readonly at: 'start' }
  | { readonly at: 'preparing' }
  | { readonly at: 'dialling' }
  | { readonly at: 'cancelling'; readonly by: Ending }
  | { readonly at: 'answering' }
  /** `transfer` is there from an accepted REFER until the new agent has answered or refused. */
  | { readonly at: 'answered'; readonly transfer: Transfer | undefined }
  | { readonly at: 'ending'; readonly by: Ending }
  | { readonly at: 'ended' };

/** Who ended the call, and why in a word. */
export interface Ending {
  readonly by: LegSide | 'gateway';
  readonly reason: string;
}

export type CallEvent =
  | { readonly type: 'arrived'; readonly sdp: string | null }
  | { readonly type: 'prepared'; readonly offer: string }
  | { readonly type: 'unprepared'; readonly status: number }
  | { readonly type: 'progress'; readonly status: number; readonly sdp: string | null }
  | { readonly type: 'targetAnswered'; readonly sdp: string | null }
  | { readonly type: 'targetRefused'; readonly status: number }
  | { readonly type: 'ringLimit' }
  | { readonly type: 'originCancelled' }
  | { readonly type: 'originAccepted' }
  | { readonly type: 'originFailed' }
  | { readonly type: 'mediaFailed'; readonly status: number }
  | { readonly type: 'hungUp'; readonly side: 'origin' | 'target'; readonly reason: string }
  | { readonly type: 'gatewayEnds'; readonly reason: string }
  | { readonly type: 'referred'; readonly uri: string; readonly agent: string; readonly replaces: string | null }
  | { readonly type: 'transfereeAnswered'; readonly sdp: string | null }
  | { readonly type: 'transfereeRefused'; readonly status: number }
  | { readonly type: 'transfereeAdopted' }
  | { readonly type: 'settled' };

export type CallEffect =
  | { readonly do: 'prepareMedia'; readonly sdp: string | null }
  | { readonly do: 'dial'; readonly offer: string }
  | { readonly do: 'announceStart' }
  | { readonly do: 'progressOrigin'; readonly status: number; readonly answer: string | null }
  | { readonly do: 'answerOrigin'; readonly answer: string | null }
  | { readonly do: 'announceAnswer' }
  | { readonly do: 'rejectOrigin'; readonly status: number }
  | { readonly do: 'cancelTarget' }
  | { readonly do: 'bye'; readonly leg: 'origin' | 'target' | 'transferee'; readonly reason: string }
  | { readonly do: 'dialTransferee'; readonly uri: string; readonly replaces: string | null }
  | { readonly do: 'cancelTransferee' }
  /** Media of the agent's leg goes to the transferee by its answer; `transfereeAdopted` or `transfereeRefused` follows. */
  | { readonly do: 'adoptTransferee'; readonly answer: string | null }
  /** The transferee's dialog is the agent's leg now: the old one is ended, the call belongs to `agent`. */
  | { readonly do: 'completeTransfer'; readonly agent: string }
  /** Says to the agent who asked what became of the transfer (RFC 3515 §2.4.4), and forgets its offer when it failed. */
  | { readonly do: 'reportTransfer'; readonly status: number }
  /** Payments wipe and say what failed, then `settled` comes; the timers of the call stop at once. */
  | { readonly do: 'settle'; readonly ending: Ending }
  /** Media ends, then the call leaves the register and `call.ended` goes out. */
  | { readonly do: 'finish'; readonly ending: Ending };

export interface Step {
  readonly state: CallState;
  readonly effects: readonly CallEffect[];
}

/** What the machine needs to know of a call and never changes. */
export interface CallFacts {
  readonly originSide: LegSide;
  readonly targetSide: LegSide;
}

/** The same for all calls that begin on the same side. */
export const factsBy: Readonly<Record<LegSide, CallFacts>> = {
  caller: { originSide: 'caller', targetSide: 'agent' },
  agent: { originSide: 'agent', targetSide: 'caller' },
};

/** A transfer under way: the agent's leg is still the one that sent the REFER. */
export interface Transfer {
  /** The agent that the call will belong to. */
  readonly agent: string;
  /** Whether the agent who asked has hung up already, as telephones do after a blind transfer. */
  readonly referrerGone: boolean;
}

// Wiping comes before everything that could release the call: `settle` is always the first effect.
export function end(by: Ending, effects: readonly CallEffect[] = []): Step {
  return { state: { at: 'ending', by }, effects: [{ do: 'settle', ending: by }, ...effects] };
}
