import { expect, test } from 'vitest';
import { AttemptIndex, callsMax } from '../../../src/ledger/attempt-index.ts';
import { refundsMax } from '../../../src/ledger/refund-index.ts';
import { newAttemptId, newCallId } from '../../../src/shared/ids.ts';
import { intent, refundOf } from '../../support/book-entries.ts';

const at = '2026-11-24T12:00:00.000Z';
const succeeded = { outcome: 'succeeded', reference: 'ref' } as const;

test('of a call that is live nothing is forgotten, however many others come: it is told its history and may be voided (P-69)', () => {
  const index = new AttemptIndex();
  const live = newCallId();
  index.isLive = (call) => call === live;
  const [first, second] = [intent({ call: live }), intent({ call: live })];
  for (const one of [first, second]) index.intended(one, at);
  for (const { attempt } of [first, second]) index.concluded(attempt, succeeded);
  const refund = refundOf(first, 100);
  index.refunds.intended(refund, at);
  index.refunds.concluded(refund.refund, { outcome: 'refunded', reference: null });
  for (let n = 0; n < callsMax + 10; n += 1) {
    const other = intent();
    index.intended(other, at);
    index.concluded(other.attempt, succeeded);
  }
  for (let n = 0; n < refundsMax + 10; n += 1) {
    const other = refundOf(intent(), 100);
    index.refunds.intended(other, at);
    index.refunds.concluded(other.refund, { outcome: 'declined', code: 'x' });
  }
  expect(index.history(live)).toMatchObject([{ refunds: [{ amount: 100, outcome: 'refunded' }] }, {}]);
  expect(index.mayConclude(second.attempt, { outcome: 'cancelled' })).toBe(true);
});

test('of others the oldest call goes first, but for what is unresolved', () => {
  const index = new AttemptIndex();
  const [settled, unknown] = [intent(), intent()];
  for (const one of [settled, unknown]) index.intended(one, at);
  index.concluded(settled.attempt, succeeded);
  for (let n = 0; n < callsMax; n += 1) index.intended(intent({ attempt: newAttemptId() }), at);
  expect(index.knows(settled.call)).toBe(false);
  expect(index.mayConclude(settled.attempt, { outcome: 'cancelled' })).toBe(false);
  expect(index.mayConclude(unknown.attempt, succeeded)).toBe(true);
});
