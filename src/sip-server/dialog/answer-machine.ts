import { patienceMs, t1, t2 } from '../transaction/timer-values.ts';

/**
 * A response that is sent again and again until the peer confirms it: a 2xx to an INVITE until its ACK (RFC 3261
 * §13.3.1.4), a reliable provisional until its PRACK (RFC 3262 §3).
 */
export type AnswerState =
  | { readonly name: 'repeating'; readonly intervalMs: number; readonly waitedMs: number; readonly longestMs: number }
  | { readonly name: 'confirmed' }
  | { readonly name: 'abandoned' };

export type AnswerEvent = { readonly kind: 'interval-over' } | { readonly kind: 'confirmed' };

export type AnswerEffect =
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'repeat' }
  /** 64·T1 have passed: nobody confirms it any more. */
  | { readonly kind: 'give-up' };

export interface AnswerStep {
  readonly state: AnswerState;
  readonly effects: readonly AnswerEffect[];
}

/** A 2xx repeats at intervals that double up to T2; a provisional one's go on doubling. */
export function startAnswer(kind: 'final' | 'provisional'): AnswerStep {
  const longestMs = kind === 'final' ? t2 : patienceMs;
  return {
    state: { name: 'repeating', intervalMs: t1, waitedMs: 0, longestMs },
    effects: [{ kind: 'wait', ms: t1 }],
  };
}

export function stepAnswer(state: AnswerState, event: AnswerEvent): AnswerStep | undefined {
  if (state.name !== 'repeating') return undefined;
  if (event.kind === 'confirmed') return { state: { name: 'confirmed' }, effects: [] };
  const waitedMs = state.waitedMs + state.intervalMs;
  if (waitedMs >= patienceMs) return { state: { name: 'abandoned' }, effects: [{ kind: 'give-up' }] };
  const intervalMs = Math.min(state.intervalMs * 2, state.longestMs, patienceMs - waitedMs);
  return {
    state: { ...state, intervalMs, waitedMs },
    effects: [{ kind: 'repeat' }, { kind: 'wait', ms: intervalMs }],
  };
}
