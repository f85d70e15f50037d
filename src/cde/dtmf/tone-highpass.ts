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

/** Gain of the filter at a frequency; levels are divided by it. */
export function highpassGain(hz: number): number {
  const w = radians(hz);
  const above = Math.hypot(1 + b1 * Math.cos(w) + Math.cos(2 * w), b1 * Math.sin(w) + Math.sin(2 * w));
  const below = Math.hypot(1 + a1 * Math.cos(w) + a2 * Math.cos(2 * w), a1 * Math.sin(w) + a2 * Math.sin(2 * w));
  return above / below;
}

export class ToneHighpass {
  /** Energy of what came out since it was last set to 0. */
  energy = 0;
  #x1 = 0;
  #x2 = 0;
  #y1 = 0;
  #y2 = 0;

  /** Copies `count` samples at `from` into `raw`, and filters them into `sound`, both beginning at `at`. */
  run(samples: Int16Array, from: number, count: number, raw: Int16Array, sound: Float64Array, at: number): void {
    let x1 = this.#x1;
    let x2 = this.#x2;
    let y1 = this.#y1;
    let y2 = this.#y2;
    let energy = this.energy;
    for (let n = 0; n < count; n += 1) {
      const x = samples[from + n] as number;
      const y = x + b1 * x1 + x2 - a2 * y2 - a1 * y1;
      raw[at + n] = x;
      sound[at + n] = y;
      energy += y * y;
      x2 = x1;
      x1 = x;
      y2 = y1;
      y1 = y;
    }
    this.energy = energy;
    this.#x1 = x1;
    this.#x2 = x2;
    // What is left of a sound long gone would go on shrinking into denormal numbers, which are slow.
    this.#y1 = Math.abs(y1) < 1e-9 ? 0 : y1;
    this.#y2 = Math.abs(y2) < 1e-9 ? 0 : y2;
  }

  reset(): void {
    this.energy = 0;
    this.#x1 = 0;
    this.#x2 = 0;
    this.#y1 = 0;
    this.#y2 = 0;
  }
}
