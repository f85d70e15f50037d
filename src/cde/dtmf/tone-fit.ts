import { fitted, kernel, leftAt, soundAt } from './tone-kernel.ts';
import { sampleRateHz } from './tone-plan.ts';

/** Longest stretch that can be fitted. */
export const fitSamplesMax = 256;
/** After the first try a fit that leaves more than this share of the energy is not refined: it is no pair of tones. */
const hopelessRest = 0.45;
/** A refinement that turns no tone further than this from end to end (radians) is not worth a new fit: it would take away less than 1 % of the energy. */
const stillTurn = 0.3;
/** No tone is looked for beyond a gap of so many samples: 10 ms. */
const hopelessGap = 80;
/** Furthest turn of one refinement. */
const lobeTurn = 3;
/** Parts of the stretch by which its evenness is told. */
export const fitParts = 4;

/** Where the kernel has what its loops go by, and what they say: places in {@link fitted}. */
const [turnAt, quarterTurnAt, cosAt, sinAt] = [0, 2, 4, 6];
const [evenAt, oddAt] = [8, 10];
const [slopeAt, energyAt, followedAt, timeAt] = [8, 10, 12, 14];
const [startCosAt, startSinAt, hopelessAt] = [8, 10, 12];
const byte = (sample: number): number => soundAt + 4 * sample;

/** Σ cos(θt) over `count` samples about their middle. */
export const comb = (theta: number, count: number): number => {
  const below = Math.sin(theta / 2);
  return Math.abs(below) < 1e-9 ? count : Math.sin((count * theta) / 2) / below;
};

const left = new Float64Array(fitted.buffer, leftAt, fitSamplesMax);

/**
 * The least-squares fit of two sinusoids to a stretch of sound, their frequencies refined by Gauss and Newton's method:
 *
 *     x(t) ≈ a₁ cos ω₁t + b₁ sin ω₁t + a₂ cos ω₂t + b₂ sin ω₂t       t from the middle of the stretch
 *
 * About the middle cosines and sines are orthogonal, so amplitudes are two equations of two unknowns, whose coefficients
 * have closed forms. The sound is that which stands filtered in the kernel, whose loops these are. Nothing is allocated.
 */
export class ToneFit {
  /** Radians a sample, and peak sizes: the row's tone, then the column's. */
  readonly omega = new Float64Array(2);
  readonly size = new Float64Array(2);
  /** Energy of the stretch, and of what the two sinusoids leave of it. */
  energy = 0;
  rest = 0;
  /** What is left, sample by sample; one for all fits, like the sound. */
  readonly left = left;
  /** How well each quarter follows the fit: 1 when it has the same size, 0 when the tones are absent from it. */
  readonly parts = new Float64Array(fitParts);

  /** Handed on as arguments they would be garbage. */
  readonly #overlaps = new Float64Array(4);
  readonly #cos = new Float64Array(2);
  readonly #sin = new Float64Array(2);
  #middle = 0;

  /** The next fit starts at these two frequencies. They come in an array, for as arguments they would be garbage. */
  aim(hz: Float64Array): void {
    this.omega[0] = (2 * Math.PI * (hz[0] as number)) / sampleRateHz;
    this.omega[1] = (2 * Math.PI * (hz[1] as number)) / sampleRateHz;
  }

  /** Fits an even `count` of samples of the sound at `from`, aimed at frequencies that are right within 1/`count`, and refines so often. */
  fit(from: number, count: number, refinements: number): void {
    this.#middle = from + (count - 1) / 2;
    this.#amplitudes(from, count);
    this.#subtract(from, count);
    for (let n = 0; n < refinements && this.rest < hopelessRest * this.energy; n += 1) {
      const turned = this.#refine(count);
      if (turned < stillTurn) break;
      this.#amplitudes(from, count);
      this.#subtract(from, count);
    }
    // Math.hypot leaves garbage.
    for (let which = 0; which < 2; which += 1) {
      const a = this.#cos[which] as number;
      const b = this.#sin[which] as number;
      this.size[which] = Math.sqrt(a * a + b * b);
    }
  }

  hz(which: 0 | 1): number {
    return ((this.omega[which] as number) * sampleRateHz) / (2 * Math.PI);
  }

  /**
   * Where the tones began: the sample between `earliest` and `latest` for which silence before and the fitted tones after
   * are likeliest, by the sum of x² − (x − m)² over all that comes after.
   */
  start(earliest: number, latest: number): number {
    const power = ((this.size[0] as number) ** 2 + (this.size[1] as number) ** 2) / 2;
    const t = latest - 1 - this.#middle;
    for (let which = 0; which < 2; which += 1) {
      const w = this.omega[which] as number;
      this.#turn(which);
      fitted[cosAt + which] = Math.cos(w * t);
      fitted[sinAt + which] = Math.sin(w * t);
      fitted[startCosAt + which] = this.#cos[which] as number;
      fitted[startSinAt + which] = this.#sin[which] as number;
    }
    fitted[hopelessAt] = hopelessGap * power;
    return (kernel.start(byte(earliest), byte(latest)) - soundAt) >> 2;
  }

  /** Tells the kernel how far a tone turns in a sample. */
  #turn(which: number): void {
    const w = this.omega[which] as number;
    fitted[turnAt + which] = Math.cos(w);
    fitted[quarterTurnAt + which] = Math.sin(w);
  }

  #amplitudes(from: number, count: number): void {
    for (let which = 0; which < 2; which += 1) {
      const w = this.omega[which] as number;
      this.#turn(which);
      fitted[cosAt + which] = Math.cos(w / 2);
      fitted[sinAt + which] = Math.sin(w / 2);
    }
    kernel.correlate(byte(from + (count >> 1)), count >> 1);
    this.#overlap(count);
    this.#solve(this.#cos, evenAt, 1, count);
    this.#solve(this.#sin, oddAt, -1, count);
  }

  /** What the two tones have in common over `count` samples: {@link comb} of their distance and their sum, then of twice each. */
  #overlap(count: number): void {
    const w1 = this.omega[0] as number;
    const w2 = this.omega[1] as number;
    const overlaps = this.#overlaps;
    overlaps[0] = w1 - w2;
    overlaps[1] = w1 + w2;
    overlaps[2] = 2 * w1;
    overlaps[3] = 2 * w2;
    for (let n = 0; n < 4; n += 1) {
      const theta = overlaps[n] as number;
      const below = Math.sin(theta / 2);
      if (Math.abs(below) < 1e-9) overlaps[n] = count;
      else overlaps[n] = Math.sin((count * theta) / 2) / below;
    }
  }

  /** Solves for the cosines (`sign` 1) or the sines (−1) of both tones, whose sums are at `at`. */
  #solve(into: Float64Array, at: number, sign: number, count: number): void {
    const overlaps = this.#overlaps;
    const x1 = fitted[at] as number;
    const x2 = fitted[at + 1] as number;
    const g11 = (count + sign * (overlaps[2] as number)) / 2;
    const g22 = (count + sign * (overlaps[3] as number)) / 2;
    const g12 = ((overlaps[0] as number) + sign * (overlaps[1] as number)) / 2;
    const determinant = g11 * g22 - g12 * g12;
    into[0] = (x1 * g22 - x2 * g12) / determinant;
    into[1] = (x2 * g11 - x1 * g12) / determinant;
  }

  /** Takes the model from the sound, and correlates what is left with the model's change by frequency: t · (b cos − a sin). */
  #subtract(from: number, count: number): void {
    const t = -(count - 1) / 2;
    for (let which = 0; which < 2; which += 1) {
      const w = this.omega[which] as number;
      const c = this.#cos[which] as number;
      const s = this.#sin[which] as number;
      this.#turn(which);
      // The tone at t, and a quarter turn on, which is its change by frequency over t.
      fitted[cosAt + which] = c * Math.cos(w * t) + s * Math.sin(w * t);
      fitted[sinAt + which] = s * Math.cos(w * t) - c * Math.sin(w * t);
    }
    fitted.fill(0, slopeAt, timeAt);
    fitted[timeAt] = t;
    let at = 0;
    for (let part = 0; part < fitParts; part += 1) {
      const end = Math.round(((part + 1) * count) / fitParts);
      kernel.subtract(byte(from + at), end - at, leftAt + 8 * at);
      at = end;
      const followed = fitted[followedAt] as number;
      const model = fitted[followedAt + 1] as number;
      this.parts[part] = model > 0 ? followed / model : 0;
    }
    this.energy = fitted[energyAt] as number;
    this.rest = fitted[energyAt + 1] as number;
  }

  /** @returns how far it turned the tone that it turned further, from end to end in radians. */
  #refine(count: number): number {
    // Σ t² over the stretch; half of it falls to a sine's square.
    const spread = (count * (count * count - 1)) / 24;
    let furthest = 0;
    for (let which = 0; which < 2; which += 1) {
      const power = (this.#cos[which] as number) ** 2 + (this.#sin[which] as number) ** 2;
      if (power === 0) continue;
      const step = (fitted[slopeAt + which] as number) / (power * spread);
      // A step further than the main lobe is wide leads astray.
      const turn = Math.max(-lobeTurn, Math.min(lobeTurn, step * count));
      this.omega[which] = (this.omega[which] as number) + turn / count;
      furthest = Math.max(furthest, Math.abs(turn));
    }
    return furthest;
  }
}
