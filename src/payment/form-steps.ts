import { billOf, billTotalName, earlierPayments } from './bill.ts';
import type { PspDescription } from './card-room.ts';
import { standing, wipeAll } from './ending-steps.ts';
import { chain, type SessionStep, stay } from './session-effect.ts';
import type { Command } from './session-input.ts';
import {
  type Details,
  draftLine,
  emptyField,
  firstOrder,
  isOpen,
  type Line,
  pspOf,
  type SessionState,
} from './session-state.ts';

/** The first payment is what the details say, as long as it was not sent. */
function withDetails(state: SessionState, details: Details): SessionState {
  const { type, amount } = firstOrder(details);
  const lines = state.lines.map((line) =>
    line.n === 1 && isOpen(line) ? { ...line, type, amount: type === 'tokenise' ? null : amount } : line,
  );
  return { ...state, details, lines };
}

export const changeDetails = (state: SessionState, details: Details): SessionStep => stay(withDetails(state, details));

/** Commits another provider (P-17). What the new one does not offer falls away; the card that was taken stays. */
export function commitPsp(state: SessionState, command: Command & { kind: 'psp' }): SessionStep {
  const psp = pspOf(state, command.psp);
  if (psp === undefined || command.psp === state.psp) return stay(state);
  const changed = { ...state, psp: command.psp, pspChanges: state.pspChanges + 1 };
  const lines = state.lines.filter((line) => line.n === 1 || offers(psp, line));
  const step = stay(withDetails({ ...changed, lines }, command.details));
  if (psp.needsCvc || state.fields.cvc?.state !== 'complete') return step;
  const fields = { ...state.fields, cvc: emptyField };
  return { state: { ...step.state, fields }, effects: [{ kind: 'wipe', fields: ['cvc'] }] };
}

const offers = (psp: PspDescription, line: Line): boolean => line.type !== null && psp.types.includes(line.type);

export function addPayment(state: SessionState, command: Command & { kind: 'addPayment' }): SessionStep {
  const n = Math.max(...state.lines.map((line) => line.n)) + 1;
  return stay({ ...state, lines: [...state.lines, draftLine(n, command.attempt, command.type, command.amount)] });
}

/** When what is left was all taken already, the payment has succeeded. */
export function removePayment(state: SessionState, n: number): SessionStep {
  const left = { ...state, lines: state.lines.filter((line) => line.n !== n) };
  return left.lines.some(isOpen) ? stay(left) : chain(standing(left), wipeAll);
}

/**
 * Back to the form (P-79). A definite no makes a new attempt of a line; what never left keeps its own, for as long as the
 * provider remembers its key.
 */
export function retry(state: SessionState, command: Command & { kind: 'retry' }): SessionStep {
  const fresh = [...command.attempts];
  const lines = state.lines.map((line): Line => {
    if (line.state === 'not-sent' && remembersKey(state, line, command.at)) return { ...line, state: 'draft' };
    const attempt = line.state === 'declined' || line.state === 'not-sent' ? fresh.shift() : undefined;
    if (attempt === undefined) return line;
    return { ...line, id: attempt, state: 'draft', acceptedSurcharge: null, firstSentAt: null };
  });
  return stay({ ...state, lines, phase: { name: 'details' }, verdict: null });
}

const hourMs = 3_600_000;

/** Whether the provider would know the attempt again. One that nobody has sent yet is nobody's. */
function remembersKey(state: SessionState, { psp, firstSentAt }: Line, at: number): boolean {
  if (firstSentAt === null) return true;
  const habit = pspOf(state, psp ?? state.psp)?.idempotency ?? null;
  return habit !== null && at - firstSentAt < (habit.hours ?? Number.POSITIVE_INFINITY) * hourMs;
}

/** Another card, or the same again: everything is taken anew (P-67). */
export function newPayment(state: SessionState, command: Command & { kind: 'newPayment' }): SessionStep {
  const details = detailsOfNext(state);
  const { type, amount } = firstOrder(details);
  const fresh: SessionState = {
    ...state,
    details,
    lines: [draftLine(1, command.attempt, type, amount)],
    fields: {},
    requests: {},
    phase: { name: 'details' },
    verdict: null,
    earlier: earlierPayments(state),
  };
  return chain(stay(fresh), wipeAll);
}

/** What the next card starts from: what was filled in at the opening, and of a bill what is left of it. */
function detailsOfNext(state: SessionState): Details {
  const bill = billOf(state);
  if (bill === null) return state.prefilled;
  const { amount: _, ...prefilled } = state.prefilled;
  const rest = bill.due > 0 ? { amount: bill.due } : {};
  // The bill is in one currency, whatever the next card starts from otherwise.
  return { ...prefilled, currency: bill.currency, [billTotalName]: bill.total, ...rest };
}
