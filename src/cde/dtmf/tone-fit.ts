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

/** Σ cos(θt) over `count` samples about their middle. */
export const comb = (theta: number, count: number): number => {
  const below = Math.sin(theta / 2);
  return Math.abs(below) < 1e-9 ? count : Math.sin((count * theta) / 2) / below;
};

/**
 * The least-squares fit of two sinusoids to a stretch of sound, their frequencies refined by Gauss and Newton's method:
 *
 *     x(t) ≈ a₁ cos ω₁t + b₁ sin ω₁t + a₂ cos ω₂t + b₂ sin ω₂t       t from the middle of the stretch
 *
 * About the middle cosines and sines are orthogonal, so amplitudes are two equations of two unknowns, whose coefficients
 * have closed forms. One object serves every fit of a leg: nothing is allocated.
 */
export class ToneFit {
  /** Radians a sample, and peak sizes: the row's tone, then the column's. */
  readonly omega = new Float64Array(2);
  readonly size = new Float64Array(2);
  /** Energy of the stretch, and of what the two sinusoids leave of it. */
  energy = 0;
  rest = 0;
  /** What is left, sample by sample. */
  readonly left = new Float64Array(fitSamplesMax);
  /** How well each quarter follows the fit: 1 when it has the same size, 0 when the tones are absent from it. */
  readonly parts = new Float64Array(fitParts);

  /** The sound times the cosine of each tone, and times the sine of each, added up. Handed on as arguments they would be garbage. */
  readonly #sums = new Float64Array(4);
  readonly #overlaps = new Float64Array(4);
  readonly #cos = new Float64Array(2);
  readonly #sin = new Float64Array(2);
  /** Where the frequencies should move to, from {@link #subtract}. */
  readonly #slope = new Float64Array(2);
  #middle = 0;

  /** The next fit starts at these two frequencies. They come in an array, for as arguments they would be garbage. */
  aim(hz: Float64Array): void {
    this.omega[0] = (2 * Math.PI * (hz[0] as number)) / sampleRateHz;
    this.omega[1] = (2 * Math.PI * (hz[1] as number)) / sampleRateHz;
  }

  /** Fits an even `count` of samples of `sound` at `from`, aimed at frequencies that are right within 1/`count`, and refines so often. */
  fit(sound: Float32Array, from: number, count: number, refinements: number): void {
    this.#middle = from + (count - 1) / 2;
    this.#amplitudes(sound, from, count);
    this.#subtract(sound, from, count);
    for (let n = 0; n < refinements && this.rest < hopelessRest * this.energy; n += 1) {
      const turned = this.#refine(count);
      if (turned < stillTurn) break;
      this.#amplitudes(sound, from, count);
      this.#subtract(sound, from, count);
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
  start(sound: Float32Array, earliest: number, latest: number): number {
    const power = ((this.size[0] as number) ** 2 + (this.size[1] as number) ** 2) / 2;
    const hopeless = hopelessGap * power;
    let best = 0;
    let start = latest;
    let sum = 0;
    const t = latest - 1 - this.#middle;
    const w1 = this.omega[0] as number;
    const w2 = this.omega[1] as number;
    let c1 = Math.cos(w1 * t);
    let s1 = Math.sin(w1 * t);
    let c2 = Math.cos(w2 * t);
    let s2 = Math.sin(w2 * t);
    const rc1 = Math.cos(w1);
    const rs1 = Math.sin(w1);
    const rc2 = Math.cos(w2);
    const rs2 = Math.sin(w2);
    const a1 = this.#cos[0] as number;
    const b1 = this.#sin[0] as number;
    const a2 = this.#cos[1] as number;
    const b2 = this.#sin[1] as number;
    for (let at = latest - 1; at >= earliest; at -= 1) {
      const m = a1 * c1 + b1 * s1 + a2 * c2 + b2 * s2;
      sum += m * (2 * (sound[at] as number) - m);
      if (sum > best) {
        best = sum;
        start = at;
      } else if (best - sum > hopeless) break;
      const d1 = c1 * rc1 + s1 * rs1;
      s1 = s1 * rc1 - c1 * rs1;
      c1 = d1;
      const d2 = c2 * rc2 + s2 * rs2;
      s2 = s2 * rc2 - c2 * rs2;
      c2 = d2;
    }
    return start;
  }

  #amplitudes(sound: Float32Array, from: number, count: number): void {
    const w1 = this.omega[0] as number;
    const w2 = this.omega[1] as number;
    const rc1 = Math.cos(w1);
    const rs1 = Math.sin(w1);
    const rc2 = Math.cos(w2);
    const rs2 = Math.sin(w2);
    const half = count >> 1;
    let c1 = Math.cos(w1 / 2);
    let s1 = Math.sin(w1 / 2);
    let c2 = Math.cos(w2 / 2);
    let s2 = Math.sin(w2 / 2);
    let xc1 = 0;
    let xs1 = 0;
    let xc2 = 0;
    let xs2 = 0;
    for (let n = 0; n < half; n += 1) {
      const a = sound[from + half + n] as number;
      const b = sound[from + half - 1 - n] as number;
      xc1 += (a + b) * c1;
      xs1 += (a - b) * s1;
      xc2 += (a + b) * c2;
      xs2 += (a - b) * s2;
      const d1 = c1 * rc1 - s1 * rs1;
      s1 = s1 * rc1 + c1 * rs1;
      c1 = d1;
      const d2 = c2 * rc2 - s2 * rs2;
      s2 = s2 * rc2 + c2 * rs2;
      c2 = d2;
    }
    const sums = this.#sums;
    sums[0] = xc1;
    sums[1] = xc2;
    sums[2] = xs1;
    sums[3] = xs2;
    this.#overlap(count);
    this.#solve(this.#cos, 0, 1, count);
    this.#solve(this.#sin, 2, -1, count);
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
    const x1 = this.#sums[at] as number;
    const x2 = this.#sums[at + 1] as number;
    const g11 = (count + sign * (overlaps[2] as number)) / 2;
    const g22 = (count + sign * (overlaps[3] as number)) / 2;
    const g12 = ((overlaps[0] as number) + sign * (overlaps[1] as number)) / 2;
    const determinant = g11 * g22 - g12 * g12;
    into[0] = (x1 * g22 - x2 * g12) / determinant;
    into[1] = (x2 * g11 - x1 * g12) / determinant;
  }

  /** Takes the model from the sound, and correlates what is left with the model's change by frequency: t · (b cos − a sin). */
  #subtract(sound: Float32Array, from: number, count: number): void {
    const w1 = this.omega[0] as number;
    const w2 = this.omega[1] as number;
    const rc1 = Math.cos(w1);
    const rs1 = Math.sin(w1);
    const rc2 = Math.cos(w2);
    const rs2 = Math.sin(w2);
    // p: the tone at t; q: a quarter turn on, which is its change by frequency over t.
    let t = -(count - 1) / 2;
    let p1 = (this.#cos[0] as number) * Math.cos(w1 * t) + (this.#sin[0] as number) * Math.sin(w1 * t);
    let q1 = (this.#sin[0] as number) * Math.cos(w1 * t) - (this.#cos[0] as number) * Math.sin(w1 * t);
    let p2 = (this.#cos[1] as number) * Math.cos(w2 * t) + (this.#sin[1] as number) * Math.sin(w2 * t);
    let q2 = (this.#sin[1] as number) * Math.cos(w2 * t) - (this.#cos[1] as number) * Math.sin(w2 * t);
    let energy = 0;
    let rest = 0;
    let slope1 = 0;
    let slope2 = 0;
    const left = this.left;
    const each = count / fitParts;
    let at = 0;
    for (let part = 0; part < fitParts; part += 1) {
      let followed = 0;
      let model = 0;
      const end = Math.round((part + 1) * each);
      for (; at < end; at += 1) {
        const x = sound[from + at] as number;
        const m = p1 + p2;
        const r = x - m;
        left[at] = r;
        energy += x * x;
        rest += r * r;
        followed += x * m;
        model += m * m;
        slope1 += t * r * q1;
        slope2 += t * r * q2;
        const n1 = p1 * rc1 + q1 * rs1;
        q1 = q1 * rc1 - p1 * rs1;
        p1 = n1;
        const n2 = p2 * rc2 + q2 * rs2;
        q2 = q2 * rc2 - p2 * rs2;
        p2 = n2;
        t += 1;
      }
      this.parts[part] = model > 0 ? followed / model : 0;
    }
    this.energy = energy;
    this.rest = rest;
    this.#slope[0] = slope1;
    this.#slope[1] = slope2;
  }

  /** @returns how far it turned the tone that it turned further, from end to end in radians. */
  #refine(count: number): number {
    // Σ t² over the stretch; half of it falls to a sine's square.
    const spread = (count * (count * count - 1)) / 24;
    let furthest = 0;
    for (let which = 0; which < 2; which += 1) {
      const power = (this.#cos[which] as number) ** 2 + (this.#sin[which] as number) ** 2;
      if (power === 0) continue;
      const step = (this.#slope[which] as number) / (power * spread);
      // A step further than the main lobe is wide leads astray.
      const turn = Math.max(-lobeTurn, Math.min(lobeTurn, step * count));
      this.omega[which] = (this.omega[which] as number) + turn / count;
      furthest = Math.max(furthest, Math.abs(turn));
    }
    return furthest;
  }
}
