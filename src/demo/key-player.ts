/** How a key travels: as telephone-event (RFC 4733), or as the sound that it makes (ITU-T Q.23). */
export type KeyWay = 'events' | 'tones';

/** What goes out in one packet interval of 20 ms. */
export type Slot =
  | { readonly kind: 'audio' }
  /** Two tones in the voice's place; `age` intervals after the press began. */
  | { readonly kind: 'tone'; readonly code: number; readonly age: number }
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
/** 100 ms of two tones: a finger on a key. */
const toneIntervals = 5;
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
  readonly #waiting: { readonly code: number; readonly way: KeyWay }[] = [];
  #press: { readonly code: number; readonly way: KeyWay } | undefined;
  #age = 0;
  #quiet = 0;

  /** @returns false for what is no key of a telephone, and when too many wait. */
  press(key: string, way: KeyWay = 'events'): boolean {
    const code = key.length === 1 ? names.indexOf(key) : -1;
    if (code < 0 || this.#waiting.length >= queueLimit) return false;
    this.#waiting.push({ code, way });
    return true;
  }

  /** The presses that have not begun or not ended. */
  get pending(): number {
    return this.#waiting.length + (this.#press === undefined ? 0 : 1);
  }

  next(): Slot {
    if (this.#press === undefined) {
      if (this.#quiet > 0) this.#quiet -= 1;
      else this.#begin();
    }
    if (this.#press === undefined) return { kind: 'audio' };
    return this.#press.way === 'tones' ? this.#tone(this.#press.code) : this.#event(this.#press.code);
  }

  /** The call is over: what was not pressed yet is not pressed any more. */
  clear(): void {
    this.#waiting.length = 0;
    this.#press = undefined;
    this.#quiet = 0;
  }

  #begin(): void {
    this.#press = this.#waiting.shift();
    this.#age = 0;
  }

  #tone(code: number): Slot {
    const age = this.#age;
    this.#age += 1;
    if (this.#age === toneIntervals) this.#end();
    return { kind: 'tone', code, age };
  }

  #event(code: number): Slot {
    const age = this.#age;
    const end = age >= updates;
    this.#age += 1;
    if (this.#age === updates + ends) this.#end();
    return { kind: 'event', code, first: age === 0, end, age, intervals: Math.min(age, updates) + 1 };
  }

  #end(): void {
    this.#press = undefined;
    this.#quiet = gap;
  }
}
