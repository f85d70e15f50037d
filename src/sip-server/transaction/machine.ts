import type { TimerName } from './timer-values.ts';

/** What a step of a transaction comes to: the next state, and what the shell has to do, in order. */
export interface Step<State, Effect> {
  readonly state: State;
  readonly effects: readonly Effect[];
}

/** What every transaction asks of its clock. A timer started again begins anew; a state that ends loses all its timers. */
export type TimerEffect =
  | { readonly kind: 'start-timer'; readonly timer: TimerName; readonly ms: number }
  | { readonly kind: 'stop-timer'; readonly timer: TimerName };

export type ResponseClass = 'provisional' | 'success' | 'failure';

export const responseClass = (status: number): ResponseClass =>
  status < 200 ? 'provisional' : status < 300 ? 'success' : 'failure';

export const startTimer = (timer: TimerName, ms: number): TimerEffect => ({ kind: 'start-timer', timer, ms });
export const stopTimer = (timer: TimerName): TimerEffect => ({ kind: 'stop-timer', timer });
