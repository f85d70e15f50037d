import type { FieldView, PaymentView, SessionView } from '../../payment/session-view.ts';
import type { Transaction } from '../../payment/transaction.ts';
import type { Commands } from '../commands.ts';
import { codeOf } from '../problem.ts';

/**
 * What became of a session that was on the screen when the link broke (O-10): in its gateway's words or, where that was started
 * anew and knows it no more, in those of the payments of its call, which stand in the storage. @returns undefined before there is
 * a token; rejects when nobody can say now.
 */
export async function recall(shown: SessionView, commands: Commands | undefined): Promise<SessionView | undefined> {
  if (commands === undefined) return undefined;
  try {
    return await commands.session(shown.id);
  } catch (error) {
    if (codeOf(error) !== 'session-not-found') throw error;
    return cutOffView(shown, await transactionsOf(shown.callId, commands));
  }
}

/** Undefined where histories are not shown, and so nobody can say. */
async function transactionsOf(callId: string, commands: Commands): Promise<readonly Transaction[] | undefined> {
  try {
    return (await commands.history(callId)).transactions;
  } catch (error) {
    // No payment of this agent's has left on a call that is not known.
    if (codeOf(error) === 'call-not-found') return [];
    if (codeOf(error) === 'not-found') return undefined;
    throw error;
  }
}

/** The call went with its gateway, and with it what was being keyed. */
function cutOffView(shown: SessionView, transactions: readonly Transaction[] | undefined): SessionView {
  const fields = Object.entries(shown.fields).map(([name, field]) => [name, cutOffField(field)]);
  const payments = shown.payments.map((payment) => settled(payment, transactions));
  return { ...shown, state: 'closed', locked: false, capturing: null, fields: Object.fromEntries(fields), payments };
}

const cutOffField = (field: FieldView): FieldView =>
  field.state === 'capturing' ? { ...field, state: 'failed', digits: 0, mask: '', reason: 'media-lost' } : field;

function settled(payment: PaymentView, transactions: readonly Transaction[] | undefined): PaymentView {
  const known = transactions?.find(({ id }) => id === payment.id);
  if (known !== undefined) return { ...payment, state: known.outcome, reference: known.reference };
  if (payment.state !== 'authorising' && payment.state !== 'unknown') return payment;
  // What is sent is written down before: what was not has not left.
  return { ...payment, state: transactions === undefined ? 'unknown' : 'cancelled' };
}
