import { startTimer, stopTimer } from './machine.ts';
import type { ServerEffect, ServerEvent, ServerStep } from './server-machine.ts';
import { patienceMs, t1, t2, t4 } from './timer-values.ts';

/** INVITE server transaction: RFC 3261 §17.2.1 with the Accepted state of RFC 6026 §7.1. */
export type InviteServerState =
  | { readonly name: 'proceeding'; readonly reliable: boolean; readonly ringingMs: number; readonly overdue: boolean }
  | { readonly name: 'completed'; readonly reliable: boolean; readonly intervalMs: number }
  | { readonly name: 'confirmed' }
  | { readonly name: 'accepted' }
  | { readonly name: 'terminated' };

type InviteServerStep = ServerStep<InviteServerState>;

const terminated: InviteServerState = { name: 'terminated' };
const send: ServerEffect = { kind: 'send-response' };
const sendOnly: readonly ServerEffect[] = [send];
const accepted: InviteServerStep = {
  state: { name: 'accepted' },
  effects: [stopTimer('C'), startTimer('L', patienceMs), send],
};

/** `unansweredMs` bounds the wait for the transaction user's first word, `ringingMs` the wait after each provisional. */
export function startInviteServer(reliable: boolean, unansweredMs: number, ringingMs: number): InviteServerStep {
  return {
    state: { name: 'proceeding', reliable, ringingMs, overdue: false },
    effects: [startTimer('C', unansweredMs)],
  };
}

export function stepInviteServer(state: InviteServerState, event: ServerEvent): InviteServerStep | undefined {
  switch (state.name) {
    case 'proceeding':
      return proceeding(state, event);
    case 'completed':
      return completed(state, event);
    case 'confirmed':
      if (event.kind === 'timer' && event.timer === 'I') return { state: terminated, effects: [] };
      // RFC 3261 §17.2.1: the state is there to absorb further ACKs.
      return event.kind === 'ack' || event.kind === 'request' ? { state, effects: [] } : undefined;
    case 'accepted':
      // RFC 6026 §7.1: INVITEs are absorbed, 2xx pass through, an ACK of the same branch goes up.
      if (event.kind === 'request') return { state, effects: [] };
      if (event.kind === 'respond' && event.class === 'success') return { state, effects: [send] };
      if (event.kind === 'ack') return { state, effects: [{ kind: 'deliver-ack' }] };
      return event.kind === 'timer' && event.timer === 'L' ? { state: terminated, effects: [] } : undefined;
    case 'terminated':
      return undefined;
  }
}

function proceeding(
  state: Extract<InviteServerState, { name: 'proceeding' }>,
  event: ServerEvent,
): InviteServerStep | undefined {
  if (event.kind === 'request') return { state, effects: [send] };
  if (event.kind === 'respond') {
    if (event.class === 'trying') return { state, effects: sendOnly };
    if (event.class === 'provisional') return { state, effects: [startTimer('C', state.ringingMs), send] };
    if (event.class === 'success') return accepted;
    const effects: ServerEffect[] = [stopTimer('C'), startTimer('H', patienceMs), send];
    if (!state.reliable) effects.push(startTimer('G', t1));
    return { state: { name: 'completed', reliable: state.reliable, intervalMs: t1 }, effects };
  }
  if (event.kind === 'timer' && event.timer === 'C') {
    // The shell answers now, which stops the timer; a second round means that even this answer did not come about.
    if (state.overdue) return { state: terminated, effects: [{ kind: 'report', what: 'timeout' }] };
    return {
      state: { ...state, overdue: true },
      effects: [startTimer('C', patienceMs), { kind: 'report', what: 'unanswered' }],
    };
  }
  if (event.kind === 'transport-failure') return failed();
  return undefined;
}

function completed(
  state: Extract<InviteServerState, { name: 'completed' }>,
  event: ServerEvent,
): InviteServerStep | undefined {
  if (event.kind === 'request') return { state, effects: [send] };
  if (event.kind === 'ack') {
    if (state.reliable) return { state: terminated, effects: [] };
    return { state: { name: 'confirmed' }, effects: [stopTimer('G'), stopTimer('H'), startTimer('I', t4)] };
  }
  if (event.kind === 'timer' && event.timer === 'G') {
    const intervalMs = Math.min(state.intervalMs * 2, t2);
    return { state: { ...state, intervalMs }, effects: [send, startTimer('G', intervalMs)] };
  }
  if (event.kind === 'timer' && event.timer === 'H') {
    return { state: terminated, effects: [{ kind: 'report', what: 'timeout' }] };
  }
  return event.kind === 'transport-failure' ? failed() : undefined;
}

const failed = (): InviteServerStep => ({
  state: terminated,
  effects: [{ kind: 'report', what: 'transport-failure' }],
});
