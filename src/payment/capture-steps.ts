import {
  type CaptureEffect,
  type CaptureEvent,
  captureTransition,
  type FieldEnding,
} from '../capture/capture-machine.ts';
import { mask } from '../capture/masked-view.ts';
import type { CardField } from '../shared/card-field.ts';
import { chain, type SessionStep, stay } from './session-effect.ts';
import type { SessionEvent } from './session-event.ts';
import { emptyField, type SessionState } from './session-state.ts';
import type { FieldView } from './session-view.ts';

const emit = (state: SessionState, event: SessionEvent): SessionStep => ({ state, effects: [{ kind: 'emit', event }] });

const withField = (state: SessionState, field: CardField, view: FieldView): SessionState => ({
  ...state,
  fields: { ...state.fields, [field]: view },
});

/** Runs the capture slot and turns what it says into the session's words. */
export function captureStep(state: SessionState, event: CaptureEvent): SessionStep | undefined {
  const step = captureTransition(state.slot, event);
  if (step === undefined) return undefined;
  const told = step.effects.map((effect) => (now: SessionState) => tell(now, effect));
  return chain(stay({ ...state, slot: step.state }), ...told, step.state.name === 'idle' ? answerIdle : stay);
}

/** A new card number makes the code that was taken before one of another card: both are taken anew. */
export function requestCapture(state: SessionState, field: CardField, ticket: number): SessionStep | undefined {
  const taken: CardField[] = field === 'pan' ? ['pan', 'cvc'] : [field];
  const emptied = Object.fromEntries(taken.map((name) => [name, emptyField]));
  const requests = { ...state.requests, [field]: (state.requests[field] ?? 0) + 1 };
  const asked = { ...state, requests, captureTicket: ticket, fields: { ...state.fields, ...emptied } };
  const step = captureStep(asked, { kind: 'request', field });
  return step && { state: step.state, effects: [{ kind: 'wipe', fields: taken }, ...step.effects] };
}

function tell(state: SessionState, effect: CaptureEffect): SessionStep {
  switch (effect.kind) {
    case 'openField':
    case 'release':
      return { state, effects: [effect] };
    case 'wipe':
      return { state, effects: [{ kind: 'wipe', fields: [effect.field] }] };
    case 'answer':
      return answerCapture(state, effect);
    case 'locked': {
      const { field } = effect;
      return emit(withField(state, field, { ...emptyField, state: 'capturing' }), { type: 'capture.locked', field });
    }
    case 'progress': {
      const { field, digits } = effect;
      const view: FieldView = { ...emptyField, state: 'capturing', digits, mask: mask(digits) };
      return emit(withField(state, field, view), { type: 'capture.progress', field, digits, mask: mask(digits) });
    }
    case 'ended':
      return ended(state, effect.field, effect.ending);
    case 'unlocked':
      return emit(state, { type: 'capture.unlocked', field: effect.field });
  }
}

function answerCapture(state: SessionState, effect: CaptureEffect & { kind: 'answer' }): SessionStep {
  const { captureTicket: ticket } = state;
  if (ticket === null) return stay(state);
  return { state: { ...state, captureTicket: null }, effects: [{ kind: 'answer', ticket, code: effect.code }] };
}

/** Partial digits are not kept, nor is their count (P-45). */
function ended(state: SessionState, field: CardField, ending: FieldEnding): SessionStep {
  if (ending.kind === 'failed') {
    const view: FieldView = { ...emptyField, state: 'failed', reason: ending.reason };
    return emit(withField(state, field, view), { type: 'capture.failed', field, reason: ending.reason });
  }
  const { digits, brand, lastFour, card, doubled, value } = ending;
  const twice = doubled === null ? {} : { doubled };
  const view: FieldView = { state: 'complete', digits, mask: mask(digits), brand, lastFour, reason: null, ...twice };
  // Expiry, issue number and postcode are details that the customer keyed instead of the agent.
  const details = value === null ? state.details : { ...state.details, [field]: value };
  const taken = { ...state, details, card: field === 'pan' ? card : state.card };
  return emit(withField(taken, field, view), {
    type: 'capture.completed',
    field,
    digits,
    mask: mask(digits),
    ...(brand === null ? {} : { brand }),
    ...(lastFour === null ? {} : { lastFour }),
    ...twice,
  });
}

function answerIdle(state: SessionState): SessionStep {
  const effects = state.idleTickets.map((ticket) => ({ kind: 'answer', ticket, code: null }) as const);
  return { state: { ...state, idleTickets: [] }, effects };
}
