import { expect, test } from 'vitest';
import { newAttemptId, newCallId } from '../../src/shared/ids.ts';
import { type Books, fillUp, intent, refundOf } from './book-entries.ts';

/** What a book promises of notices. */
export function noticePromises({ open, reopen }: Books): void {
  test('owes a notice to each receiver until that has had it, over restarts and any number of files or pages', async () => {
    let book = await open();
    const notice = {
      id: newAttemptId(),
      hooks: ['crm', 'other'],
      at: '2026-11-24T12:00:00.000Z',
      event: { type: 'call.ended', callId: newCallId(), reason: 'bye', call: { agent: '1001' } },
    };
    await book.put(notice);
    await fillUp(book);
    book = await reopen();
    expect(book.owed()).toEqual([notice]);
    await book.settle(notice.id, 'crm', 'delivered');
    await book.settle(notice.id, 'crm', 'delivered');
    await fillUp(book);
    book = await reopen();
    expect(book.owed()).toEqual([{ ...notice, hooks: ['other'] }]);
    await book.settle(notice.id, 'other', 'given-up');
    book = await reopen();
    expect(book.owed()).toEqual([]);
  });

  test('owes what goes with an outcome from the moment in which that is safe, over restarts, and once', async () => {
    let book = await open();
    const [one, other] = [intent(), intent()];
    await book.intend(one);
    await book.intend(other);
    const notice = (type: string) => ({
      ...{ id: newAttemptId(), hooks: ['crm'], at: '2026-11-24T12:00:00.000Z' },
      event: { type, message: 'card 4111 1111 1111 1111' },
    });
    const [lost, found, back] = [notice('payment.unknown'), notice('payment.resolved'), notice('payment.refunded')];
    const owed = await book.conclude(one.attempt, { outcome: 'unknown', code: 'x' }, [lost]);
    expect(owed).toEqual([{ ...lost, event: { type: 'payment.unknown', message: 'card withheld' } }]);
    expect(book.owed()).toEqual(owed);
    expect(await book.conclude(one.attempt, { outcome: 'unknown', code: 'again' }, [found])).toEqual([]);
    const refund = refundOf(other, 100);
    await book.conclude(other.attempt, { outcome: 'succeeded', reference: null }, []);
    await book.intendRefund(refund);
    await book.concludeRefund(refund.refund, { outcome: 'unknown', code: 'x' }, [back]);
    expect(await book.concludeRefund(refund.refund, { outcome: 'unknown', code: 'x' }, [found])).toEqual([]);
    book = await reopen();
    expect(book.owed().map(({ id }) => id)).toEqual([lost.id, back.id]);
    await fillUp(book);
    book = await reopen();
    expect(book.owed().map(({ id }) => id)).toEqual([lost.id, back.id]);
    for (const { id } of [lost, back]) await book.settle(id, 'crm', 'delivered');
    book = await reopen();
    expect(book.owed()).toEqual([]);
  });

  test('an event with a number that may be a card’s is owed without it', async () => {
    const book = await open();
    const event = { type: 'payment.declined', message: 'no 4111 1111 1111 1111!', payment: { id: newAttemptId() } };
    const sent = await book.put({ id: newAttemptId(), hooks: ['crm'], at: '2026-11-24T12:00:00.000Z', event });
    expect(sent.event).toEqual({ ...event, message: 'no withheld!' });
    expect(book.owed()).toEqual([sent]);
  });
}
