import { inspect } from 'node:util';
import { assert } from '../../shared/assert.ts';
import { isDigit, type KeyCode } from '../dtmf/key-code.ts';
import { registerWipeable, unregisterWipeable } from './wipe-registry.ts';

const asciiZero = 0x30;

/**
 * The one place where digits of a card may rest. A fixed block of bytes of its own, ASCII digits, never the shared 8 kB
 * pool (`Buffer.alloc` does not take from it) and never a string: strings cannot be overwritten. It prints as a count,
 * whatever prints it. Whoever makes one disposes of it; until then `wipeEverything` reaches it.
 */
export class DigitBuffer {
  readonly #bytes: Buffer;
  #length = 0;
  #disposed = false;

  constructor(capacity: number) {
    this.#bytes = Buffer.alloc(capacity);
    registerWipeable(this);
  }

  get length(): number {
    return this.#length;
  }

  /** Adds one digit. Keys that are no digits, and a digit beyond the capacity, are our own faults (assertion). */
  push(key: KeyCode): void {
    assert(isDigit(key) && !this.#disposed && this.#length < this.#bytes.length);
    this.#bytes[this.#length] = asciiZero + key;
    this.#length += 1;
  }

  /** Takes the last digit back. Harmless when empty. */
  pop(): void {
    if (this.#length === 0) return;
    this.#length -= 1;
    this.#bytes[this.#length] = 0;
  }

  /** Overwrites the digits; the buffer can be filled anew. */
  wipe(): void {
    this.#bytes.fill(0);
    this.#length = 0;
  }

  /**
   * The digits themselves, as a view on the buffer's own memory: a wipe empties the view too. Read it where you stand
   * and let it go; copies are to be wiped by whoever makes them. A test lists the files in which this word may stand.
   */
  expose(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Wipes for good. Twice is once. */
  [Symbol.dispose](): void {
    this.wipe();
    this.#disposed = true;
    unregisterWipeable(this);
  }

  toString(): string {
    return `[${this.#length} digits]`;
  }

  toJSON(): string {
    return this.toString();
  }

  [inspect.custom](): string {
    return this.toString();
  }
}
