import { CodedError } from '../../../shared/coded-error.ts';
import type { AttemptId } from '../../../shared/ids.ts';
import type {
  AuthorisationOutcome,
  EnquiryAnswer,
  EnquirySubject,
  RefundOrder,
  RefundOutcome,
} from '../../messages.ts';

/** What the simulated provider wrote down of one attempt. */
interface Entry {
  readonly paid: boolean;
  /** What was taken, in minor units; 0 for a token. */
  readonly taken: number;
  readonly reference: string | null;
  /** The answer that the merchant got, or `none` if it never got one. */
  readonly answer: AuthorisationOutcome | 'none';
  /** The enquiry, counted from 1, from which on the books can say; infinite for never. */
  readonly fromEnquiry: number;
  enquiries: number;
  voided: boolean;
  /** What was given back of it so far. */
  givenBack: number;
}

/** More attempts than any demo or test makes; the oldest go first. */
const entriesKept = 100_000;

/** The books of the simulated provider, by the attempt's id: what it did is what an enquiry says, and it does it once. */
export class SimulatorLedger {
  readonly #entries = new Map<AttemptId, Entry>();
  readonly #refunds = new Map<AttemptId, RefundOutcome>();

  /** Payments that stand. */
  get standing(): number {
    return [...this.#entries.values()].filter(({ paid, voided }) => paid && !voided).length;
  }

  /** The answer given before to the same attempt; undefined for a new one. */
  answerTo(attempt: AttemptId): AuthorisationOutcome | 'none' | undefined {
    return this.#entries.get(attempt)?.answer;
  }

  write(attempt: AttemptId, entry: Omit<Entry, 'enquiries' | 'voided' | 'givenBack'>): void {
    if (this.#entries.has(attempt)) return;
    this.#entries.set(attempt, { ...entry, enquiries: 0, voided: false, givenBack: 0 });
    dropOldest(this.#entries);
  }

  /** An attempt that is not in the books may have been in those of a process that is gone: nobody can say. */
  enquire(attempt: AttemptId, about: EnquirySubject): EnquiryAnswer {
    if (about === 'refund') return this.#enquireRefund(attempt);
    const entry = this.#entries.get(attempt);
    if (entry === undefined) return { answer: 'still-unknown' };
    entry.enquiries += 1;
    if (entry.enquiries < entry.fromEnquiry) return { answer: 'still-unknown' };
    return entry.paid && !entry.voided ? { answer: 'paid', reference: entry.reference } : { answer: 'not-paid' };
  }

  /**
   * Takes the payment back, if there was one.
   * @returns false when a part of it was given back already: then it can only be refunded.
   * @throws {CodedError} `cannot-enquire` when the books say nothing of the attempt.
   */
  voidPayment(attempt: AttemptId): boolean {
    const entry = this.#entries.get(attempt);
    if (entry === undefined || entry.fromEnquiry === Number.POSITIVE_INFINITY) throw new CodedError('cannot-enquire');
    if (entry.givenBack > 0) return false;
    entry.voided = true;
    return true;
  }

  /** Gives back what of the payment is left, at most; the same refund again gets the same answer and gives back nothing more. */
  refund(order: RefundOrder, reference: string): RefundOutcome {
    const outcome = this.#refunds.get(order.refund) ?? this.#giveBack(order, reference);
    this.#refunds.set(order.refund, outcome);
    dropOldest(this.#refunds);
    return outcome;
  }

  #giveBack({ attempt, amount }: RefundOrder, reference: string): RefundOutcome {
    const entry = this.#entries.get(attempt);
    const refused = (code: string, message: string) => ({ outcome: 'declined', code, message }) as const;
    if (entry?.paid !== true || entry.voided) return refused('no-such-payment', 'There is no such payment');
    if (entry.givenBack + amount > entry.taken) return refused('too-much', 'More than the payment has left');
    entry.givenBack += amount;
    return { outcome: 'refunded', reference };
  }

  #enquireRefund(refund: AttemptId): EnquiryAnswer {
    const outcome = this.#refunds.get(refund);
    if (outcome === undefined) return { answer: 'still-unknown' };
    return outcome.outcome === 'refunded' ? { answer: 'paid', reference: outcome.reference } : { answer: 'not-paid' };
  }
}

function dropOldest(books: Map<AttemptId, unknown>): void {
  if (books.size <= entriesKept) return;
  const oldest = books.keys().next();
  if (oldest.done !== true) books.delete(oldest.value);
}
