import type { FieldView, SessionView } from '../payment/session-view.ts';
import type { Saying } from '../shared/saying.ts';
import { emptyField } from './panel-state.ts';

export const steps = ['details', 'pan', 'cvc', 'authorise'] as const;
export type Step = (typeof steps)[number];

export const fieldOf = (session: SessionView, name: string): FieldView => session.fields[name] ?? emptyField;

/** Last words, a decline, an unknown outcome, several payments or cards, a keypad test that went wrong: most agents never read of them. */
export function needsAnnex(session: SessionView): boolean {
  const { state, doubled = 0 } = fieldOf(session, 'keypadTest');
  const wordy = ['declined', 'unknown', 'closed'].includes(session.state) || session.payments.length > 1;
  return wordy || session.bill !== null || state === 'failed' || doubled > 0;
}

/** Names that the customer keys; everything else in `missing` is the agent's to fill in. */
export const missingDetails = (session: SessionView): string[] =>
  session.missing.filter((name) => name !== 'pan' && name !== 'cvc');

/** True while the form stands: the states in which details and captures can change. */
export const inForm = (session: SessionView): boolean =>
  session.state === 'details' || session.state === 'locked' || session.state === 'ready';

/** The provider was not reached, so that nothing was sent: no decline, although it is answered as one. */
export const isUnsent = ({ payments }: SessionView): boolean =>
  payments.some((payment) => payment.state === 'not-sent');

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
  // Nobody has declined it: it is sent again in a moment.
  if (isUnsent(session)) return 'sayMissing';
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
  const { locked, capturing } = session;
  // While something else is keyed: an expiry date, or the test of the keypad.
  if (locked && capturing !== 'pan' && capturing !== 'cvc') return 'sayKeysLocked';
  const taken = fieldOf(session, 'pan').state === 'complete';
  switch (stepOf(session)) {
    case 'details':
      return taken ? 'sayMissing' : 'sayDetails';
    case 'pan':
      if (locked) return 'sayPanLocked';
      return fieldOf(session, 'pan').state === 'failed' ? 'sayPanFailed' : 'sayPan';
    case 'cvc':
      if (locked) return 'sayCvcLocked';
      return fieldOf(session, 'cvc').state === 'failed' ? 'sayCvcFailed' : 'sayCvc';
    default:
      return 'sayReady';
  }
}
