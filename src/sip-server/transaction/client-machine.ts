import type { ResponseClass, Step, TimerEffect } from './machine.ts';
import type { TimerName } from './timer-values.ts';

/** Inputs of both client transaction machines. */
export type ClientEvent =
  | { readonly kind: 'response'; readonly class: ResponseClass }
  | { readonly kind: 'timer'; readonly timer: TimerName }
  /** The transaction user has sent a CANCEL for this INVITE. */
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'transport-failure' };

export type ClientEffect =
  | TimerEffect
  | { readonly kind: 'send-request' }
  /** Acknowledge the final response that just came, hop by hop (RFC 3261 §17.1.1.3). */
  | { readonly kind: 'send-ack' }
  /** Pass the response that just came to the transaction user. */
  | { readonly kind: 'deliver' }
  | { readonly kind: 'report'; readonly what: 'timeout' | 'transport-failure' | 'rings-too-long' };

export type ClientStep<State> = Step<State, ClientEffect>;
