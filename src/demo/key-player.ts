/** What goes out in one packet interval of 20 ms. */
export type Slot =
  | { readonly kind: 'audio' }
  /** `packets` back, in intervals, lies the start of the press: its timestamp is the event's. */
  | {
      readonly kind: 'event';
      readonly code: number;
      readonly first: boolean;
      readonly end: boolean;
      readonly age: number;
      readonly intervals: number;
    };

/** Five updates of 20 ms, then the end: a press of 120 ms. A phone's real key is seldom shorter than 80 ms. */
const updates = 5;
/** RFC 4733 §2.5.1.4: the last packet three times. */
const ends = 3;
/** Audio between two presses: 60 ms, so that in-band and event receivers alike see two. */
const gap = 3;
/** More waiting presses than any card has digits. */
export const queueLimit = 40;

const names = '0123456789*#';

/**
 * Presses one key after another (RFC 4733 §2.5.1). Pure: every call of `next` is one packet interval. A key is forgotten
 * with its last packet.
 */
export class KeyPlayer {
  readonly #waiting: number[] = [];
  #code: number | undefined;
  #age = 0;
  #quiet = 0;

  /** @returns false for what is no key of a telephone, and when too many wait. */
  press(key: string): boolean {
    const code = key.length === 1 ? names.indexOf(key) : -1;
    if (code < 0 || this.#waiting.length >= queueLimit) return false;
    this.#waiting.push(code);
    return true;
  }

  /** The presses that have not begun or not ended. */
  get pending(): number {
    return this.#waiting.length + (this.#code === undefined ? 0 : 1);
  }

  next(): Slot {
    if (this.#code === undefined) {
      if (this.#quiet > 0) this.#quiet -= 1;
      else this.#begin();
    }
    return this.#code === undefined ? { kind: 'audio' } : this.#event(this.#code);
  }

  /** The call is over: what was not pressed yet is not pressed any more. */
  clear(): void {
    this.#waiting.length = 0;
    this.#code = undefined;
    this.#quiet = 0;
  }

  #begin(): void {
    this.#code = this.#waiting.shift();
    this.#age = 0;
  }

  #event(code: number): Slot {
    const age = this.#age;
    const end = age >= updates;
    this.#age += 1;
    if (this.#age === updates + ends) {
      this.#code = undefined;
      this.#quiet = gap;
    }
    return { kind: 'event', code, first: age === 0, end, age, intervals: Math.min(age, updates) + 1 };
  }
}
