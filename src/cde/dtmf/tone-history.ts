import { highpass, highpassNumbers } from './tone-highpass.ts';
import { inbox, kernelSamples, sound, soundAt } from './tone-kernel.ts';

/** Sound that is kept: 80 ms, a whole number of blocks, so that no block goes over its end. */
const kept = kernelSamples;
/** The filter begins anew for whoever looks back, and needs so long to forget that: 5 ms. */
const settling = 40;
/** What one keeps, in bytes. */
export const historyBytes = 2 * kept;
/** Where filtered sound ends. */
export const soundEnd = kept;

const filter = new Float32Array(highpassNumbers);
/** Whose filtered sound is there: that of whoever looked back last. */
let soundOf: ToneHistory | undefined;
let soundAdditions = 0;
let soundCount = 0;

/**
 * The last of the sound, as it came: two bytes a sample, for with hundreds of calls it is memory that a packet waits for.
 * What the filter makes of it is made anew for whoever looks back, which is seldom.
 */
export class ToneHistory {
  readonly raw: Int16Array;
  /** Where the next sample goes; the oldest is there. */
  at = 0;
  /** Counts up with all that is added, and when all is forgotten. */
  #additions = 0;

  /** Keeps the sound in {@link historyBytes} of `memory` from `at` on. */
  constructor(memory: ArrayBuffer, at: number) {
    this.raw = new Int16Array(memory, at, kept);
  }

  /** Adds samples that do not go over the end. */
  add(samples: Int16Array, from: number, count: number): void {
    const { raw, at } = this;
    for (let n = 0; n < count; n += 1) raw[at + n] = samples[from + n] as number;
    this.advance(count);
  }

  /** So many samples were written at {@link at}. */
  advance(count: number): void {
    this.at = this.at + count === kept ? 0 : this.at + count;
    this.#additions += 1;
  }

  /** @returns where the last `count` samples begin that go up to the end or to {@link at}: a block. */
  newest(count: number): number {
    return (this.at === 0 ? kept : this.at) - count;
  }

  /** @returns filtered sound of which the last `count` samples before {@link soundEnd} are right, until the next who asks. */
  filtered(count: number): Float32Array {
    const known = soundOf === this && soundAdditions === this.#additions;
    if (known && soundCount >= count) return sound;
    soundOf = this;
    soundAdditions = this.#additions;
    soundCount = count;
    // The kernel filters four samples at a time.
    const length = Math.min(kept, (count + settling + 3) & ~3);
    const from = this.at - length;
    filter.fill(0);
    for (let n = 0; n < length; n += 1) {
      const at = from + n;
      inbox[2 + n] = this.raw[at < 0 ? kept + at : at] as number;
    }
    highpass(filter, length, soundAt + 4 * (kept - length));
    return sound;
  }

  /** Energy of the last `count` samples as they came, less what a constant offset has. */
  energyOf(count: number): number {
    let sum = 0;
    let squares = 0;
    for (let n = count; n > 0; n -= 1) {
      const x = this.raw[this.at >= n ? this.at - n : kept + this.at - n] as number;
      sum += x;
      squares += x * x;
    }
    return squares - (sum * sum) / count;
  }

  wipe(): void {
    this.raw.fill(0);
    this.at = 0;
    this.#additions += 1;
    soundOf = undefined;
  }
}
