import { sampleRateHz } from './tone-plan.ts';

/*
 * Takes out what lies below the keypad's lowest tone and would stand in its way: dial tone (350–450 Hz the world over),
 * mains hum, offset. One biquad with its zero between the dial tones and its poles just below 697 Hz: 20 dB or more from
 * 350 to 440 Hz, 12 dB at 50 Hz, flat within 2 dB above 684 Hz. It rings for a millisecond, which a steeper one would not.
 */
const zeroHz = 380;
const poleHz = 682;
const poleRadius = 0.83;

const radians = (hz: number): number => (2 * Math.PI * hz) / sampleRateHz;

/** y[n] = x[n] + b1·x[n−1] + x[n−2] − a1·y[n−1] − a2·y[n−2] */
const b1 = -2 * Math.cos(radians(zeroHz));
const a1 = -2 * poleRadius * Math.cos(radians(poleHz));
const a2 = poleRadius * poleRadius;
const a1a1 = a1 * a1 - a2;
const a1a2 = a1 * a2;

/** Gain of the filter at a frequency; levels are divided by it. */
export function highpassGain(hz: number): number {
  const w = radians(hz);
  const above = Math.hypot(1 + b1 * Math.cos(w) + Math.cos(2 * w), b1 * Math.sin(w) + Math.sin(2 * w));
  const below = Math.hypot(1 + a1 * Math.cos(w) + a2 * Math.cos(2 * w), a1 * Math.sin(w) + a2 * Math.sin(2 * w));
  return above / below;
}

/** What the last {@link highpass} had: sum and squares of the sound as it came, energy of what was made of it. */
export const stretch = new Float64Array(9);
export const sumAt = 0;
export const squaresAt = 1;
export const energyAt = 2;

/** Of where a filter is: x[n−1], x[n−2], y[n−1], y[n−2]. */
export const highpassNumbers = 4;

/**
 * Copies `count` samples at `from` into `raw` at `at`, and filters them into `sound` at `to`. Two at a time, the second by
 * what was before the first, since each step of the recursion has to wait for the one before:
 *
 *     y[n+1] = u[n+1] − a1·u[n] + (a1² − a2)·y[n−1] + a1·a2·y[n−2]      where u[n] = x[n] + b1·x[n−1] + x[n−2]
 */
export function highpass(
  state: Float64Array,
  samples: Int16Array,
  from: number,
  count: number,
  raw: Int16Array,
  at: number,
  sound: Float64Array,
  to: number,
): void {
  let x1 = state[0] as number;
  let x2 = state[1] as number;
  let y1 = state[2] as number;
  let y2 = state[3] as number;
  let sum = 0;
  let squares = 0;
  let energy = 0;
  let n = 0;
  for (; n < count - 1; n += 2) {
    const x = samples[from + n] as number;
    const next = samples[from + n + 1] as number;
    raw[at + n] = x;
    raw[at + n + 1] = next;
    const u = x + b1 * x1 + x2;
    const v = next + b1 * x + x1 - a1 * u;
    const y = u - a2 * y2 - a1 * y1;
    y1 = v + a1a2 * y2 + a1a1 * y1;
    y2 = y;
    x2 = x;
    x1 = next;
    sound[to + n] = y2;
    sound[to + n + 1] = y1;
    sum += x + next;
    squares += x * x + next * next;
    energy += y2 * y2 + y1 * y1;
  }
  if (n < count) {
    const x = samples[from + n] as number;
    const y = x + b1 * x1 + x2 - a2 * y2 - a1 * y1;
    raw[at + n] = x;
    sound[to + n] = y;
    sum += x;
    squares += x * x;
    energy += y * y;
    x2 = x1;
    x1 = x;
    y2 = y1;
    y1 = y;
  }
  stretch[sumAt] = sum;
  stretch[squaresAt] = squares;
  stretch[energyAt] = energy;
  state[0] = x1;
  state[1] = x2;
  // What is left of a sound long gone would go on shrinking into denormal numbers, which are slow.
  state[2] = Math.abs(y1) < 1e-9 ? 0 : y1;
  state[3] = Math.abs(y2) < 1e-9 ? 0 : y2;
}
