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
 */
export type CallState =
  | { readonly at: 'start' }
  | { readonly at: 'preparing' }
  | { readonly at: 'dialling'; readonly earlyMedia: boolean }
  | { readonly at: 'cancelling'; readonly by: Ending }
  | { readonly at: 'answering' }
  | { readonly at: 'answered' }
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
  | { readonly do: 'bye'; readonly leg: 'origin' | 'target'; readonly reason: string }
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

/** @returns undefined when the event means nothing in this state: it is counted by the shell, and nothing happens. */
export function transition(state: CallState, event: CallEvent, facts: CallFacts): Step | undefined {
  switch (state.at) {
    case 'start':
      return event.type === 'arrived'
        ? { state: { at: 'preparing' }, effects: [{ do: 'prepareMedia', sdp: event.sdp }] }
        : undefined;
    case 'preparing':
      return whilePreparing(event, facts);
    case 'dialling':
      return whileDialling(state, event, facts);
    case 'cancelling':
      return whileCancelling(state, event);
    case 'answering':
      return whileAnswering(event, facts);
    case 'answered':
      return whileAnswered(event, facts);
    case 'ending':
      return whileEnding(state, event);
    case 'ended':
      return lateDialog(state, event, 'call over');
  }
}

function whilePreparing(event: CallEvent, facts: CallFacts): Step | undefined {
  switch (event.type) {
    case 'prepared':
      return {
        state: { at: 'dialling', earlyMedia: false },
        effects: [{ do: 'announceStart' }, { do: 'dial', offer: event.offer }],
      };
    case 'unprepared':
      return reject(event.status, { by: 'gateway', reason: 'media' });
    case 'originCancelled':
      return end({ by: facts.originSide, reason: 'cancelled' });
    case 'gatewayEnds':
      return reject(503, { by: 'gateway', reason: event.reason });
    default:
      return undefined;
  }
}

function whileDialling(state: CallState & { at: 'dialling' }, event: CallEvent, facts: CallFacts): Step | undefined {
  switch (event.type) {
    case 'progress': {
      const effect: CallEffect = { do: 'progressOrigin', status: event.status, answer: event.sdp };
      return { state: { at: 'dialling', earlyMedia: state.earlyMedia || event.sdp !== null }, effects: [effect] };
    }
    case 'targetAnswered':
      return { state: { at: 'answering' }, effects: [{ do: 'answerOrigin', answer: event.sdp }] };
    case 'targetRefused':
      return reject(event.status === 408 ? 480 : event.status, { by: facts.targetSide, reason: 'refused' });
    case 'ringLimit':
      return cancel([{ do: 'rejectOrigin', status: 480 }], { by: 'gateway', reason: 'no answer' });
    case 'originCancelled':
      return cancel([], { by: facts.originSide, reason: 'cancelled' });
    case 'mediaFailed':
      return cancel([{ do: 'rejectOrigin', status: event.status }], { by: 'gateway', reason: 'media' });
    case 'gatewayEnds':
      return cancel([{ do: 'rejectOrigin', status: 503 }], { by: 'gateway', reason: event.reason });
    default:
      return undefined;
  }
}

function whileCancelling(state: CallState & { at: 'cancelling' }, event: CallEvent): Step | undefined {
  // A 200 that crossed our CANCEL is a dialog all the same: it is ended like one (RFC 3261 §9.1).
  if (event.type === 'targetAnswered') return end(state.by, [{ do: 'bye', leg: 'target', reason: state.by.reason }]);
  if (event.type === 'targetRefused') return end(state.by);
  return undefined;
}

function whileAnswering(event: CallEvent, facts: CallFacts): Step | undefined {
  const byeTarget = (reason: string): CallEffect => ({ do: 'bye', leg: 'target', reason });
  switch (event.type) {
    case 'originAccepted':
      return { state: { at: 'answered' }, effects: [{ do: 'announceAnswer' }] };
    case 'originFailed':
    case 'originCancelled':
      return end({ by: facts.originSide, reason: 'cancelled' }, [byeTarget('cancelled')]);
    case 'mediaFailed':
      return end({ by: 'gateway', reason: 'media' }, [
        { do: 'rejectOrigin', status: event.status },
        byeTarget('media'),
      ]);
    case 'hungUp':
      return event.side === 'target'
        ? end({ by: facts.targetSide, reason: event.reason }, [{ do: 'rejectOrigin', status: 480 }])
        : undefined;
    case 'gatewayEnds':
      return end({ by: 'gateway', reason: event.reason }, [
        { do: 'rejectOrigin', status: 503 },
        byeTarget(event.reason),
      ]);
    default:
      return undefined;
  }
}

function whileAnswered(event: CallEvent, facts: CallFacts): Step | undefined {
  switch (event.type) {
    case 'hungUp': {
      const [by, other] =
        event.side === 'origin' ? [facts.originSide, 'target' as const] : [facts.targetSide, 'origin' as const];
      return end({ by, reason: event.reason }, [{ do: 'bye', leg: other, reason: 'other leg hung up' }]);
    }
    case 'gatewayEnds':
    case 'mediaFailed': {
      const reason = event.type === 'gatewayEnds' ? event.reason : 'media';
      return end({ by: 'gateway', reason }, [
        { do: 'bye', leg: 'origin', reason },
        { do: 'bye', leg: 'target', reason },
      ]);
    }
    default:
      return undefined;
  }
}

function whileEnding(state: CallState & { at: 'ending' }, event: CallEvent): Step | undefined {
  if (event.type === 'settled') return { state: { at: 'ended' }, effects: [{ do: 'finish', ending: state.by }] };
  return lateDialog(state, event, state.by.reason);
}

/** A dialog that came into being after its call had ended: a 200 of ours or of the target's was under way. */
function lateDialog(state: CallState, event: CallEvent, reason: string): Step | undefined {
  if (event.type === 'targetAnswered') return { state, effects: [{ do: 'bye', leg: 'target', reason }] };
  if (event.type === 'originAccepted') return { state, effects: [{ do: 'bye', leg: 'origin', reason }] };
  return undefined;
}

// Wiping comes before everything that could release the call: `settle` is always the first effect.
function end(by: Ending, effects: readonly CallEffect[] = []): Step {
  return { state: { at: 'ending', by }, effects: [{ do: 'settle', ending: by }, ...effects] };
}

function reject(status: number, by: Ending): Step {
  return end(by, [{ do: 'rejectOrigin', status }]);
}

function cancel(effects: readonly CallEffect[], by: Ending): Step {
  return { state: { at: 'cancelling', by }, effects: [...effects, { do: 'cancelTarget' }] };
}
