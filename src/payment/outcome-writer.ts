import type { Clock } from '../shared/clock.ts';
import type { AttemptId } from '../shared/ids.ts';
import type { DeskObserver } from './desk-observer.ts';
import type { EvidenceEntry, RecordedOutcome, TransactionBook } from './transaction-book.ts';

/** Where outcomes of one kind go. */
interface OutcomeBook<Outcome> extends Pick<TransactionBook, 'evidence'> {
  conclude(attempt: AttemptId, outcome: Outcome): Promise<void>;
}

/**
 * Writes what came of attempts, and the evidence. An outcome that the storage refuses is kept and tried again, so that it
 * is lost only if the process dies first; then the intent without an outcome says `unknown`, which is true.
 */
export class OutcomeWriter<Outcome extends { readonly outcome: string } = RecordedOutcome> {
  readonly #book: OutcomeBook<Outcome>;
  readonly #clock: Clock;
  readonly #observer: DeskObserver;
  readonly #retryMs: readonly number[];
  /** Outcomes of one attempt that wait for the storage, oldest first. */
  readonly #kept = new Map<AttemptId, Outcome[]>();

  constructor(book: OutcomeBook<Outcome>, clock: Clock, observer: DeskObserver, retryMs: readonly number[]) {
    this.#book = book;
    this.#clock = clock;
    this.#observer = observer;
    this.#retryMs = retryMs;
  }

  /** Attempts whose outcome waits for the storage. */
  get waiting(): number {
    return this.#kept.size;
  }

  /** Whether an outcome of the attempt is not in the book yet: then it may not be intended anew. */
  keeps(attempt: AttemptId): boolean {
    return this.#kept.has(attempt);
  }

  /** Resolves when the outcome is safe, or was refused and is kept for later. Never rejects. */
  async conclude(attempt: AttemptId, outcome: Outcome): Promise<void> {
    const kept = this.#kept.get(attempt);
    if (kept !== undefined) return void kept.push(outcome);
    try {
      await this.#book.conclude(attempt, outcome);
    } catch {
      this.#observer.storageFailed(outcome.outcome);
      this.#kept.set(attempt, [outcome]);
      this.#again(attempt, 0);
    }
  }

  /** Evidence of what happened already; a full disk does not undo it, so it is only counted. */
  note(entry: EvidenceEntry): void {
    this.#book.evidence(entry).catch(() => this.#observer.storageFailed(entry.what));
  }

  #again(attempt: AttemptId, tries: number): void {
    const wait = this.#retryMs[Math.min(tries, this.#retryMs.length - 1)] ?? 0;
    this.#clock.after(wait, () => void this.#write(attempt, tries));
  }

  async #write(attempt: AttemptId, tries: number): Promise<void> {
    const kept = this.#kept.get(attempt) ?? [];
    try {
      for (let next = kept[0]; next !== undefined; next = kept[0]) {
        await this.#book.conclude(attempt, next);
        kept.shift();
      }
      this.#kept.delete(attempt);
    } catch {
      this.#observer.storageFailed('outcome-again');
      this.#again(attempt, tries + 1);
    }
  }
}
