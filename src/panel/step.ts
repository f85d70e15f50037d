import type { FieldView, SessionView } from '../payment/session-view.ts';
import { emptyField } from './panel-state.ts';

export const steps = ['details', 'pan', 'cvc', 'authorise'] as const;
export type Step = (typeof steps)[number];

/** Which line the agent says to the customer, by its key in the message tables. */
export type Saying =
  | 'sayOpen'
  | 'sayDetails'
  | 'sayPan'
  | 'sayPanLocked'
  | 'sayPanFailed'
  | 'sayCvc'
  | 'sayCvcLocked'
  | 'sayCvcFailed'
  | 'sayReady'
  | 'sayMissing'
  | 'sayAuthorising'
  | 'saySurcharge'
  | 'saySucceeded'
  | 'sayTokenised'
  | 'sayDeclined'
  | 'sayUnknown'
  | 'sayCancelled';

export const fieldOf = (session: SessionView, name: string): FieldView => session.fields[name] ?? emptyField;

/** A keypad test that went wrong needs more words than most agents ever read. */
export function needsKeypadNote(session: SessionView): boolean {
  const { state, doubled = 0 } = fieldOf(session, 'keypadTest');
  return state === 'failed' || doubled > 0;
}

/** Names that the customer keys; everything else in `missing` is the agent's to fill in. */
export const missingDetails = (session: SessionView): string[] =>
  session.missing.filter((name) => name !== 'pan' && name !== 'cvc');

/** True while the form stands: the states in which details and captures can change. */
export const inForm = (session: SessionView): boolean =>
  session.state === 'details' || session.state === 'locked' || session.state === 'ready';

export function stepOf(session: SessionView): Step {
  if (!inForm(session)) return 'authorise';
  if (session.capturing === 'cvc') return 'cvc';
  if (session.capturing === 'pan') return 'pan';
  if (fieldOf(session, 'pan').state !== 'complete') {
    return missingDetails(session).length > 0 && fieldOf(session, 'pan').state === 'empty' ? 'details' : 'pan';
  }
  if (fieldOf(session, 'cvc').state !== 'complete' && session.missing.includes('cvc')) return 'cvc';
  return missingDetails(session).length > 0 ? 'details' : 'authorise';
}

export function sayingOf(session: SessionView | undefined): Saying {
  if (session === undefined) return 'sayOpen';
  if (inForm(session)) return formSaying(session);
  if (session.state === 'succeeded' && session.details['type'] === 'tokenise') return 'sayTokenised';
  return outcomeSayings[session.state] ?? 'sayCancelled';
}

const outcomeSayings: Partial<Record<SessionView['state'], Saying>> = {
  authorising: 'sayAuthorising',
  surcharge: 'saySurcharge',
  succeeded: 'saySucceeded',
  declined: 'sayDeclined',
  unknown: 'sayUnknown',
};

function formSaying(session: SessionView): Saying {
  const taken = fieldOf(session, 'pan').state === 'complete';
  switch (stepOf(session)) {
    case 'details':
      return taken ? 'sayMissing' : 'sayDetails';
    case 'pan':
      if (session.locked) return 'sayPanLocked';
      return fieldOf(session, 'pan').state === 'failed' ? 'sayPanFailed' : 'sayPan';
    case 'cvc':
      if (session.locked) return 'sayCvcLocked';
      return fieldOf(session, 'cvc').state === 'failed' ? 'sayCvcFailed' : 'sayCvc';
    default:
      return 'sayReady';
  }
}
