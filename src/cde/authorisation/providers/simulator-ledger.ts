import { CodedError } from '../../../shared/coded-error.ts';
import type { AttemptId } from '../../../shared/ids.ts';
import type { AuthorisationOutcome, EnquiryAnswer } from '../../messages.ts';

/** What the simulated provider wrote down of one attempt. */
interface Entry {
  readonly paid: boolean;
  readonly reference: string | null;
  /** The answer that the merchant got, or `none` if it never got one. */
  readonly answer: AuthorisationOutcome | 'none';
  /** The enquiry, counted from 1, from which on the books can say; infinite for never. */
  readonly fromEnquiry: number;
  enquiries: number;
  voided: boolean;
}

/** More attempts than any demo or test makes; the oldest go first. */
const entriesKept = 100_000;

/** The books of the simulated provider, by the attempt's id: what it did is what an enquiry says, and it does it once. */
export class SimulatorLedger {
  readonly #entries = new Map<AttemptId, Entry>();

  /** Payments that stand. */
  get standing(): number {
    return [...this.#entries.values()].filter(({ paid, voided }) => paid && !voided).length;
  }

  /** The answer given before to the same attempt; undefined for a new one. */
  answerTo(attempt: AttemptId): AuthorisationOutcome | 'none' | undefined {
    return this.#entries.get(attempt)?.answer;
  }

  write(attempt: AttemptId, entry: Omit<Entry, 'enquiries' | 'voided'>): void {
    if (this.#entries.has(attempt)) return;
    this.#entries.set(attempt, { ...entry, enquiries: 0, voided: false });
    if (this.#entries.size <= entriesKept) return;
    const oldest = this.#entries.keys().next();
    if (oldest.done !== true) this.#entries.delete(oldest.value);
  }

  /** An attempt that is not in the books may have been in those of a process that is gone: nobody can say. */
  enquire(attempt: AttemptId): EnquiryAnswer {
    const entry = this.#entries.get(attempt);
    if (entry === undefined) return { answer: 'still-unknown' };
    entry.enquiries += 1;
    if (entry.enquiries < entry.fromEnquiry) return { answer: 'still-unknown' };
    return entry.paid && !entry.voided ? { answer: 'paid', reference: entry.reference } : { answer: 'not-paid' };
  }

  /**
   * Takes the payment back, if there was one.
   * @throws {CodedError} `cannot-enquire` when the books say nothing of the attempt.
   */
  voidPayment(attempt: AttemptId): true {
    const entry = this.#entries.get(attempt);
    if (entry === undefined || entry.fromEnquiry === Number.POSITIVE_INFINITY) throw new CodedError('cannot-enquire');
    entry.voided = true;
    return true;
  }
}
