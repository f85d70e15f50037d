import { filterState, filterVectors, halves, kernel } from './tone-kernel.ts';
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

/** The next four of y, when nothing comes in any more. */
function ringing(y1: number, y2: number): number[] {
  const all = [y2, y1];
  for (let n = 2; n < 6; n += 1) all.push(-a1 * (all[n - 1] as number) - a2 * (all[n - 2] as number));
  return all.slice(2);
}

/*
 * The kernel makes four samples at a time: what each answers to those that come with it (the first of which answers as 1, h1,
 * h2, h3), and how it rings after the two before.
 */
const afterOne = ringing(1, 0);
for (const [n, number] of [b1, ...afterOne.slice(0, 3)].entries()) filterVectors.fill(number, 4 * n, 4 * n + 4);
filterVectors.set([...afterOne, ...ringing(0, 1)], 16);

/** Gain of the filter at a frequency; levels are divided by it. */
export function highpassGain(hz: number): number {
  const w = radians(hz);
  const above = Math.hypot(1 + b1 * Math.cos(w) + Math.cos(2 * w), b1 * Math.sin(w) + Math.sin(2 * w));
  const below = Math.hypot(1 + a1 * Math.cos(w) + a2 * Math.cos(2 * w), a1 * Math.sin(w) + a2 * Math.sin(2 * w));
  return above / below;
}

/** Filters `count` samples, a multiple of four, at `from` of the kernel's memory into `to`, as if silence had been before. */
export function highpass(from: number, count: number, to: number): void {
  halves[(from >> 1) - 2] = 0;
  halves[(from >> 1) - 1] = 0;
  filterState[0] = 0;
  filterState[1] = 0;
  kernel.highpass(from, count, to);
}
