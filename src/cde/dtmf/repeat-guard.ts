import { registerWipeable, unregisterWipeable } from '../entry/wipe-registry.ts';
import type { KeyCode } from './key-code.ts';

/**
 * In the keypad test the customer presses different keys, or one slowly. The same key again within this time is the
 * telephone's doing: a finger needs longer to come down twice.
 */
export const doubledWithinMs = 250;
/** What is added to the widest double that a test has found. */
const marginMs = 30;

/** A telephone that sends more than this is known well enough. */
const doublesMax = 32;

const noKey = 0xff;

/**
 * Finds telephones that send a key twice, in a keypad test, and then takes the second for no press of its own. As long as
 * no test has found one, every press counts: it takes nothing away from a customer with quick fingers.
 */
export class RepeatGuard {
  /** The newest key is a digit: one byte that can be wiped. */
  readonly #key = Buffer.alloc(1, noKey);
  #at = Number.NEGATIVE_INFINITY;
  #testing = false;
  #doubled = 0;
  #widestMs = 0;
  #gapMs = 0;

  constructor() {
    registerWipeable(this);
  }

  /** The shortest time between two presses of one key, in milliseconds; 0 where no test has found doubles. */
  get gapMs(): number {
    return this.#gapMs;
  }

  /** A test begins: what an earlier one has found is found anew, or not. */
  beginTest(): void {
    this.wipe();
    this.#testing = true;
    this.#doubled = 0;
    this.#widestMs = 0;
    this.#gapMs = 0;
  }

  /** @returns how many doubles the test has found; 0 when none is going on. */
  endTest(): number {
    if (!this.#testing) return 0;
    this.#testing = false;
    this.#gapMs = this.#doubled === 0 ? 0 : this.#widestMs + marginMs;
    return this.#doubled;
  }

  /** @returns whether it is a press of its own. `at` in monotonic milliseconds. */
  counts(key: KeyCode, at: number): boolean {
    const since = at - this.#at;
    const again = this.#key[0] === key && since < (this.#testing ? doubledWithinMs : this.#gapMs);
    if (again) {
      if (this.#testing) this.#doubled = Math.min(this.#doubled + 1, doublesMax);
      this.#widestMs = Math.max(this.#widestMs, since);
      return false;
    }
    this.#key[0] = key;
    this.#at = at;
    return true;
  }

  /** Forgets the key, not what a test has found of the telephone. */
  wipe(): void {
    this.#key[0] = noKey;
    this.#at = Number.NEGATIVE_INFINITY;
  }

  [Symbol.dispose](): void {
    this.wipe();
    unregisterWipeable(this);
  }
}
