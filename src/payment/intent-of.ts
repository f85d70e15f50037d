import { assert } from '../shared/assert.ts';
import type { Actor } from './actor.ts';
import type { SessionEvent } from './session-event.ts';
import { currencyOf, lineOf, lineTotal, type SessionState } from './session-state.ts';
import type { PaymentView } from './session-view.ts';
import type { Intent } from './transaction-book.ts';
import { unknownMessages } from './unknown-message.ts';

/** What the book has to know of a line before it is sent. */
export function intentOf(state: SessionState, n: number): Intent {
  const line = lineOf(state, n);
  assert(line !== undefined);
  const { brand, lastFour } = state.fields.pan ?? { brand: null, lastFour: null };
  const { reference } = state.details;
  const searchValue = state.searchField === null ? undefined : state.details[state.searchField];
  return {
    attempt: line.id,
    session: state.id,
    call: state.call,
    agent: state.agent,
    psp: line.psp ?? state.psp,
    n,
    type: line.type ?? 'charge',
    amount: lineTotal(line),
    currency: currencyOf(state),
    brand,
    lastFour,
    merchantReference: typeof reference === 'string' ? reference : null,
    ...(searchValue !== undefined && { searchValue: String(searchValue) }),
  };
}

/** A payment as its intent tells it, for events about sessions that are not in memory any more. */
export const paymentOf = (
  { n, attempt, type, amount }: Intent,
  state: PaymentView['state'],
  reference: string | null,
): PaymentView => ({ n, id: attempt, type, amount, state, reference });

/** Who deals with a payment, for the evidence. */
export const subjectOf = ({ call, session, attempt }: Intent, { agent: who, origin }: Actor) =>
  ({ who, origin, call, session, payment: attempt }) as const;

/** That nobody knows what became of a payment, in the words of the manual (P-80). */
export const unknownEventOf = (intent: Intent): SessionEvent => ({
  type: 'payment.unknown',
  payment: paymentOf(intent, 'unknown', null),
  message: unknownMessages.en,
  messages: unknownMessages,
});
