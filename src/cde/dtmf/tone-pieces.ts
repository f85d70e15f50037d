import type { KeyCode } from './key-code.ts';
import { gapMax } from './tone-hold.ts';

/** Tone that pieces must add up to: Q.24 wants 23 ms of tone ignored, and 30 ms are more than that. */
const enough = 240;

/**
 * A press of which packets were lost may hold no stretch long enough for a decision. Its pieces count together when they
 * are the same key, silence lies between them, and no gap is longer than one that a press may have.
 */
export class TonePieces {
  /** Where the first of them began, and the last one ended. */
  start = 0;
  end = 0;
  #key: KeyCode | undefined;
  #length = 0;

  /** @returns whether the pieces make a press now. */
  add(key: KeyCode, start: number, end: number): boolean {
    const another = this.precede(key, start);
    if (!another) {
      this.#key = key;
      this.start = start;
      this.#length = 0;
    }
    this.#length += end - (another ? Math.max(start, this.end) : start);
    this.end = end;
    return another && this.#length >= enough;
  }

  /** Whether a tone of `key` that begins at `start` goes on with these pieces. */
  precede(key: KeyCode, start: number): boolean {
    return this.#key === key && start - this.end < gapMax;
  }

  /** Whether one of the pieces reaches over sample `start`. */
  reach(start: number): boolean {
    return this.#key !== undefined && this.end > start;
  }

  forget(): void {
    this.#key = undefined;
  }
}
