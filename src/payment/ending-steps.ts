import { captureStep } from './capture-steps.ts';
import { cancelLine, loseLine } from './line-steps.ts';
import { chain, type SessionEffect, type SessionStep, stay } from './session-effect.ts';
import { voidable } from './session-guard.ts';
import type { VoidResult } from './session-input.ts';
import { isOpen, type Line, lineOf, type Phase, type SessionState, type Verdict } from './session-state.ts';
import { unknownMessages } from './unknown-message.ts';

const withPhase = (state: SessionState, phase: Phase): SessionState => ({ ...state, phase });

export const wipeAll = (state: SessionState): SessionStep => ({ state, effects: [{ kind: 'wipe', fields: null }] });

/** Payments that were never sent are given up (P-84). */
export const cancelOpenLines = (state: SessionState): SessionStep =>
  chain(stay(state), ...state.lines.filter(isOpen).map((line) => (now: SessionState) => cancelLine(now, line.n)));

/** A quote charged nothing: it is given up, and the attempt is written down as that. */
export function dropQuote(state: SessionState): SessionStep {
  const line = state.phase.name === 'surcharge' ? lineOf(state, state.phase.n) : undefined;
  if (line === undefined) return stay(state);
  const conclude: SessionEffect = { kind: 'conclude', attempt: line.id, outcome: { outcome: 'cancelled' } };
  return chain({ state: withPhase(state, { name: 'cancelled' }), effects: [conclude] }, (now) =>
    cancelLine(now, line.n),
  );
}

/**
 * Where the payment stands when nothing of it is under way any more. What was taken is never called cancelled, and what
 * nobody can vouch for is called unknown before anything else.
 */
export function standing(state: SessionState): SessionStep {
  const has = (name: Line['state']): boolean => state.lines.some((line) => line.state === name);
  if (has('unknown')) return settled(state, 'unknown', { code: 'unknown', message: unknownMessages.en });
  if (has('succeeded')) return settled(state, 'succeeded', { code: 'approved', message: approvedMessage });
  if (has('declined')) return settled(state, 'declined', { code: 'not-paid', message: 'Nothing was charged.' });
  return settled(state, 'cancelled', null);
}

export const approvedMessage = 'The payment was accepted.';

function settled(
  state: SessionState,
  name: 'unknown' | 'succeeded' | 'declined' | 'cancelled',
  words: { code: string; message: string } | null,
): SessionStep {
  const reference = state.lines.findLast((line) => line.state === 'succeeded')?.reference ?? null;
  const same = state.verdict !== null && state.verdict.code === words?.code;
  const verdict: Verdict | null = words && (same ? state.verdict : { ...words, retryable: false, reference });
  return stay({ ...state, phase: { name }, verdict });
}

/** As {@link standing}; but a payment that was declined before somebody cancelled it is cancelled. */
export function standingAfterCancel(state: SessionState): SessionStep {
  const step = standing(state);
  return step.state.phase.name === 'declined' ? settled(state, 'cancelled', null) : step;
}

/** Gives back what can be given back (O-6), and says where that leaves the payment. */
export function voidAll(state: SessionState): SessionStep {
  const lines = voidable(state);
  if (lines.length === 0) return standingAfterCancel(state);
  return {
    state: withPhase(state, { name: 'voiding', waiting: lines.map((line) => line.n) }),
    effects: lines.map(({ id, psp, reference }) => ({ kind: 'void', attempt: id, psp: psp ?? state.psp, reference })),
  };
}

export function voidAnswered(state: SessionState, line: Line, result: VoidResult): SessionStep {
  const step = chain(stay(state), (now) => afterVoid(now, line, result));
  const { phase } = step.state;
  if (phase.name !== 'voiding') return step;
  const waiting = phase.waiting.filter((n) => n !== line.n);
  const next: Phase = { name: 'voiding', waiting };
  return chain(step, (now) => (waiting.length > 0 ? stay(withPhase(now, next)) : standingAfterCancel(now)));
}

function afterVoid(state: SessionState, line: Line, result: VoidResult): SessionStep {
  // The provider has said meanwhile that nothing was charged: there was nothing to give back.
  if (line.state === 'declined') return stay(state);
  if (result === 'voided') return cancelLine(state, line.n);
  if (result === 'stands' || line.state !== 'succeeded') return stay(state);
  // It was taken, a void was asked for, and nobody can say whether it was given back.
  const later: SessionEffect = { kind: 'enquireLater', n: line.n };
  return chain(loseLine(state, line.n), (now) => ({ state: now, effects: [later] }));
}

/** The agent's cancel, in every state. A request that is at the provider keeps its turn: its answer decides. */
export function cancel(state: SessionState, ticket: number): SessionStep {
  const { phase } = state;
  const answer: SessionEffect = { kind: 'answer', ticket, code: null };
  if (phase.name === 'asking') return { state: withPhase(state, { ...phase, cancelled: true }), effects: [answer] };
  if (state.slot.name === 'idle') {
    const given = chain(stay(state), dropQuote, cancelOpenLines, wipeAll, voidAll);
    return { state: given.state, effects: [...given.effects, answer] };
  }
  return chain(stopCapture(state, ticket), dropQuote, cancelOpenLines, wipeAll, voidAll);
}

/** The capture is stopped if it is not ending already; the command waits for the lock's end. */
export function stopCapture(state: SessionState, ticket: number): SessionStep {
  const waiting = { ...state, idleTickets: [...state.idleTickets, ticket] };
  return captureStep(waiting, { kind: 'stop' }) ?? stay(waiting);
}

/** The agent's close: what was not sent is given up, what is at the provider is cancelled, what was taken stands. */
export function close(state: SessionState, ticket: number): SessionStep {
  const phase: Phase = state.phase.name === 'asking' ? { ...state.phase, cancelled: true } : state.phase;
  const closing = { ...state, phase, closing: true };
  if (state.slot.name !== 'idle') return stopCapture(closing, ticket);
  return chain(end(closing), (now) => ({ state: now, effects: [{ kind: 'answer', ticket, code: null }] }));
}

/** No sound from one side, but the call lives: the end of the lock can still be confirmed, and is waited for. */
export function loseMedia(state: SessionState): SessionStep | undefined {
  if (state.closed) return undefined;
  const closing = { ...state, closing: true };
  if (state.slot.name === 'idle') return end(closing);
  return captureStep(closing, { kind: 'mediaLost' }) ?? stay(closing);
}

/** The one way to the end. What the provider is being asked goes on; its answer finds the session closed. */
export function end(state: SessionState): SessionStep {
  if (state.closed) return stay(state);
  const ending = stay({ ...state, closing: true, closed: true });
  // The room may be sending the card right now: it is wiped with the answer.
  const given = state.phase.name === 'asking' ? ending : chain(ending, dropQuote, cancelOpenLines, settleForm, wipeAll);
  return chain(given, (now) => ({ state: now, effects: [{ kind: 'disengage' }] }));
}

const settleForm = (state: SessionState): SessionStep =>
  state.phase.name === 'details' ? standing(state) : stay(state);
