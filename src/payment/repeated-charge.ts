import { currencyOf, isOpen, type Line, type SessionState } from './session-state.ts';

/**
 * Numbers of the payments that would take an amount from a card from which the same amount was taken on this call already,
 * or may have been (`unknown`), or which stands twice among those to be sent. The customer may want that; somebody should
 * ask. Which card it is only the walled room knows; it says by an ordinal whether it is the same.
 */
export function repeatedCharges(state: SessionState): number[] {
  const { card } = state;
  if (card === null || state.fields.pan?.state !== 'complete') return [];
  const currency = currencyOf(state);
  const before = [...state.previous, ...state.earlier].filter((payment) => payment.card === card);
  const isTaken = (one: Pick<Line, 'state' | 'amount' | 'back'>): boolean =>
    one.state === 'unknown' || (one.state === 'succeeded' && (one.amount ?? 0) > one.back.amount);
  return state.lines.filter(isOpen).flatMap(({ n, amount }) => {
    if (amount === null) return [];
    const again =
      before.some((payment) => payment.currency === currency && payment.amount === amount && isTaken(payment)) ||
      state.lines.some(
        (line) => line.n !== n && line.amount === amount && (isTaken(line) || (isOpen(line) && line.n < n)),
      );
    return again ? [n] : [];
  });
}
