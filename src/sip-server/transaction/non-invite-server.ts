import { type ResponseClass, startTimer, stopTimer } from './machine.ts';
import type { ServerEffect, ServerEvent, ServerStep } from './server-machine.ts';
import { patienceMs } from './timer-values.ts';

/** Non-INVITE server transaction: RFC 3261 §17.2.2. */
export type NonInviteServerState =
  | { readonly name: 'trying'; readonly reliable: boolean }
  | { readonly name: 'proceeding'; readonly reliable: boolean }
  | { readonly name: 'completed' }
  | { readonly name: 'terminated' };

type NonInviteServerStep = ServerStep<NonInviteServerState>;

const terminated: NonInviteServerState = { name: 'terminated' };
const send: ServerEffect = { kind: 'send-response' };

const first: readonly ServerEffect[] = [startTimer('F', patienceMs)];
const completed: NonInviteServerStep = {
  state: { name: 'completed' },
  effects: [stopTimer('F'), startTimer('J', patienceMs), send],
};

/** RFC 4320 §4.2: once the client's timer F must have fired, an answer is worthless, so the transaction ends with it. */
export const startNonInviteServer = (reliable: boolean): NonInviteServerStep => ({
  state: { name: 'trying', reliable },
  effects: first,
});

export function stepNonInviteServer(state: NonInviteServerState, event: ServerEvent): NonInviteServerStep | undefined {
  switch (state.name) {
    case 'trying':
    case 'proceeding':
      if (event.kind === 'request') return { state, effects: state.name === 'trying' ? [] : [send] };
      if (event.kind === 'respond') return responded(state.reliable, event.class);
      if (event.kind === 'timer' && event.timer === 'F') {
        return { state: terminated, effects: [{ kind: 'report', what: 'timeout' }] };
      }
      return event.kind === 'transport-failure' ? failed() : undefined;
    case 'completed':
      if (event.kind === 'request') return { state, effects: [send] };
      if (event.kind === 'timer' && event.timer === 'J') return { state: terminated, effects: [] };
      return event.kind === 'transport-failure' ? failed() : undefined;
    case 'terminated':
      return undefined;
  }
}

function responded(reliable: boolean, answer: ResponseClass | 'trying'): NonInviteServerStep {
  if (answer === 'provisional' || answer === 'trying')
    return { state: { name: 'proceeding', reliable }, effects: [send] };
  // Timer J is 0 on a reliable transport.
  if (reliable) return { state: terminated, effects: [send] };
  return completed;
}

const failed = (): NonInviteServerStep => ({
  state: terminated,
  effects: [{ kind: 'report', what: 'transport-failure' }],
});
