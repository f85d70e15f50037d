import { billTotalName } from './bill.ts';
import type { AuthorisationOutcome, PaymentOrder } from './card-room.ts';
import {
  approvedMessage,
  cancelOpenLines,
  dropQuote,
  standing,
  standingAfterCancel,
  voidAll,
  wipeAll,
} from './ending-steps.ts';
import { cancelLine, declineLine, loseLine, succeedLine } from './line-steps.ts';
import { chain, type SessionEffect, type SessionStep, stay } from './session-effect.ts';
import { mayRetry } from './session-guard.ts';
import type { SessionRules } from './session-rules.ts';
import {
  currencyOf,
  emptyField,
  isOpen,
  type Line,
  lineOf,
  lineView,
  type Phase,
  pspOf,
  type SessionState,
  withLine,
} from './session-state.ts';
import { unknownMessages } from './unknown-message.ts';

type Asking = Phase & { name: 'asking' };

const forgetCvc = (state: SessionState): SessionState => ({ ...state, fields: { ...state.fields, cvc: emptyField } });

/** The next payment in order goes into the book; only when it is safe there does anything leave. */
export function ask(state: SessionState, line: Line, ticket: number | null): SessionStep {
  const phase: Asking = { name: 'asking', n: line.n, sent: false, cancelled: false, ticket };
  const asked = withLine(state, line.n, { state: 'authorising', psp: state.psp });
  return { state: { ...asked, phase, verdict: null }, effects: [{ kind: 'intend', n: line.n }] };
}

export function authorise(state: SessionState, ticket: number): SessionStep | undefined {
  const first = state.lines.find(isOpen);
  return first && ask(state, first, ticket);
}

export function answerSurcharge(state: SessionState, accept: boolean, ticket: number): SessionStep | undefined {
  if (state.phase.name !== 'surcharge') return undefined;
  if (!accept) {
    const answer: SessionEffect = { kind: 'answer', ticket, code: null };
    const given = chain(dropQuote(state), cancelOpenLines, wipeAll, standingAfterCancel);
    return { state: given.state, effects: [...given.effects, answer] };
  }
  const agreed = withLine(state, state.phase.n, { acceptedSurcharge: state.phase.surcharge });
  const line = lineOf(agreed, state.phase.n);
  return line && ask(agreed, line, ticket);
}

const answerTo = (phase: Asking, code: 'wrong-state' | 'session-closed' | 'storage-failed' | null): SessionEffect[] =>
  phase.ticket === null ? [] : [{ kind: 'answer', ticket: phase.ticket, code }];

/** The intent is safe: send, unless somebody has cancelled or the session has ended since. */
export function intended(state: SessionState, phase: Asking, line: Line, at: number): SessionStep {
  if (phase.cancelled || state.closed) {
    const dropped = chain(cancelLine(state, line.n), (now) => afterInterruption(now, phase));
    const conclude: SessionEffect = { kind: 'conclude', attempt: line.id, outcome: { outcome: 'not-sent' } };
    return {
      state: dropped.state,
      effects: [conclude, ...dropped.effects, ...answerTo(phase, state.closed ? 'session-closed' : 'wrong-state')],
    };
  }
  const others = state.lines.filter((other) => other.n !== line.n && isOpen(other));
  return {
    state: {
      ...withLine(state, line.n, { firstSentAt: line.firstSentAt ?? at }),
      phase: { ...phase, sent: true, ticket: null },
    },
    effects: [
      { kind: 'emit', event: { type: 'payment.authorising', payment: lineView(line) } },
      { kind: 'send', attempt: line.id, psp: state.psp, order: orderOf(state, line), last: others.length === 0 },
      ...answerTo(phase, null),
    ],
  };
}

/** What goes to the provider of what was typed. Type, amount and currency stand in the order itself; some is ours alone. */
function orderOf(state: SessionState, line: Line): PaymentOrder {
  const own = pspOf(state)?.fields.flatMap(({ name, own: ours }) => (ours === true ? [name] : [])) ?? [];
  const apart = new Set(['type', 'amount', 'currency', billTotalName, ...own]);
  const details = Object.fromEntries(Object.entries(state.details).filter(([name]) => !apart.has(name)));
  return {
    type: line.type ?? 'charge',
    amount: line.amount,
    currency: currencyOf(state),
    details,
    acceptedSurcharge: line.acceptedSurcharge,
  };
}

/** Nothing was sent, and nothing will be before the book can be written again. */
export function intentFailed(state: SessionState, phase: Asking, line: Line, rules: SessionRules): SessionStep {
  const answer = answerTo(phase, 'storage-failed');
  if (phase.cancelled || state.closed) {
    const dropped = chain(cancelLine(state, line.n), (now) => afterInterruption(now, phase));
    return { state: dropped.state, effects: [...dropped.effects, ...answer] };
  }
  const { acceptedSurcharge } = line;
  if (acceptedSurcharge !== null) {
    const total = (line.amount ?? 0) + acceptedSurcharge;
    const quoted: Phase = { name: 'surcharge', n: line.n, surcharge: acceptedSurcharge, total };
    const back = withLine(state, line.n, { acceptedSurcharge: null });
    return { state: { ...back, phase: quoted }, effects: answer };
  }
  if (phase.ticket !== null) {
    const back = withLine(state, line.n, { state: 'draft' });
    return { state: { ...back, phase: { name: 'details' } }, effects: answer };
  }
  return refused(state, line, phase, rules, { code: 'storage-failed', message: notSentMessage, retryable: true });
}

const notSentMessage = 'Nothing was sent to the payment service provider.';

/** The provider's answer. It is in the book already. */
export function answered(
  state: SessionState,
  phase: Asking,
  line: Line,
  outcome: AuthorisationOutcome,
  rules: SessionRules,
): SessionStep {
  switch (outcome.outcome) {
    case 'approved':
      return approved(state, phase, line, outcome.reference);
    case 'declined': {
      const { code, message, retryable } = outcome;
      return refused(state, line, phase, rules, { code, message, retryable }, 'declined');
    }
    case 'not-sent':
      return refused(state, line, phase, rules, { code: outcome.code, message: notSentMessage, retryable: true });
    case 'surcharge':
      return quoted(state, phase, line, outcome);
    case 'unknown':
      return lost(state, phase, line, outcome.code);
  }
}

function approved(state: SessionState, phase: Asking, line: Line, reference: string | null): SessionStep {
  const paid = succeedLine(state, line.n, reference);
  if (phase.cancelled || state.closed) return chain(paid, (now) => afterInterruption(now, phase));
  const next = paid.state.lines.find(isOpen);
  if (next !== undefined) return chain(paid, (now) => ask(now, next, null));
  const verdict = { code: 'approved', message: approvedMessage, retryable: false, reference };
  return chain(paid, (now) => stay({ ...forgetCvc(now), phase: { name: 'succeeded' }, verdict }), wipeAll);
}

/** A definite no: nothing was charged. Back to the form if that is allowed (P-78); the code is asked for again (O-7). */
function refused(
  state: SessionState,
  line: Line,
  phase: Asking,
  rules: SessionRules,
  answer: { code: string; message: string; retryable: boolean },
  now: 'declined' | 'not-sent' = 'not-sent',
): SessionStep {
  const interrupted = phase.cancelled || state.closed;
  const retryable = answer.retryable && mayRetry(state, rules) && !interrupted;
  const told = declineLine(state, line.n, now, { ...answer, retryable });
  if (interrupted) return chain(told, (next) => afterInterruption(next, phase));
  const verdict = { reference: null, ...answer, retryable };
  const declined = chain(told, (next) => stay({ ...forgetCvc(next), phase: { name: 'declined' }, verdict }));
  if (!retryable) return chain(declined, cancelOpenLines, wipeAll);
  if (!rules.keepPanAfterDecline) return chain(declined, forgetCard, wipeAll);
  return { state: declined.state, effects: [...declined.effects, { kind: 'wipe', fields: ['cvc'] }] };
}

const forgetCard = (state: SessionState): SessionStep =>
  stay({ ...state, fields: { ...state.fields, pan: emptyField, cvc: emptyField } });

function quoted(
  state: SessionState,
  phase: Asking,
  line: Line,
  quote: { readonly surcharge: number; readonly total: number },
): SessionStep {
  const { surcharge, total } = quote;
  const offered: SessionState = { ...state, phase: { name: 'surcharge', n: line.n, surcharge, total } };
  if (phase.cancelled || state.closed) {
    const conclude: SessionEffect = { kind: 'conclude', attempt: line.id, outcome: { outcome: 'cancelled' } };
    const dropped = chain(cancelLine(state, line.n), (now) => afterInterruption(now, phase));
    return { state: dropped.state, effects: [conclude, ...dropped.effects] };
  }
  const amount = line.amount ?? 0;
  const event = { type: 'payment.surcharge', payment: lineView(line), amount, surcharge, total } as const;
  return { state: offered, effects: [{ kind: 'emit', event: { ...event, currency: currencyOf(state) } }] };
}

/** Locked against resubmission from here on (P-80, P-81); the card is not kept, because it may not be sent again. */
function lost(state: SessionState, phase: Asking, line: Line, code: string): SessionStep {
  const told = loseLine(state, line.n);
  const later: SessionEffect = { kind: 'enquireLater', n: line.n };
  const known = { state: told.state, effects: [...told.effects, later] };
  if (phase.cancelled || state.closed) return chain(known, (now) => afterInterruption(now, phase));
  const verdict = { code, message: unknownMessages.en, retryable: false, reference: null };
  return chain(
    known,
    (now) => stay({ ...forgetCvc(now), phase: { name: 'unknown' }, verdict }),
    cancelOpenLines,
    wipeAll,
  );
}

/**
 * The answer meets a payment that was cancelled, or a session that has ended. The rest is not sent and the card is wiped;
 * what was taken is given back only if somebody has asked for that: a customer who hangs up has paid.
 */
function afterInterruption(state: SessionState, phase: Asking): SessionStep {
  const given = chain(stay(forgetCvc(state)), cancelOpenLines, wipeAll);
  return chain(given, phase.cancelled ? voidAll : standing);
}
