import { fitParts, type ToneFit } from './tone-fit.ts';
import { highpassGain } from './tone-highpass.ts';
import { peakOfDbm0, sampleRateHz, toneHz } from './tone-plan.ts';

/** What a fit must be to be a key, beyond what it may leave of the sound. */
export interface ToneLimits {
  /** How far a tone may be from its frequency: a share of it, and Hz beside. */
  readonly offShare: number;
  readonly offHz: number;
  /** High over low, as powers. */
  readonly twistMin: number;
  readonly twistMax: number;
  /** Peak of the weakest tone. */
  readonly weakest: number;
  /** Where the high tone is so much weaker, or one tone is fainter than `faint`, no more than this share may be left. */
  readonly fallingTwist: number;
  readonly faint: number;
  readonly doubtfulRestMax: number;
}

/** What a fit may leave of the energy. In an object, for a number that is handed on may be garbage. */
export interface CleanFit {
  readonly restMax: number;
}

export const keyLimits: ToneLimits = {
  // ITU-T Q.24 wants ±1.5 % heard and ±3.5 % not, ETSI ES 201 235-3 §4.2.2 2 Hz more of the first; 1 Hz is for noise.
  offShare: 0.015,
  offHz: 3,
  // Q.24 (AT&T) wants +4 and −8 dB heard; past that the echo of a line may still push a tone.
  twistMin: 10 ** (-9.5 / 10),
  twistMax: 10 ** (5.5 / 10),
  // Q.24: −25 dBm0 must be heard, −55 must not.
  weakest: peakOfDbm0(-45),
  // A voice falls off towards high frequencies, and so do most pairs of its harmonics; keypads do not. 4.5 dB; 13 dB over noise.
  fallingTwist: 10 ** (-4.5 / 10),
  faint: peakOfDbm0(-38),
  doubtfulRestMax: 0.05,
};
/** Up to this rest its spectrum does not matter. */
const restSmall = 0.02;
/** A line in the rest this strong beside the stronger tone (as power) is a third tone, or a harmonic of a voice. */
const lineMax = 10 ** (-16 / 10);
/** So is a fainter one that stands out so far: the highest of noise's is 13 times the mean once in 5000 times. */
const faintLine = 10 ** (-22 / 10);
const standsOut = 13;
/** Each quarter of the stretch must have the tones in such measure. */
const partMin = 0.66;
const partMax = 1.4;

/** Where lines are looked for: the telephone band. */
const lineHzMin = 240;
const lineHzMax = 3400;
const lineStepHz = 30;
/** Below are dial tones, of which the filter leaves something. */
const faintLineHzMin = 520;
/** An echo, or a jump in phase, leaves something about the tones themselves: within so many bins of the transform. */
const ownBins = 2.2;

const gains = Float64Array.from(toneHz, highpassGain);

/**
 * Whether the fit of `count` samples is the key of `row` and `column`. The two tones may leave `restMax` of the energy:
 * 0.15 is a signal-to-noise ratio of 8 dB.
 */
export function isKey(
  fit: ToneFit,
  row: number,
  column: number,
  count: number,
  { restMax }: CleanFit,
  limits: ToneLimits,
): boolean {
  if (!(fit.rest <= restMax * fit.energy)) return false;
  if (!nearTone(fit.hz(0), row, limits) || !nearTone(fit.hz(1), column, limits)) return false;
  const low = (fit.size[0] as number) / (gains[row] as number);
  const high = (fit.size[1] as number) / (gains[column] as number);
  if (low < limits.weakest || high < limits.weakest) return false;
  const twist = (high / low) ** 2;
  if (twist < limits.twistMin || twist > limits.twistMax) return false;
  const doubtful = twist < limits.fallingTwist || low < limits.faint || high < limits.faint;
  if (doubtful && fit.rest > limits.doubtfulRestMax * fit.energy) return false;
  for (let part = 0; part < fitParts; part += 1) {
    const size = fit.parts[part] as number;
    if (size < partMin || size > partMax) return false;
  }
  return fit.rest <= restSmall * fit.energy || !hasLine(fit, count);
}

const nearTone = (hz: number, tone: number, { offShare, offHz }: ToneLimits): boolean => {
  const nominal = toneHz[tone] as number;
  return Math.abs(hz - nominal) <= nominal * offShare + offHz;
};

/** Whether what is left has a line of its own, where noise would be spread over all frequencies. */
function hasLine(fit: ToneFit, count: number): boolean {
  const strongest = (Math.max(fit.size[0] as number, fit.size[1] as number) * (count / 2)) ** 2;
  const ownHz = (ownBins * sampleRateHz) / count;
  let sum = 0;
  let places = 0;
  let highest = 0;
  for (let hz = lineHzMin; hz <= lineHzMax; hz += lineStepHz) {
    const power = linePower(fit.left, count, (2 * Math.PI * hz) / sampleRateHz);
    if (power > lineMax * strongest) return true;
    if (hz < faintLineHzMin || Math.abs(hz - fit.hz(0)) < ownHz || Math.abs(hz - fit.hz(1)) < ownHz) continue;
    sum += power;
    places += 1;
    if (power > highest) highest = power;
  }
  return highest > faintLine * strongest && highest * places > standsOut * sum;
}

/** The squared transform of `count` samples at one frequency, by Goertzel's recursion. */
function linePower(x: Float64Array, count: number, omega: number): number {
  const k = 2 * Math.cos(omega);
  let s1 = 0;
  let s2 = 0;
  for (let at = 0; at < count; at += 1) {
    const s = (x[at] as number) + k * s1 - s2;
    s2 = s1;
    s1 = s;
  }
  return s1 * s1 + s2 * s2 - k * s1 * s2;
}
