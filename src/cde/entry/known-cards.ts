import { createHmac, randomBytes } from 'node:crypto';
import { cardOrdinalMax } from '../messages.ts';
import type { DigitBuffer } from './digit-buffer.ts';
import { registerWipeable, unregisterWipeable } from './wipe-registry.ts';

/** More cards than this nobody tries on one call; later ones all count as new. */
export const cardsKnownMax = 64;

const keyBytes = 32;

/**
 * Tells whether a card was taken before on the same call, without keeping its number: a hash under a key that is made for
 * the call and wiped with it. What leaves the room is an ordinal: the call's first card, its second, the first again.
 */
export class KnownCards {
  #key = randomBytes(keyBytes);
  readonly #hashes: Buffer[] = [];
  /** Cards of the call so far, and how many of them a wipe has made strangers. */
  #seen = 0;
  #base = 0;

  constructor() {
    registerWipeable(this);
  }

  /** Counts from 1; the same card has the same ordinal for as long as the call lives. */
  ordinalOf(pan: DigitBuffer): number {
    const hash = createHmac('sha256', this.#key).update(pan.expose()).digest();
    const at = this.#hashes.findIndex((known) => known.equals(hash));
    if (at >= 0) return Math.min(this.#base + at + 1, cardOrdinalMax);
    this.#seen += 1;
    if (this.#hashes.length < cardsKnownMax) this.#hashes.push(hash);
    return Math.min(this.#seen, cardOrdinalMax);
  }

  wipe(): void {
    this.#key.fill(0);
    for (const hash of this.#hashes) hash.fill(0);
    this.#hashes.length = 0;
    this.#base = this.#seen;
    this.#key = randomBytes(keyBytes);
  }

  [Symbol.dispose](): void {
    this.wipe();
    unregisterWipeable(this);
  }
}
