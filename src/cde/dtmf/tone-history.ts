import { blockSamples } from './tone-block.ts';
import { highpass } from './tone-highpass.ts';
import { arriving, halves, kernel, kernelSamples, partsAt, pastAt, soundAt, words } from './tone-kernel.ts';

/** Sound that is kept: 80 ms, a whole number of blocks, so that no block goes over its end. */
const kept = kernelSamples;
/** The filter begins anew for whoever looks back, and needs so long to forget that: 5 ms. */
const settling = 40;
/** Where filtered sound ends. */
export const soundEnd = kept;

/*
 * The last of the sound in a detector's place, as it came: two bytes a sample, for with hundreds of calls it is memory that a
 * packet waits for. What the filter makes of it is made anew for whoever looks back, which is seldom.
 */

/** In a detector's place, see `tone-kernel.wat`: where the next sample goes, in bytes; what was added; the sound. */
const nextAt = 16 >> 2;
const additionsAt = 24 >> 2;
const soundKeptAt = 768 >> 1;

/** Whose filtered sound is there: that of whoever looked back last. */
let soundOf = 0;
let soundAdditions = 0;
let soundCount = 0;

/** Adds `count` samples of those that come, from `from` on, which do not go over the end of a block. */
export function keepSamples(place: number, from: number, count: number): void {
  const next = words[(place >> 2) + nextAt] as number;
  const to = (place >> 1) + soundKeptAt + (next >> 1);
  for (let n = 0; n < count; n += 1) halves[to + n] = arriving[from + n] as number;
  const end = next + 2 * count;
  words[(place >> 2) + nextAt] = end === 2 * kept ? 0 : end;
  words[(place >> 2) + additionsAt] = (words[(place >> 2) + additionsAt] as number) + 1;
}

/** Takes the newest block out again, for the kernel to take it in as a whole. @returns where it stands, in bytes of the kernel. */
export function takeNewestBlock(place: number): number {
  const next = words[(place >> 2) + nextAt] as number;
  const from = (next === 0 ? 2 * kept : next) - 2 * blockSamples;
  words[(place >> 2) + nextAt] = from;
  const first = (place >> 1) + soundKeptAt + (from >> 1);
  for (let n = 0; n < blockSamples; n += 1) halves[(partsAt >> 1) + n] = halves[first + n] as number;
  return partsAt;
}

/** Makes the last `count` samples of the kernel's filtered sound, up to {@link soundEnd}, this place's, until the next who asks. */
export function filterSound(place: number, count: number): void {
  const additions = words[(place >> 2) + additionsAt] as number;
  if (soundOf === place && soundAdditions === additions && soundCount >= count) return;
  soundOf = place;
  soundAdditions = additions;
  soundCount = count;
  // The kernel filters four samples at a time.
  const length = Math.min(kept, (count + settling + 3) & ~3);
  kernel.unroll(place, length, pastAt + 2 * length);
  highpass(pastAt, length, soundAt + 4 * (kept - length));
}

/** Energy of the last `count` samples as they came, less what a constant offset has. */
export function keptEnergy(place: number, count: number): number {
  const first = (place >> 1) + soundKeptAt;
  const next = (words[(place >> 2) + nextAt] as number) >> 1;
  let sum = 0;
  let squares = 0;
  for (let n = count; n > 0; n -= 1) {
    const x = halves[first + (next >= n ? next - n : kept + next - n)] as number;
    sum += x;
    squares += x * x;
  }
  return squares - (sum * sum) / count;
}

/** What was filtered last is nobody's: its place will be another's. */
export function forgetFiltered(): void {
  soundOf = 0;
}
