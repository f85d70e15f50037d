import type { RefundView } from '../payment/refund.ts';
import type { RefundAnswer } from '../payment/refund-answer.ts';
import type { PaymentSearch } from '../payment/refund-book.ts';
import type { Transaction } from '../payment/transaction.ts';
import type { AttemptId } from '../shared/ids.ts';
import type { Actor } from './session-desk.ts';

export type RecordedAnswer = { answer: 'paid'; reference: string | null } | { answer: 'not-paid' };

/** Payments after the fact, of the whole organisation, as the API drives them. Every method rejects with a `CodedError`. */
export interface RefundCounter {
  search(wanted: PaymentSearch, actor: Actor): Promise<Transaction[]>;
  get(payment: AttemptId, actor: Actor): Promise<Transaction>;
  /** The call that a payment was taken on; undefined where it is none, or the storage does not answer. */
  callOf(payment: AttemptId): Promise<string | undefined>;
  /** Resolves when the provider has answered or nobody can say; the outcome is in the answer. */
  refund(payment: AttemptId, amount: number | null, actor: Actor): Promise<RefundView>;
  void(payment: AttemptId, actor: Actor): Promise<RefundView>;
  /** The same of an unknown refund or void of a payment. */
  recordRefund(payment: AttemptId, refund: AttemptId, answer: RefundAnswer, actor: Actor): Promise<RefundView>;
  /** What the provider has said of an unknown payment by other means, such as the telephone. */
  recordAnswer(payment: AttemptId, answer: RecordedAnswer, actor: Actor): Promise<void>;
}
