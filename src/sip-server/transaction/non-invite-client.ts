import type { ClientEffect, ClientEvent, ClientStep } from './client-machine.ts';
import { startTimer, stopTimer } from './machine.ts';
import { patienceMs, t1, t2, t4 } from './timer-values.ts';

/** Non-INVITE client transaction: RFC 3261 §17.1.2. */
export type NonInviteClientState =
  | { readonly name: 'trying'; readonly reliable: boolean; readonly intervalMs: number }
  | { readonly name: 'proceeding'; readonly reliable: boolean }
  | { readonly name: 'completed' }
  | { readonly name: 'terminated' };

type NonInviteClientStep = ClientStep<NonInviteClientState>;

const terminated: NonInviteClientState = { name: 'terminated' };
const send: ClientEffect = { kind: 'send-request' };
const deliver: ClientEffect = { kind: 'deliver' };

const first: readonly ClientEffect[] = [send, startTimer('F', patienceMs)];
const firstByDatagram: readonly ClientEffect[] = [...first, startTimer('E', t1)];
const completed: NonInviteClientStep = {
  state: { name: 'completed' },
  effects: [stopTimer('E'), stopTimer('F'), startTimer('K', t4), deliver],
};

export const startNonInviteClient = (reliable: boolean): NonInviteClientStep => ({
  state: { name: 'trying', reliable, intervalMs: t1 },
  effects: reliable ? first : firstByDatagram,
});

export function stepNonInviteClient(state: NonInviteClientState, event: ClientEvent): NonInviteClientStep | undefined {
  switch (state.name) {
    case 'trying':
    case 'proceeding':
      return waiting(state, event);
    case 'completed':
      // Retransmitted answers are absorbed until timer K.
      if (event.kind === 'response') return { state, effects: [] };
      return event.kind === 'timer' && event.timer === 'K' ? { state: terminated, effects: [] } : undefined;
    case 'terminated':
      return undefined;
  }
}

function waiting(
  state: Extract<NonInviteClientState, { name: 'trying' | 'proceeding' }>,
  event: ClientEvent,
): NonInviteClientStep | undefined {
  if (event.kind === 'response') {
    if (event.class === 'provisional') {
      return { state: { name: 'proceeding', reliable: state.reliable }, effects: [deliver] };
    }
    if (state.reliable) return { state: terminated, effects: [deliver] };
    return completed;
  }
  if (event.kind === 'transport-failure') {
    return { state: terminated, effects: [{ kind: 'report', what: 'transport-failure' }] };
  }
  if (event.kind === 'timer' && event.timer === 'F') {
    return { state: terminated, effects: [{ kind: 'report', what: 'timeout' }] };
  }
  if (event.kind === 'timer' && event.timer === 'E') {
    // RFC 3261 §17.1.2.2: T1 doubling up to T2 while trying, T2 once an answer is under way.
    if (state.name === 'proceeding') return { state, effects: [send, startTimer('E', t2)] };
    const intervalMs = Math.min(state.intervalMs * 2, t2);
    return { state: { ...state, intervalMs }, effects: [send, startTimer('E', intervalMs)] };
  }
  return undefined;
}
