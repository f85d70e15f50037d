import type { Notice } from '../../src/payment/notice.ts';
import type { Transaction } from '../../src/payment/transaction.ts';
import type { EvidenceEntry, Intent, RecordedOutcome, TransactionBook } from '../../src/payment/transaction-book.ts';
import { CodedError } from '../../src/shared/coded-error.ts';
import type { AttemptId, CallId } from '../../src/shared/ids.ts';

interface Entry {
  readonly intent: Intent;
  readonly outcomes: RecordedOutcome[];
}

/** A book in memory that checks what the port promises and can be made to fail. */
export class FakeTransactionBook implements TransactionBook {
  readonly entries = new Map<AttemptId, Entry>();
  readonly evidenced: EvidenceEntry[] = [];
  readonly breaches: string[] = [];
  /** What is owed outside, with the outcomes that brought it. */
  readonly owed: Notice[] = [];
  /** How many of the next writes fail, by method. */
  readonly failures = { intend: 0, conclude: 0, evidence: 0 };

  async intend(intent: Intent): Promise<void> {
    this.#mayFail('intend');
    const last = this.entries.get(intent.attempt)?.outcomes.at(-1)?.outcome;
    if (this.entries.has(intent.attempt) && last !== 'not-sent' && last !== 'quoted')
      this.breaches.push(`intended again after ${last ?? 'nothing'}`);
    this.entries.set(intent.attempt, { intent, outcomes: this.entries.get(intent.attempt)?.outcomes ?? [] });
  }

  async conclude(attempt: AttemptId, outcome: RecordedOutcome, notices: readonly Notice[]): Promise<readonly Notice[]> {
    this.#mayFail('conclude');
    const entry = this.entries.get(attempt);
    if (entry === undefined) this.breaches.push('concluded without an intent');
    entry?.outcomes.push(outcome);
    this.owed.push(...notices);
    return notices;
  }

  async history(call: CallId, _live: boolean): Promise<Transaction[]> {
    return [...this.entries.values()].flatMap(({ intent, outcomes }) => {
      const last = outcomes.at(-1);
      if (intent.call !== call || last === undefined) return [];
      if (last.outcome === 'not-sent' || last.outcome === 'quoted') return [];
      const { attempt: id, session: _, n: __, call: callId, ...rest } = intent;
      const reference = last.outcome === 'succeeded' ? last.reference : null;
      return [{ ...rest, id, callId, at: new Date(0).toISOString(), outcome: last.outcome, reference }];
    });
  }

  async unresolved(): Promise<Intent[]> {
    return [...this.entries.values()]
      .filter(({ outcomes }) => (outcomes.at(-1)?.outcome ?? 'unknown') === 'unknown')
      .map(({ intent }) => intent);
  }

  async quoted(): Promise<Intent[]> {
    return [...this.entries.values()]
      .filter(({ outcomes }) => outcomes.at(-1)?.outcome === 'quoted')
      .map(({ intent }) => intent);
  }

  async evidence(entry: EvidenceEntry): Promise<void> {
    this.#mayFail('evidence');
    this.evidenced.push(entry);
  }

  lastOutcome(attempt: AttemptId): RecordedOutcome['outcome'] | undefined {
    return this.entries.get(attempt)?.outcomes.at(-1)?.outcome;
  }

  #mayFail(method: 'intend' | 'conclude' | 'evidence'): void {
    if (this.failures[method] <= 0) return;
    this.failures[method] -= 1;
    throw new CodedError('storage-failed');
  }
}
