import type { CardBrand } from '../shared/card-brand.ts';
import type { AttemptId, CallId, SessionId } from '../shared/ids.ts';
import type { PaymentType, SecuredInterval } from './card-room.ts';
import type { Notice } from './notice.ts';
import type { Transaction } from './transaction.ts';

/** What is about to be asked of a provider; written down before the first byte leaves. */
export interface Intent {
  readonly attempt: AttemptId;
  readonly session: SessionId;
  readonly call: CallId;
  readonly agent: string;
  readonly psp: string;
  /** Which line of the card it is, from 1. */
  readonly n: number;
  readonly type: PaymentType;
  /** What the customer pays in all, an accepted surcharge included; null for `tokenise`. */
  readonly amount: number | null;
  readonly currency: string;
  readonly brand: CardBrand | null;
  readonly lastFour: string | null;
  /** What the agent typed as the merchant's reference; entries of older versions lack it. */
  readonly merchantReference?: string | null;
  /** What stood in the detail that `payments.searchField` names; absent where nothing did. */
  readonly searchValue?: string;
}

export type RecordedOutcome =
  | { outcome: 'succeeded'; reference: string | null }
  | { outcome: 'declined'; code: string }
  | { outcome: 'unknown'; code: string }
  /** Given back, or given up before anything was charged. */
  | { outcome: 'cancelled' }
  /** The provider named a surcharge and charged nothing. The same attempt may be intended again with the customer's word. */
  | { outcome: 'quoted' }
  /** Nothing was written to the provider: the attempt leaves no line in the history. */
  | { outcome: 'not-sent' };

/** Who did what, for the evidence log. `origin` is the address the command came from, or `sip`, `room`, `gateway`. */
export interface EvidenceEntry {
  readonly what: string;
  readonly who: string;
  readonly origin: string;
  readonly call: CallId | null;
  readonly session: SessionId | null;
  /** The attempt, where it is about one payment. */
  readonly payment?: AttemptId;
  readonly result: string;
  readonly secured?: SecuredInterval;
}

/**
 * The book of payments. Every method resolves only when the entry is safe on the storage (fsync, or the database's
 * commit), and rejects with a `CodedError` `storage-failed` otherwise: then nothing may be sent to a provider.
 */
export interface TransactionBook {
  /** Again for the same attempt only after `not-sent` or `quoted`; anything else is our own fault (assertion). */
  intend(intent: Intent): Promise<void>;
  /**
   * The answer to an attempt. A later one replaces it only as money can move: anything replaces `unknown` (an enquiry),
   * `cancelled` and `unknown` replace `succeeded` (a void, or one that nobody can vouch for). Other repeats change nothing.
   * @param notices are owed from the moment in which the outcome is safe: one entry holds both.
   * @returns those that are owed now, as they may be sent; none where the outcome has changed nothing.
   */
  conclude(attempt: AttemptId, outcome: RecordedOutcome, notices: readonly Notice[]): Promise<readonly Notice[]>;
  /**
   * The history of a call, oldest first: every attempt that has an outcome (P-69). `live` says that the call runs on this
   * gateway, so that nobody has to search the storage for it.
   */
  history(call: CallId, live: boolean): Promise<Transaction[]>;
  /** Attempts whose fate is not known: after a crash also those that have an intent and no outcome. */
  unresolved(): Promise<Intent[]>;
  /** Attempts of which nobody has said whether the surcharge is accepted: nothing was charged. */
  quoted(): Promise<Intent[]>;
  evidence(entry: EvidenceEntry): Promise<void>;
}
