import type { AttemptId } from '../shared/ids.ts';
import type { DeskWiring } from './desk-wiring.ts';
import type { Notice } from './notice.ts';
import type { EvidenceEntry, RecordedOutcome, TransactionBook } from './transaction-book.ts';

/** Where outcomes of one kind go. */
interface OutcomeBook<Outcome> extends Pick<TransactionBook, 'evidence'> {
  conclude(attempt: AttemptId, outcome: Outcome, notices: readonly Notice[]): Promise<readonly Notice[]>;
}

interface Kept<Outcome> {
  readonly outcome: Outcome;
  readonly notices: readonly Notice[];
}

/**
 * Writes what came of attempts with the notices owed for it, and the evidence. An outcome that the storage refuses is kept
 * and tried again, so that it is lost only if the process dies first; then the intent without an outcome says `unknown`,
 * which is true. Receivers outside are told of what is safe and of nothing else.
 */
export class OutcomeWriter<Outcome extends { readonly outcome: string } = RecordedOutcome> {
  readonly #book: OutcomeBook<Outcome>;
  readonly #wiring: DeskWiring;
  /** Outcomes of one attempt that wait for the storage, oldest first. */
  readonly #kept = new Map<AttemptId, Kept<Outcome>[]>();

  constructor(book: OutcomeBook<Outcome>, wiring: DeskWiring) {
    this.#book = book;
    this.#wiring = wiring;
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
  async conclude(attempt: AttemptId, outcome: Outcome, notices: readonly Notice[] = []): Promise<void> {
    const kept = this.#kept.get(attempt);
    if (kept !== undefined) return void kept.push({ outcome, notices });
    try {
      this.#wiring.notices.send(await this.#book.conclude(attempt, outcome, notices));
    } catch {
      this.#wiring.observer.storageFailed(outcome.outcome);
      this.#kept.set(attempt, [{ outcome, notices }]);
      this.#again(attempt, 0);
    }
  }

  /** Evidence of what happened already; a full disk does not undo it, so it is only counted. */
  note(entry: EvidenceEntry): void {
    this.#book.evidence(entry).catch(() => this.#wiring.observer.storageFailed(entry.what));
  }

  #again(attempt: AttemptId, tries: number): void {
    const { clock, settings } = this.#wiring;
    const wait = settings.storageRetryMs[Math.min(tries, settings.storageRetryMs.length - 1)] ?? 0;
    clock.after(wait, () => void this.#write(attempt, tries));
  }

  async #write(attempt: AttemptId, tries: number): Promise<void> {
    const kept = this.#kept.get(attempt) ?? [];
    try {
      for (let next = kept[0]; next !== undefined; next = kept[0]) {
        this.#wiring.notices.send(await this.#book.conclude(attempt, next.outcome, next.notices));
        kept.shift();
      }
      this.#kept.delete(attempt);
    } catch {
      this.#wiring.observer.storageFailed('outcome-again');
      this.#again(attempt, tries + 1);
    }
  }
}
