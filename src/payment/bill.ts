import { currencyOf, type EarlierPayment, type Line, type SessionState } from './session-state.ts';
import type { BillView } from './session-view.ts';

/** The detail that names what the customer has to pay in all, over all cards. */
export const billTotalName = 'billTotal';

/** The payments of this card, once another one is begun. What never reached a provider is not carried along. */
export function earlierPayments(state: SessionState): readonly EarlierPayment[] {
  const { card } = state;
  const currency = currencyOf(state);
  const sent = state.lines.filter((line) => line.state === 'succeeded' || line.state === 'unknown');
  return [...state.earlier, ...sent.map(({ id, amount, state: now }) => ({ id, amount, currency, card, state: now }))];
}

/** Whether anything was taken in this session, with this card or another. */
export const hasPaid = (state: SessionState): boolean => [...state.earlier, ...state.lines].some(isPaid);

const isPaid = (payment: { readonly state: Line['state'] }): boolean => payment.state === 'succeeded';

/**
 * The running balance of a bill that is split over cards (P-05, P-38); null where nobody has named a total. What is unknown
 * counts as not paid: it is shown apart, because nobody may be asked for it twice without a word.
 */
export function billOf(state: SessionState): BillView | null {
  const total = state.details[billTotalName];
  if (typeof total !== 'number') return null;
  const currency = currencyOf(state);
  const now = state.lines.map(({ amount, state: standing }) => ({ amount, currency, state: standing }));
  const counted = [...state.earlier, ...now].filter((payment) => payment.currency === currency);
  const sum = (wanted: Line['state']): number =>
    counted.reduce((all, payment) => (payment.state === wanted ? all + (payment.amount ?? 0) : all), 0);
  const paid = sum('succeeded');
  return { total, paid, due: Math.max(0, total - paid), unknown: sum('unknown'), currency };
}
