import type { ClientEffect, ClientEvent, ClientStep } from './client-machine.ts';
import { startTimer, stopTimer } from './machine.ts';
import { patienceMs, type TimerName, t1 } from './timer-values.ts';

/** INVITE client transaction: RFC 3261 §17.1.1 with the Accepted state of RFC 6026 §7.2. */
export type InviteClientState =
  | { readonly name: 'calling'; readonly reliable: boolean; readonly intervalMs: number; readonly ringingMs: number }
  | { readonly name: 'proceeding'; readonly reliable: boolean; readonly ringingMs: number; readonly cancelled: boolean }
  | { readonly name: 'completed' }
  | { readonly name: 'accepted' }
  | { readonly name: 'terminated' };

type InviteClientStep = ClientStep<InviteClientState>;

const terminated: InviteClientState = { name: 'terminated' };
const send: ClientEffect = { kind: 'send-request' };
const acknowledge: ClientEffect = { kind: 'send-ack' };
const deliver: ClientEffect = { kind: 'deliver' };
const stops = [stopTimer('A'), stopTimer('B')];
const allStops = [...stops, stopTimer('C'), stopTimer('cancelled')];

// RFC 3261 §17.1.1.2: timer D is at least 32 s on an unreliable transport, 0 on a reliable one.
const timerDMs = 32_000;

const first: readonly ClientEffect[] = [send, startTimer('B', patienceMs)];
const firstByDatagram: readonly ClientEffect[] = [...first, startTimer('A', t1)];
const accepted: InviteClientStep = {
  state: { name: 'accepted' },
  effects: [...allStops, startTimer('M', patienceMs), deliver],
};
const completed: InviteClientStep = {
  state: { name: 'completed' },
  effects: [...allStops, acknowledge, startTimer('D', timerDMs), deliver],
};

/** `ringingMs` bounds the wait after a provisional response (timer C). */
export function startInviteClient(reliable: boolean, ringingMs: number): InviteClientStep {
  return {
    state: { name: 'calling', reliable, intervalMs: t1, ringingMs },
    effects: reliable ? first : firstByDatagram,
  };
}

export function stepInviteClient(state: InviteClientState, event: ClientEvent): InviteClientStep | undefined {
  switch (state.name) {
    case 'calling':
    case 'proceeding':
      return waiting(state, event);
    case 'completed':
      // RFC 3261 §17.1.1.2: a final response that comes again is acknowledged again and not passed up again.
      if (event.kind === 'response' && event.class === 'failure') return { state, effects: [acknowledge] };
      if (isTimer(event, 'D')) return { state: terminated, effects: [] };
      return event.kind === 'transport-failure' ? failed() : undefined;
    case 'accepted':
      // RFC 6026 §7.2: every 2xx goes up, from this branch and from others.
      if (event.kind === 'response' && event.class === 'success') return { state, effects: [deliver] };
      return isTimer(event, 'M') ? { state: terminated, effects: [] } : undefined;
    case 'terminated':
      return undefined;
  }
}

function waiting(
  state: Extract<InviteClientState, { name: 'calling' | 'proceeding' }>,
  event: ClientEvent,
): InviteClientStep | undefined {
  if (event.kind === 'response') return answered(state, event.class);
  if (event.kind === 'transport-failure') return failed();
  if (event.kind === 'cancelled') {
    // RFC 3261 §9.1: without a final response within 64·T1 of the CANCEL, the INVITE counts as cancelled.
    if (state.name !== 'proceeding' || state.cancelled) return undefined;
    return { state: { ...state, cancelled: true }, effects: [stopTimer('C'), startTimer('cancelled', patienceMs)] };
  }
  if (state.name === 'calling' && event.timer === 'A') {
    const intervalMs = state.intervalMs * 2;
    return { state: { ...state, intervalMs }, effects: [send, startTimer('A', intervalMs)] };
  }
  if ((state.name === 'calling' && event.timer === 'B') || event.timer === 'cancelled') return timedOut();
  if (state.name === 'proceeding' && event.timer === 'C') {
    return {
      state: { ...state, cancelled: true },
      effects: [{ kind: 'report', what: 'rings-too-long' }, startTimer('cancelled', patienceMs)],
    };
  }
  return undefined;
}

function answered(
  state: Extract<InviteClientState, { name: 'calling' | 'proceeding' }>,
  answer: 'provisional' | 'success' | 'failure',
): InviteClientStep {
  const { reliable, ringingMs } = state;
  if (answer === 'provisional') {
    if (state.name === 'proceeding' && state.cancelled) return { state, effects: [deliver] };
    // RFC 3261 §16.7 step 2: timer C starts anew with every provisional response.
    return {
      state: { name: 'proceeding', reliable, ringingMs, cancelled: false },
      effects: [...stops, startTimer('C', ringingMs), deliver],
    };
  }
  if (answer === 'success') return accepted;
  if (reliable) return { state: terminated, effects: [acknowledge, deliver] };
  return completed;
}

const isTimer = (event: ClientEvent, timer: TimerName): boolean => event.kind === 'timer' && event.timer === timer;

const failed = (): InviteClientStep => ({
  state: terminated,
  effects: [{ kind: 'report', what: 'transport-failure' }],
});

const timedOut = (): InviteClientStep => ({ state: terminated, effects: [{ kind: 'report', what: 'timeout' }] });
