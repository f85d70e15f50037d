import type { ResponseClass, Step, TimerEffect } from './machine.ts';
import type { TimerName } from './timer-values.ts';

/** Inputs of both server transaction machines. */
export type ServerEvent =
  /** The request came again. */
  | { readonly kind: 'request' }
  /** An ACK that belongs to this transaction (for a non-2xx, or by the same branch for a 2xx). */
  | { readonly kind: 'ack' }
  /** The transaction user answers; `trying` is a 100, which says nothing yet. */
  | { readonly kind: 'respond'; readonly class: ResponseClass | 'trying' }
  | { readonly kind: 'timer'; readonly timer: TimerName }
  | { readonly kind: 'transport-failure' };

export type ServerEffect =
  | TimerEffect
  /** Send the latest response (again). */
  | { readonly kind: 'send-response' }
  | { readonly kind: 'deliver-ack' }
  | { readonly kind: 'report'; readonly what: 'timeout' | 'transport-failure' | 'unanswered' };

export type ServerStep<State> = Step<State, ServerEffect>;
