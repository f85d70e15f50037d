import { currencyOf, type EarlierPayment, type Line, type SessionState } from './session-state.ts';
import type { BillView } from './session-view.ts';

/** The detail that names what the customer has to pay in all, over all cards. */
export const billTotalName = 'billTotal';

/** The payments of this card, once another one is begun. What never reached a provider is not carried along. */
export function earlierPayments(state: SessionState): readonly EarlierPayment[] {
  const { card } = state;
  const currency = currencyOf(state);
  const sent = state.lines.filter((line) => line.state === 'succeeded' || line.state === 'unknown');
  return [
    ...state.earlier,
    ...sent.map(({ id, amount, state: now, back }) => ({ id, amount, currency, card, state: now, back })),
  ];
}

/** Whether anything was taken in this session, with this card or another. */
export const hasPaid = (state: SessionState): boolean => [...state.earlier, ...state.lines].some(isPaid);

const isPaid = (payment: { readonly state: Line['state'] }): boolean => payment.state === 'succeeded';

/**
 * The running balance of a bill that is split over cards (P-05, P-38); null where nobody has named a total. What was given
 * back since is due again. What is unknown counts as not paid, a refund that nobody can vouch for too: it is shown apart,
 * because nobody may be asked for it twice without a word.
 */
export function billOf(state: SessionState): BillView | null {
  const total = state.details[billTotalName];
  if (typeof total !== 'number') return null;
  const currency = currencyOf(state);
  const now = state.lines.map((line) => ({ ...line, currency }));
  const counted = [...state.earlier, ...now].filter((payment) => payment.currency === currency).map(shareOf);
  const sum = (part: keyof Share): number => counted.reduce((all, share) => all + share[part], 0);
  const paid = sum('paid');
  return {
    total,
    paid,
    due: Math.max(0, total - paid),
    unknown: sum('unknown'),
    givenBack: sum('givenBack'),
    currency,
  };
}

interface Share {
  readonly paid: number;
  readonly unknown: number;
  readonly givenBack: number;
}

/** What a payment is to the bill. A surcharge pays nothing of it, so giving one back makes nothing due. */
function shareOf({ state, amount, back }: Pick<Line, 'state' | 'amount' | 'back'>): Share {
  const whole = amount ?? 0;
  if (state === 'unknown') return { paid: 0, unknown: whole, givenBack: 0 };
  if (state !== 'succeeded') return { paid: 0, unknown: 0, givenBack: 0 };
  const givenBack = Math.min(whole, back.amount);
  const unknown = Math.min(whole - givenBack, back.unknown);
  return { paid: whole - givenBack - unknown, unknown, givenBack };
}
