import type { RefundIntent } from '../payment/refund.ts';
import { AttemptIndex } from './attempt-index.ts';
import type { JournalBody, JournalEntry } from './journal-entry.ts';
import { OwedNotices } from './owed-notices.ts';

/** What the book keeps in memory of its chain, and what of it a new file or page has to begin with. */
export class BookMemory {
  readonly attempts = new AttemptIndex();
  readonly notices = new OwedNotices();

  take(entry: JournalEntry): void {
    const { body } = entry;
    if (body.kind === 'handedOver') return this.#forget();
    if (body.kind === 'notice') return this.notices.put(body.notice);
    if (body.kind === 'noticeSettled') return this.notices.settle(body.notice, body.hook);
    if ('notices' in body) for (const notice of body.notices ?? []) this.notices.put(notice);
    this.attempts.take(entry);
  }

  carry(): JournalBody[] {
    return [
      ...this.attempts.open().map((attempt): JournalBody => ({ kind: 'carried', ...attempt })),
      ...this.attempts.refunds.unresolved().map((refund): JournalBody => ({ kind: 'refundCarried', ...refund })),
      ...this.notices.all().map((notice): JournalBody => ({ kind: 'notice', notice })),
    ];
  }

  /**
   * Entries that were reported as refused and stand all the same: memory follows the storage. An intent among them was
   * never sent, because whoever intended it was told that it could not be written.
   */
  adopt(entries: readonly JournalEntry[]): JournalBody[] {
    return entries.flatMap((entry): JournalBody[] => {
      this.take(entry);
      if (entry.body.kind === 'refundIntent') return this.#neverRefunded(entry.body.intent);
      if (entry.body.kind !== 'intent') return [];
      const { attempt } = entry.body.intent;
      this.attempts.concluded(attempt, { outcome: 'not-sent' });
      return [{ kind: 'outcome', attempt, outcome: { outcome: 'not-sent' } }];
    });
  }

  /** Another gateway has it now; what it makes of it stands on the storage and not here. */
  #forget(): void {
    this.attempts.clear();
    this.notices.clear();
  }

  #neverRefunded({ refund, attempt }: RefundIntent): JournalBody[] {
    const outcome = { outcome: 'not-sent', code: 'storage-failed' } as const;
    this.attempts.refunds.concluded(refund, outcome);
    return [{ kind: 'refundOutcome', refund, attempt, outcome }];
  }
}
