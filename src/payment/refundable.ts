import { CodedError } from '../shared/coded-error.ts';
import type { PspDescription } from './card-room.ts';
import { countsAsGivenBack, type RefundKind } from './refund.ts';
import type { Transaction } from './transaction.ts';

/** How much would be given back. @throws {CodedError} why it cannot be. */
export function refundable(
  { outcome, amount: paid, type, refunds = [] }: Transaction,
  psp: PspDescription | undefined,
  kind: RefundKind,
  wish: number | null,
): number {
  if (refunds.some((refund) => refund.outcome === 'unknown')) throw new CodedError('do-not-resubmit');
  if (refunds.some((refund) => refund.outcome === 'running')) throw new CodedError('refund-running');
  if (outcome !== 'succeeded' || paid === null) throw new CodedError('not-refundable');
  const given = refunds.filter(countsAsGivenBack).reduce((sum, { amount }) => sum + amount, 0);
  const left = paid - given;
  if (left <= 0) throw new CodedError('not-refundable');
  if (kind === 'void') {
    // Nothing may have been given back before: a void is of the whole.
    if (psp?.can.void !== true || given > 0) throw new CodedError('cannot-refund');
    return paid;
  }
  const amount = wish ?? left;
  if (amount > left) throw new CodedError('refund-exceeds-payment', undefined, ['amount']);
  // What was only reserved was not taken: it is voided.
  if (type !== 'charge' || psp?.can.refund !== true) throw new CodedError('cannot-refund');
  if (amount < paid && !psp.can.partialRefund) throw new CodedError('cannot-refund');
  return amount;
}
