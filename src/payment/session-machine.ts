import { answered, answerSurcharge, authorise, intended, intentFailed } from './authorise-steps.ts';
import { captureStep, requestCapture } from './capture-steps.ts';
import { cancel, close, end, loseMedia, standing, stopCapture, voidAnswered } from './ending-steps.ts';
import { addPayment, changeDetails, commitPsp, newPayment, removePayment, retry } from './form-steps.ts';
import { type GivenBack, giveBack, nothingBack } from './given-back.ts';
import { chain, type SessionStep, stay } from './session-effect.ts';
import { refusal } from './session-guard.ts';
import type { Command, Happening, SessionInput } from './session-input.ts';
import type { SessionRules } from './session-rules.ts';
import { type EarlierPayment, type Line, type SessionState, withLine } from './session-state.ts';

/*
 * One payment session, from the opening of the panel on a call to its closing.
 *
 *   details ⇄ capture (its own machine) ──authorise──▶ asking ──approved, another line──▶ asking …
 *      ▲                                                │ ├─approved──▶ succeeded ──────┐
 *      │◀──retry── declined ◀──declined│not-sent────────┤ ├─unknown──▶ unknown ─────────┤ new payment ──▶ details
 *      │                                                │ └─surcharge──▶ surcharge ──accept──▶ asking
 *      └────────────── cancel anywhere ──▶ (voiding ──▶) cancelled ─────────────────────┘
 *
 * Deaths, all of them: close (the agent), the call's end, media lost, the room lost. Each goes through `end` in
 * `ending-steps.ts`, which wipes, ends the interlock and closes; while a lock is in force and the call lives it waits for
 * the lock's end first. What is at the provider at that moment is answered into the closed session: written down, told,
 * and nothing else.
 */

/** @returns undefined when the input means nothing in this state; a command that the guard refuses is such an input. */
export function sessionTransition(
  state: SessionState,
  input: SessionInput,
  rules: SessionRules,
): SessionStep | undefined {
  const step = 'ticket' in input ? commanded(state, input, rules) : happened(state, input, rules);
  if (step === undefined) return undefined;
  const { closing, closed, slot } = step.state;
  return closing && !closed && slot.name === 'idle' ? chain(step, end) : step;
}

function commanded(
  state: SessionState,
  command: Command & { ticket: number },
  rules: SessionRules,
): SessionStep | undefined {
  if (refusal(state, command, rules) !== undefined) return undefined;
  const { ticket } = command;
  switch (command.kind) {
    case 'capture':
      return requestCapture(state, command.field, ticket);
    case 'stop':
      return stopCapture(state, ticket);
    case 'authorise':
      return authorise(state, ticket);
    case 'surcharge':
      return answerSurcharge(state, command.accept, ticket);
    case 'cancel':
      return cancel(state, ticket);
    case 'close':
      return close(state, ticket);
    default: {
      const step = edited(state, command);
      return { state: step.state, effects: [...step.effects, { kind: 'answer', ticket, code: null }] };
    }
  }
}

type Edit = Extract<
  Command,
  { kind: 'psp' | 'details' | 'addPayment' | 'removePayment' | 'retry' | 'newPayment' | 'enquire' }
>;

function edited(state: SessionState, command: Edit): SessionStep {
  switch (command.kind) {
    case 'psp':
      return commitPsp(state, command);
    case 'details':
      return changeDetails(state, command.details);
    case 'addPayment':
      return addPayment(state, command);
    case 'removePayment':
      return removePayment(state, command.n);
    case 'retry':
      return retry(state, command);
    case 'newPayment':
      return newPayment(state, command);
    case 'enquire':
      return stay(state);
  }
}

function happened(state: SessionState, event: Happening, rules: SessionRules): SessionStep | undefined {
  switch (event.kind) {
    case 'intended':
    case 'intentFailed':
    case 'answered':
      return duringAsking(state, event, rules);
    case 'voidAnswered': {
      const line = lineOfAttempt(state, event.attempt);
      return line && voidAnswered(state, line, event.result);
    }
    case 'resolved':
      return resolved(state, event);
    case 'givingBack':
      return givenBack(state, event);
    case 'mediaLost':
      return loseMedia(state);
    case 'callEnded': {
      if (state.closed) return undefined;
      return chain(captureStep(state, event) ?? stay(state), end);
    }
    default:
      return captureStep(state, event);
  }
}

const lineOfAttempt = (state: SessionState, attempt: string): Line | undefined =>
  state.lines.find((line) => line.id === attempt);

/** Only the attempt that is under way can be answered: a second answer to it, or one to another, means nothing. */
function duringAsking(
  state: SessionState,
  event: Happening & { kind: 'intended' | 'intentFailed' | 'answered' },
  rules: SessionRules,
): SessionStep | undefined {
  const { phase } = state;
  const line = lineOfAttempt(state, event.attempt);
  if (phase.name !== 'asking' || line === undefined || line.n !== phase.n) return undefined;
  if (event.kind === 'answered') return phase.sent ? answered(state, phase, line, event.outcome, rules) : undefined;
  if (phase.sent) return undefined;
  return event.kind === 'intended' ? intended(state, phase, line, event.at) : intentFailed(state, phase, line, rules);
}

/** What the refund desk does with a payment of this session, or of an earlier one on the call. It is told by the desk. */
function givenBack(state: SessionState, { attempt, now }: Happening & { kind: 'givingBack' }): SessionStep {
  const change = <P extends { id: string; state: Line['state']; back: GivenBack }>(payment: P): P => {
    if (payment.id !== attempt || payment.state !== 'succeeded') return payment;
    const back = giveBack(payment.back, now);
    return back === undefined ? { ...payment, state: 'cancelled', back: nothingBack } : { ...payment, back };
  };
  const { lines, earlier, previous } = state;
  const next = { ...state, lines: lines.map(change), earlier: earlier.map(change), previous: previous.map(change) };
  return state.phase.name === 'succeeded' ? standing(next) : stay(next);
}

/** An enquiry has settled a line that was unknown (P-82). It is told by whoever enquired, also without a session. */
function resolved(state: SessionState, event: Happening & { kind: 'resolved' }): SessionStep | undefined {
  const { answer } = event;
  const { earlier, previous } = state;
  const settles = ({ id, state: now }: EarlierPayment): boolean => id === event.attempt && now === 'unknown';
  if ([...earlier, ...previous].some(settles)) {
    const now = answer.answer === 'paid' ? 'succeeded' : 'declined';
    const settle = (one: EarlierPayment): EarlierPayment => (settles(one) ? { ...one, state: now } : one);
    return stay({ ...state, earlier: earlier.map(settle), previous: previous.map(settle) });
  }
  const line = lineOfAttempt(state, event.attempt);
  if (line?.state !== 'unknown') return undefined;
  const next =
    answer.answer === 'paid'
      ? withLine(state, line.n, { state: 'succeeded', reference: answer.reference })
      : withLine(state, line.n, { state: 'declined' });
  return state.phase.name === 'unknown' ? standing(next) : stay(next);
}
