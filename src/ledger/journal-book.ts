import { looksLikeCardNumber } from '../payment/card-like-text.ts';
import type { Transaction } from '../payment/transaction.ts';
import type { EvidenceEntry, Intent, RecordedOutcome, TransactionBook } from '../payment/transaction-book.ts';
import { assert } from '../shared/assert.ts';
import type { Clock } from '../shared/clock.ts';
import type { AttemptId, CallId } from '../shared/ids.ts';
import { AttemptIndex } from './attempt-index.ts';
import { Journal } from './journal.ts';
import type { JournalBody, JournalEntry } from './journal-entry.ts';

/** Longest free text of an entry: a reason that a peer gave, a provider's code. */
export const textMax = 256;

export interface JournalBookSettings {
  /** Directory of the journal. */
  readonly path: string;
  readonly clock: Clock;
  readonly fileBytesMax?: number;
}

/**
 * The book of payments in the journal. The state in memory follows the storage: it changes when an entry is safe, and at
 * the start it is what the entries say. Payments and evidence stand in one chain.
 */
export class JournalBook implements TransactionBook {
  readonly #journal: Journal;
  readonly #attempts: AttemptIndex;

  constructor(journal: Journal, attempts: AttemptIndex) {
    this.#journal = journal;
    this.#attempts = attempts;
  }

  get works(): boolean {
    return this.#journal.works;
  }

  async intend(intent: Intent): Promise<void> {
    assert(this.#attempts.mayIntend(intent.attempt));
    const { at } = await this.#journal.append({ kind: 'intent', intent });
    this.#attempts.intended(intent, at);
  }

  async conclude(attempt: AttemptId, outcome: RecordedOutcome): Promise<void> {
    if (!this.#attempts.mayConclude(attempt, outcome)) return;
    const written = 'code' in outcome ? { ...outcome, code: printable(outcome.code) } : outcome;
    await this.#journal.append({ kind: 'outcome', attempt, outcome: written });
    this.#attempts.concluded(attempt, written);
  }

  async history(call: CallId): Promise<Transaction[]> {
    return this.#attempts.history(call);
  }

  async unresolved(): Promise<Intent[]> {
    return this.#attempts.unresolved().map(({ intent }) => intent);
  }

  async evidence(entry: EvidenceEntry): Promise<void> {
    const { what, result, secured } = entry;
    const interval = secured && Object.fromEntries(Object.entries(secured).map(([name, n]) => [name, Math.round(n)]));
    const evidence = {
      ...entry,
      what: printable(what),
      result: printable(result),
      ...(interval && { secured: interval }),
    };
    await this.#journal.append({ kind: 'evidence', evidence: evidence as EvidenceEntry });
  }

  /** Writes what waits, then gives the directory free. */
  close(): Promise<void> {
    return this.#journal.close();
  }
}

/** @throws {CodedError} `storage-failed` when the journal cannot be used or is damaged; the message says where. */
export async function openJournalBook(settings: JournalBookSettings): Promise<JournalBook> {
  const attempts = new AttemptIndex();
  const journal = await Journal.open({
    ...settings,
    replay: (entry) => replay(attempts, entry),
    carry: () => attempts.unresolved().map((attempt): JournalBody => ({ kind: 'carried', ...attempt })),
  });
  return new JournalBook(journal, attempts);
}

function replay(attempts: AttemptIndex, { at, body }: JournalEntry): void {
  switch (body.kind) {
    case 'intent':
      return attempts.intended(body.intent, at);
    case 'outcome':
      return attempts.concluded(body.attempt, body.outcome);
    case 'carried':
      attempts.intended(body.intent, body.at);
      return body.outcome === null ? undefined : attempts.concluded(body.intent.attempt, body.outcome);
    case 'opened':
    case 'evidence':
    case 'repaired':
    case 'worksAgain':
      return undefined;
  }
}

/** Control and format characters, line ends, lone surrogates: what a text may break a log or a terminal with. */
const unprintable = /[\p{C}\p{Zl}\p{Zp}]/gu;

/** Text that others made: not longer than needed, on one line, and never what may be a card number, cut off or not. */
function printable(text: string): string {
  if (looksLikeCardNumber(text)) return 'withheld';
  const shown = text.slice(0, textMax).replaceAll(unprintable, ' ');
  return looksLikeCardNumber(shown) ? 'withheld' : shown;
}
