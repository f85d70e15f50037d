import { expect, test } from 'vitest';
import { BookMemory } from '../../../src/ledger/book-memory.ts';
import type { EntryStore } from '../../../src/ledger/entry-store.ts';
import { JournalBook } from '../../../src/ledger/journal-book.ts';
import type { JournalBody, JournalEntry } from '../../../src/ledger/journal-entry.ts';
import { newAttemptId } from '../../../src/shared/ids.ts';
import { intent } from '../../support/book-entries.ts';

/** A storage that takes everything; the process hangs after each intent where `hangs` says so. */
class Storage implements EntryStore {
  readonly bodies: JournalBody[] = [];
  readonly shared = true;
  works = true;
  fresh = true;
  hangs = false;

  onLost(): void {}
  async prove(): Promise<boolean> {
    return true;
  }
  async append(body: JournalBody): Promise<JournalEntry> {
    this.bodies.push(body);
    this.fresh = !(this.hangs && /[iI]ntent$/.test(body.kind));
    return { seq: this.bodies.length, at: new Date(0).toISOString(), prev: '', hash: '', body } as JournalEntry;
  }
  async about(): Promise<readonly JournalEntry[]> {
    return [];
  }
  async takeOver(): Promise<undefined> {}
  async abandoned(): Promise<[]> {
    return [];
  }
  async close(): Promise<void> {}
}

const kinds = ({ bodies }: Storage): string[] =>
  bodies.map((body) =>
    'outcome' in body && body.outcome !== null ? `${body.kind} ${body.outcome.outcome}` : body.kind,
  );

test('Nothing is sent when the process hung after it had written what it intended: that is refused, and written down as not sent', async () => {
  const storage = new Storage();
  const book = new JournalBook(storage, new BookMemory());
  const paid = intent();
  await book.intend(paid);
  await book.conclude(paid.attempt, { outcome: 'succeeded', reference: 'ref-1' });
  storage.hangs = true;
  await expect(book.intend(intent())).rejects.toMatchObject({ code: 'storage-failed' });
  const { attempt, psp, call, session, currency } = paid;
  const refund = { refund: newAttemptId(), attempt, kind: 'refund', psp, call, session, currency } as const;
  await expect(book.intendRefund({ ...refund, agent: '2001', amount: 700 })).rejects.toMatchObject({
    code: 'storage-failed',
  });
  expect(kinds(storage)).toEqual([
    'intent',
    'outcome succeeded',
    'intent',
    'outcome not-sent',
    'refundIntent',
    'refundOutcome not-sent',
  ]);
});
