import {
  type CallEffect,
  type CallEvent,
  type CallFacts,
  type CallState,
  type Ending,
  end,
  type Step,
} from './call-state.ts';
import { whileTransferring } from './transfer-machine.ts';

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
      return whileDialling(event, facts);
    case 'cancelling':
      return whileCancelling(state, event);
    case 'answering':
      return whileAnswering(event, facts);
    case 'answered':
      return state.transfer === undefined
        ? whileAnswered(event, facts)
        : whileTransferring(state.transfer, event, facts);
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
        state: { at: 'dialling' },
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

function whileDialling(event: CallEvent, facts: CallFacts): Step | undefined {
  switch (event.type) {
    case 'progress': {
      const effect: CallEffect = { do: 'progressOrigin', status: event.status, answer: event.sdp };
      return { state: { at: 'dialling' }, effects: [effect] };
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
      return { state: { at: 'answered', transfer: undefined }, effects: [{ do: 'announceAnswer' }] };
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
    case 'referred':
      return {
        state: { at: 'answered', transfer: { agent: event.agent, referrerGone: false } },
        effects: [{ do: 'dialTransferee', uri: event.uri, replaces: event.replaces }],
      };
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
  if (event.type === 'transfereeAnswered') return { state, effects: [{ do: 'bye', leg: 'transferee', reason }] };
  return undefined;
}

function reject(status: number, by: Ending): Step {
  return end(by, [{ do: 'rejectOrigin', status }]);
}

function cancel(effects: readonly CallEffect[], by: Ending): Step {
  return { state: { at: 'cancelling', by }, effects: [...effects, { do: 'cancelTarget' }] };
}
