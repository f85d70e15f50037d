import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { JournalBook } from '../../src/ledger/journal-book.ts';
import type { RefundIntent } from '../../src/payment/refund.ts';
import type { Intent } from '../../src/payment/transaction-book.ts';
import { newAttemptId, newCallId, newSessionId } from '../../src/shared/ids.ts';

/** A place where a book is kept, empty at first, in files or pages that hold about a dozen entries. */
export interface BookPlace {
  open(): Promise<JournalBook>;
  remove(): Promise<void>;
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

interface Books {
  open(): Promise<JournalBook>;
  /** Ends as a crash does for everybody who looks at the storage afterwards, but for the process's own memory. */
  reopen(): Promise<JournalBook>;
}

function booksAt(newPlace: () => Promise<BookPlace>): Books {
  let place: BookPlace;
  const books: JournalBook[] = [];
  beforeEach(async () => {
    place = await newPlace();
  });
  afterEach(async () => {
    for (const book of books.splice(0)) await book.close();
    await place.remove();
  });
  const open = async (): Promise<JournalBook> => {
    const book = await place.open();
    books.push(book);
    return book;
  };
  const reopen = async (): Promise<JournalBook> => {
    await books.pop()?.close();
    return open();
  };
  return { open, reopen };
}

/** What every book promises, wherever it is kept. */
export function bookPromises(newPlace: () => Promise<BookPlace>): void {
  describe('the book', () => {
    const books = booksAt(newPlace);
    memoryPromises(books);
    attemptPromises(books);
    refundPromises(books);
    noticePromises(books);
  });
}

function memoryPromises({ open, reopen }: Books): void {
  test('tells a call its history, also after a restart (P-69)', async () => {
    const call = newCallId();
    const paid = intent({ call });
    const declined = intent({ call, amount: 700 });
    let book = await open();
    await book.intend(paid);
    await book.conclude(paid.attempt, { outcome: 'succeeded', reference: 'ref-1' });
    await book.intend(declined);
    await book.conclude(declined.attempt, { outcome: 'declined', code: 'insufficient-funds' });
    const before = await book.history(call, true);
    expect(before).toMatchObject([
      { id: paid.attempt, outcome: 'succeeded', reference: 'ref-1', amount: 5000, lastFour: '1111' },
      { id: declined.attempt, outcome: 'declined', reference: null, amount: 700 },
    ]);
    book = await reopen();
    expect(await book.history(call, true)).toEqual(before);
  });

  test('an intent without an outcome is unresolved after a restart, and no line of the history before it is concluded', async () => {
    const lost = intent();
    let book = await open();
    await book.intend(lost);
    book = await reopen();
    expect(await book.unresolved()).toEqual([lost]);
    expect(await book.history(lost.call, true)).toEqual([]);
    await book.conclude(lost.attempt, { outcome: 'unknown', code: 'gateway-restarted' });
    expect(await book.history(lost.call, true)).toMatchObject([{ outcome: 'unknown' }]);
    book = await reopen();
    expect(await book.unresolved()).toEqual([lost]);
  });

  test('tells the history of a call that is not in memory any more out of the storage, with what came later', async () => {
    const call = newCallId();
    const book = await open();
    const paid = intent({ call, merchantReference: 'INV-2026/7' });
    await book.intend(paid);
    await book.conclude(paid.attempt, { outcome: 'unknown', code: 'timed-out' });
    await book.conclude(paid.attempt, { outcome: 'succeeded', reference: 'ref-"1"' });
    for (let n = 0; n < 50; n += 1) await book.evidence(evidence(`command.${n}`));
    const later = await reopen();
    expect(await later.history(call, true)).toEqual([]);
    expect(await later.history(call, false)).toMatchObject([{ id: paid.attempt, outcome: 'succeeded' }]);
    expect(await later.history(newCallId(), false)).toEqual([]);
  });
}

function attemptPromises({ open }: Books): void {
  test.each([
    ['not-sent', { outcome: 'not-sent' }],
    ['quoted', { outcome: 'quoted' }],
  ] as const)('an attempt that is %s leaves no line and may be intended again', async (_name, outcome) => {
    const attempt = intent();
    const book = await open();
    await book.intend(attempt);
    await book.conclude(attempt.attempt, outcome);
    expect(await book.history(attempt.call, true)).toEqual([]);
    expect(await book.unresolved()).toEqual([]);
    await book.intend({ ...attempt, amount: 5100 });
    expect(await book.unresolved()).toMatchObject([{ amount: 5100 }]);
  });

  test.each([
    ['succeeded', { outcome: 'succeeded', reference: null }],
    ['declined', { outcome: 'declined', code: 'x' }],
    ['unknown', { outcome: 'unknown', code: 'x' }],
    ['cancelled', { outcome: 'cancelled' }],
  ] as const)('an attempt that is %s cannot be intended again', async (_name, outcome) => {
    const attempt = intent();
    const book = await open();
    await book.intend(attempt);
    await expect(book.intend(attempt)).rejects.toThrow('assertion failed');
    await book.conclude(attempt.attempt, outcome);
    await expect(book.intend(attempt)).rejects.toThrow('assertion failed');
  });

  test('an outcome changes only as money can move', async () => {
    const attempt = intent();
    const book = await open();
    const outcomeNow = async () => (await book.history(attempt.call, true))[0]?.outcome;
    await book.intend(attempt);
    await book.conclude(attempt.attempt, { outcome: 'unknown', code: 'timed-out' });
    await book.conclude(attempt.attempt, { outcome: 'succeeded', reference: 'ref' });
    expect(await outcomeNow()).toBe('succeeded');
    await book.conclude(attempt.attempt, { outcome: 'declined', code: 'late' });
    expect(await outcomeNow()).toBe('succeeded');
    await book.conclude(attempt.attempt, { outcome: 'cancelled' });
    expect(await outcomeNow()).toBe('cancelled');
    await book.conclude(attempt.attempt, { outcome: 'succeeded', reference: 'late' });
    expect(await outcomeNow()).toBe('cancelled');
  });
}

const refundOf = ({ attempt, call, session, psp, currency }: Intent, amount: number): RefundIntent => ({
  ...{ refund: newAttemptId(), attempt, call, session, psp, currency },
  ...{ kind: 'refund', agent: '2001', amount },
});

const paid = async (book: JournalBook, changes: Partial<Intent>, reference: string): Promise<Intent> => {
  const one = intent(changes);
  await book.intend(one);
  await book.conclude(one.attempt, { outcome: 'succeeded', reference });
  return one;
};

/** More than two files or pages: nothing is in memory after a restart but what is carried along. */
async function fillUp(book: JournalBook): Promise<void> {
  for (let n = 0; n < 50; n += 1) await book.evidence(evidence(`command.${n}`));
}

function refundPromises({ open, reopen }: Books): void {
  test('finds payments by a part of either reference, with what was given back of them, whatever their age (S-07)', async () => {
    let book = await open();
    const one = await paid(book, { merchantReference: 'ORDER-%_7' }, 'psp_"x"_1');
    await paid(book, { merchantReference: 'ORDER-8' }, 'psp_2');
    const refund = refundOf(one, 100);
    await book.intendRefund(refund);
    await fillUp(book);
    book = await reopen();
    await book.concludeRefund(refund.refund, { outcome: 'refunded', reference: 'R-100' });
    await fillUp(book);
    book = await reopen();
    const found = {
      id: one.attempt,
      refunds: [{ amount: 100, outcome: 'refunded', reference: 'R-100', agent: '2001' }],
    };
    for (const part of ['%_7', 'p_"x"', 'R-10']) expect(await book.search(part)).toMatchObject([found]);
    expect(await book.search('ORDER-')).toHaveLength(2);
    expect(await book.search('ORDER-%')).toHaveLength(1);
    expect((await book.payment(one.attempt))?.transaction).toMatchObject(found);
    expect(await book.payment(newAttemptId())).toBeUndefined();
  });

  test('a refund without an outcome is unresolved after a restart; a definite outcome stands', async () => {
    let book = await open();
    const one = await paid(book, {}, 'ref');
    const [lost, done] = [refundOf(one, 100), refundOf(one, 200)];
    for (const refund of [lost, done]) await book.intendRefund(refund);
    await book.concludeRefund(done.refund, { outcome: 'declined', code: 'too-late' });
    await book.concludeRefund(done.refund, { outcome: 'refunded', reference: null });
    await fillUp(book);
    book = await reopen();
    expect(await book.unresolvedRefunds()).toEqual([lost]);
    await book.concludeRefund(lost.refund, { outcome: 'unknown', code: 'gateway-restarted' });
    await book.concludeRefund(lost.refund, { outcome: 'refunded', reference: 'R' });
    await book.concludeRefund(lost.refund, { outcome: 'declined', code: 'late' });
    expect(await book.unresolvedRefunds()).toEqual([]);
    const outcomes = (await book.payment(one.attempt))?.transaction.refunds?.map(({ outcome }) => outcome);
    expect(outcomes).toEqual(['refunded', 'declined']);
  });

  test('a void that went through makes its payment cancelled', async () => {
    const book = await open();
    const one = await paid(book, {}, 'ref');
    const refund: RefundIntent = { ...refundOf(one, 5000), kind: 'void' };
    await book.intendRefund(refund);
    await book.concludeRefund(refund.refund, { outcome: 'refunded', reference: null });
    expect(await book.history(one.call, true)).toMatchObject([{ outcome: 'cancelled' }]);
  });
}

function noticePromises({ open, reopen }: Books): void {
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
