import type { EntryFailure } from '../../shared/capture-failure.ts';

/** What a field machine may know of an entry: facts about it, never a digit of it. */
export interface EntryFacts {
  readonly digits: number;
  /** An entry of this many digits can be whole. */
  readonly lengthPossible: boolean;
  /** A further digit could still belong to it. When not, the entry ends by itself. */
  readonly longerPossible: boolean;
  /** What is wrong with it if it ends here; says something only where the length is possible. */
  readonly fault: EntryFailure | null;
  /** It speaks for itself that the entry is whole (its check digit is right), so a short silence ends it. */
  readonly soundsWhole: boolean;
  /** The number of keys is all that is asked for, so that running out of time is no failure. */
  readonly countOnly: boolean;
}

/** How the digits of one field are judged. */
export interface FieldRule {
  /** More digits than this never belong to the field. */
  readonly capacity: number;
  read(digits: Uint8Array): EntryFacts;
}
