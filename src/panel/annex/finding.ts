import type { Transaction } from '../../payment/transaction.ts';

/** A search among the payments of the organisation (S-07): what is typed, and what was found by it. */
export interface Finding {
  readonly by: 'reference' | 'searchValue';
  readonly text: string;
  /** The newest first; null before anything was looked for. */
  readonly found: readonly Transaction[] | null;
  /** In words; null where nothing is the matter. */
  readonly problem: string | null;
}
