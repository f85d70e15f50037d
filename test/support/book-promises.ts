import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { JournalBook } from '../../src/ledger/journal-book.ts';
import type { RefundIntent } from '../../src/payment/refund.ts';
import type { PaymentSearch } from '../../src/payment/refund-book.ts';
import { newAttemptId, newCallId } from '../../src/shared/ids.ts';
import { type Books, evidence, fillUp, intent, paid, refundOf } from './book-entries.ts';
import { noticePromises } from './notice-promises.ts';

/** A place where a book is kept, empty at first, in files or pages that hold about a dozen entries. */
export interface BookPlace {
  open(): Promise<JournalBook>;
  remove(): Promise<void>;
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
    quotePromises(books);
    searchPromises(books);
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

function quotePromises({ open, reopen }: Books): void {
  test('a quote that nobody has answered is found after any number of restarts, until it is cancelled', async () => {
    const quote = intent();
    let book = await open();
    await book.intend(quote);
    await book.conclude(quote.attempt, { outcome: 'quoted' });
    for (let restart = 0; restart < 2; restart += 1) {
      await fillUp(book);
      book = await reopen();
      expect([await book.quoted(), await book.unresolved()]).toEqual([[quote], []]);
    }
    await book.conclude(quote.attempt, { outcome: 'cancelled' });
    expect(await book.history(quote.call, true)).toMatchObject([{ outcome: 'cancelled', amount: 5000 }]);
    book = await reopen();
    expect(await book.quoted()).toEqual([]);
  });
}

function searchPromises({ open, reopen }: Books): void {
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
    for (const part of ['%_7', 'p_"x"', 'R-10'])
      expect(await book.search({ by: 'reference', part })).toMatchObject([found]);
    expect(await book.search({ by: 'reference', part: 'ORDER-' })).toHaveLength(2);
    expect(await book.search({ by: 'reference', part: 'ORDER-%' })).toHaveLength(1);
    expect((await book.payment(one.attempt))?.transaction).toMatchObject(found);
    expect(await book.payment(newAttemptId())).toBeUndefined();
  });

  test('finds payments by the whole of their search value, and all of them, the newest first (S-07)', async () => {
    let book = await open();
    const one = await paid(book, { searchValue: 'C-"7"' }, 'psp_1');
    const again = await paid(book, { searchValue: 'C-"7"' }, 'psp_2');
    const other = await paid(book, { searchValue: 'C-"77"' }, 'psp_3');
    const plain = await paid(book, {}, 'C-"7"');
    await fillUp(book);
    book = await reopen();
    const ids = async (wanted: PaymentSearch) => (await book.search(wanted)).map(({ id }) => id);
    const found = await book.search({ by: 'searchValue', value: 'C-"7"' });
    expect(found).toMatchObject([{ id: again.attempt, searchValue: 'C-"7"', reference: 'psp_2' }, { id: one.attempt }]);
    expect(await ids({ by: 'searchValue', value: 'C-' })).toEqual([]);
    expect(await ids({ by: 'nothing' })).toEqual([plain, other, again, one].map(({ attempt }) => attempt));
  });
}

function refundPromises({ open, reopen }: Books): void {
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
