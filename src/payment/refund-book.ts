import type { AttemptId } from '../shared/ids.ts';
import type { Notice } from './notice.ts';
import type { RecordedRefund, RefundIntent } from './refund.ts';
import type { Transaction } from './transaction.ts';
import type { Intent } from './transaction-book.ts';

/** A payment that was asked for at some time, on this gateway or another, and what was given back of it. */
export interface FoundPayment {
  readonly intent: Intent;
  readonly transaction: Transaction;
}

/**
 * What payments are looked for by: a part of the provider's or the merchant's reference, or the whole of the detail that
 * `payments.searchField` names, or nothing: then all are meant.
 */
export type PaymentSearch =
  | { readonly by: 'reference'; readonly part: string }
  | { readonly by: 'searchValue'; readonly value: string }
  | { readonly by: 'nothing' };

/**
 * The part of the book that giving back needs. Methods that write resolve when the entry is safe, and reject with a
 * `CodedError` `storage-failed` otherwise: then nothing may be asked of a provider.
 */
export interface RefundBook {
  /** @returns undefined when no such attempt has an outcome. */
  payment(attempt: AttemptId): Promise<FoundPayment | undefined>;
  /** The newest first, a hundred at most. */
  search(wanted: PaymentSearch): Promise<Transaction[]>;
  intendRefund(intent: RefundIntent): Promise<void>;
  /** Repeats and what contradicts a definite outcome change nothing. The notices are as in `TransactionBook.conclude`. */
  concludeRefund(refund: AttemptId, outcome: RecordedRefund, notices: readonly Notice[]): Promise<readonly Notice[]>;
  /** Refunds without an outcome, and unknown ones. */
  unresolvedRefunds(): Promise<RefundIntent[]>;
}
