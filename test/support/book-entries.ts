import type { JournalBook } from '../../src/ledger/journal-book.ts';
import type { RefundIntent } from '../../src/payment/refund.ts';
import type { Intent } from '../../src/payment/transaction-book.ts';
import { newAttemptId, newCallId, newSessionId } from '../../src/shared/ids.ts';

export interface Books {
  open(): Promise<JournalBook>;
  /** Ends as a crash does for everybody who looks at the storage afterwards, but for the process's own memory. */
  reopen(): Promise<JournalBook>;
}

export const intent = (changes: Partial<Intent> = {}): Intent => ({
  attempt: newAttemptId(),
  session: newSessionId(),
  call: newCallId(),
  agent: '1001',
  psp: 'simulator',
  n: 1,
  type: 'charge',
  amount: 5000,
  currency: 'JPY',
  brand: 'visa',
  lastFour: '1111',
  ...changes,
});

export const evidence = (what: string, result = 'taken') => ({
  what,
  who: '1001',
  origin: '192.0.2.1',
  call: null,
  session: null,
  result,
});

export const refundOf = ({ attempt, call, session, psp, currency }: Intent, amount: number): RefundIntent => ({
  ...{ refund: newAttemptId(), attempt, call, session, psp, currency },
  ...{ kind: 'refund', agent: '2001', amount },
});

export const paid = async (book: JournalBook, changes: Partial<Intent>, reference: string): Promise<Intent> => {
  const one = intent(changes);
  await book.intend(one);
  await book.conclude(one.attempt, { outcome: 'succeeded', reference });
  return one;
};

/** More than two files or pages: nothing is in memory after a restart but what is carried along. */
export async function fillUp(book: JournalBook): Promise<void> {
  for (let n = 0; n < 50; n += 1) await book.evidence(evidence(`command.${n}`));
}
