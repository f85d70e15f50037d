import type { PaymentSearch } from '../payment/refund-book.ts';
import type { JournalBody, JournalEntry } from './journal-entry.ts';

/** Where entries are kept: one append-only chain of hashes. Files implement it, and PostgreSQL. */
export interface EntryStore {
  /** False from a refused write until the next that succeeds. */
  readonly works: boolean;
  /** Whether other gateways write here too, so that nobody's memory knows all. */
  readonly shared: boolean;
  /**
   * Whether what was written last was written so lately that nobody can have given this gateway up for dead since. Not, when the
   * process hung between the write and now.
   */
  readonly fresh: boolean;
  /** Calls back, once, when another gateway has taken this one's chain: nothing more can be written then. */
  onLost(lost: () => void): void;
  /**
   * @returns whether the chain is still this gateway's.
   * @throws {CodedError} `storage-failed`: nobody can say now.
   */
  prove(): Promise<boolean>;
  /**
   * Resolves when the entry is safe on the storage (fsync, or the database's commit), in the order of the calls.
   * @throws {CodedError} `storage-failed`: the entry is not in the chain, and nobody may act as if it were.
   * @throws {AssertionFailure} the entry may hold a card number; nothing was written.
   */
  append(body: JournalBody): Promise<JournalEntry>;
  /**
   * Entries that are no longer in memory, or that another gateway has written: all that is about the attempts that the
   * query finds, each attempt's in their order. For questions of people; not for the way of a call.
   */
  about(query: ArchiveQuery): Promise<readonly JournalEntry[]>;
  /**
   * Takes over what another gateway has left open, if that is dead: its unresolved attempts and refunds and the notices it
   * owed become entries of this chain, and its own chain says so, both or neither. Whoever comes second finds nothing. The
   * other gateway, should it wake, can write nothing more.
   * @returns the entries as they stand here now; undefined when the other lives, or nobody can say yet that it does not.
   * @throws {CodedError} `storage-failed`: ask again, what was taken over in spite of it is told then.
   */
  takeOver(gateway: string): Promise<readonly JournalEntry[] | undefined>;
  /** Other gateways whose chains nobody holds now: stopped, dead, hung, or cut off for a moment. */
  abandoned(): Promise<readonly AbandonedChain[]>;
  /** Writes what waits, then gives the chain free. Twice is once. */
  close(): Promise<void>;
}

export interface AbandonedChain {
  readonly gateway: string;
  /** Its last entry. */
  readonly seq: number;
}

export type ArchiveQuery =
  | { readonly by: 'call'; readonly id: string }
  | { readonly by: 'attempt'; readonly id: string }
  | PaymentSearch;

/** Attempts that one question finds; the newest. */
export const foundMax = 100;
