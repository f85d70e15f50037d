import { highpassGain } from './tone-highpass.ts';
import { firstColumn, peakOfDbm0, sampleRateHz, toneCount, toneHz } from './tone-plan.ts';

/** The screen looks at the sound in blocks of 5 ms. */
export const blockSamples = 40;
/** Blocks that are kept; a power of two. */
export const blocksKept = 8;
/** Blocks that are added up in phase for the screen: 15 ms, in which 26 Hz off cost 2.5 dB and the next tone is 70 Hz away. */
const blocksAdded = 3;
/** Share of the energy of those 15 ms that two tones must have. Tones at the limits of noise, frequency and dial tone have 0.45. */
const screenShare = 0.4;
/** High over low, as powers: what 15 ms can tell of the limits that the fit draws finer. */
const screenTwistMin = 10 ** -1.5;
const screenTwistMax = 10 ** 1.3;
/** In a block at the edge of a tone it has less than this share of its size; from the other share on it fills the block. */
const partShare = 0.5;
const fullShare = 0.85;
/** Blocks quieter than two tones of −48 dBm0 are silence and cost no transform. */
const silence = blockSamples * peakOfDbm0(-48) ** 2;

/**
 * The phase of a tone moves by f/200 turns in a block, so it comes back after 200 blocks and a table holds it exactly.
 */
const phases = sampleRateHz / blockSamples;
const phaseCos = Float64Array.from({ length: phases }, (_, n) => Math.cos((2 * Math.PI * n) / phases));
const phaseSin = Float64Array.from({ length: phases }, (_, n) => Math.sin((2 * Math.PI * n) / phases));
const phaseStep = Int32Array.from(toneHz, (hz) => hz % phases);

/** Cosines and sines of four tones by distance from the middle of the block: c c c c s s s s for each of 20 distances. */
const basisOf = (tones: readonly number[]): Float64Array =>
  Float64Array.from({ length: (blockSamples / 2) * 8 }, (_, at) => {
    const turn = (2 * Math.PI * (tones[at % 4] ?? 0) * (Math.floor(at / 8) + 0.5)) / sampleRateHz;
    return at % 8 < 4 ? Math.cos(turn) : Math.sin(turn);
  });
const rowBasis = basisOf(toneHz.slice(0, firstColumn));
const columnBasis = basisOf(toneHz.slice(firstColumn));

/** Powers are made independent of the filter's gain. */
const evening = Float64Array.from(toneHz, (hz) => 1 / highpassGain(hz) ** 2);

/**
 * The cheap first look: eight frequencies a block, added up in phase over three. Where it sees nothing, nothing else is done.
 *
 * A transform about the middle of the block needs half the multiplications, because cosines are even and sines are odd:
 *
 *     X(f) = Σ (x[20+i] + x[19−i]) · cos(ω(i+½))  −  j Σ (x[20+i] − x[19−i]) · sin(ω(i+½))      i = 0 … 19
 */
export class ToneScreen {
  /** Whether the last 15 ms may hold a key; then `row` and `column` say which. */
  open = false;
  row = 0;
  column = firstColumn;
  /** What {@link measure} found. */
  spanStart = 0;
  spanEnd = 0;

  /** Transforms about the middle of their block, by tone, newest only. */
  readonly re = new Float64Array(toneCount);
  readonly im = new Float64Array(toneCount);

  /** The same with the phase of the tone taken out, so that they can be added; by block and tone. */
  readonly #re = new Float64Array(blocksKept * toneCount);
  readonly #im = new Float64Array(blocksKept * toneCount);
  readonly #energies = new Float64Array(blocksKept);
  readonly #phase = new Int32Array(toneCount);
  #newest = 0;

  /** Takes the block of filtered sound that begins at `at`, and its energy. */
  take(sound: Float64Array, at: number, energy: number): void {
    this.#newest = (this.#newest + 1) & (blocksKept - 1);
    this.#energies[this.#newest] = energy;
    if (energy < silence) {
      this.re.fill(0);
      this.im.fill(0);
    } else {
      transform(sound, at, rowBasis, this.re, this.im, 0);
      transform(sound, at, columnBasis, this.re, this.im, firstColumn);
    }
    this.#turn();
    this.#judge();
  }

  /** Energy of the block that ended `back` blocks ago. */
  energyOf(back: number): number {
    return this.#energies[(this.#newest - back) & (blocksKept - 1)] as number;
  }

  /** The squared transform of that block at one tone. */
  powerOf(tone: number, back: number): number {
    const at = ((this.#newest - back) & (blocksKept - 1)) * toneCount + tone;
    const re = this.#re[at] as number;
    const im = this.#im[at] as number;
    return re * re + im * im;
  }

  /** The squared transform at one tone of the two blocks that ended `back` and `back + 1` blocks ago, added in phase. */
  powerOfTwo(tone: number, back: number): number {
    const at = ((this.#newest - back) & (blocksKept - 1)) * toneCount + tone;
    const before = ((this.#newest - back - 1) & (blocksKept - 1)) * toneCount + tone;
    const re = (this.#re[at] as number) + (this.#re[before] as number);
    const im = (this.#im[at] as number) + (this.#im[before] as number);
    return re * re + im * im;
  }

  /**
   * Where the two tones were in the blocks that are kept, around the block in which they were strongest: sets `spanStart`
   * and `spanEnd`, in samples before the end of the last block.
   */
  measure(row: number, column: number): void {
    let strongest = 0;
    let full = 0;
    for (let back = 0; back < blocksKept; back += 1) {
      const power = this.#pair(row, column, back);
      if (power > full) {
        full = power;
        strongest = back;
      }
    }
    this.spanStart = blockSamples * (strongest + 1);
    this.spanEnd = blockSamples * strongest;
    for (let back = strongest + 1; back < blocksKept; back += 1) {
      const share = Math.sqrt(this.#pair(row, column, back) / full);
      this.spanStart += Math.round(blockSamples * (share > fullShare ? 1 : share));
      if (share < partShare) break;
    }
    for (let back = strongest - 1; back >= 0; back -= 1) {
      const share = Math.sqrt(this.#pair(row, column, back) / full);
      this.spanEnd -= Math.round(blockSamples * (share > fullShare ? 1 : share));
      if (share < partShare) break;
    }
  }

  #pair(row: number, column: number, back: number): number {
    return this.powerOf(row, back) + this.powerOf(column, back);
  }

  /** How far the tone that is heard near `tone` is from it in Hz, by its phase from block to block over the last `count`. */
  offsetHz(tone: number, count: number): number {
    let re = 0;
    let im = 0;
    for (let back = 0; back < count - 1; back += 1) {
      const now = ((this.#newest - back) & (blocksKept - 1)) * toneCount + tone;
      const before = ((this.#newest - back - 1) & (blocksKept - 1)) * toneCount + tone;
      const a = this.#re[now] as number;
      const b = this.#im[now] as number;
      const c = this.#re[before] as number;
      const d = this.#im[before] as number;
      re += a * c + b * d;
      im += b * c - a * d;
    }
    return (Math.atan2(im, re) / (2 * Math.PI)) * (sampleRateHz / blockSamples);
  }

  reset(): void {
    this.open = false;
    this.#re.fill(0);
    this.#im.fill(0);
    this.re.fill(0);
    this.im.fill(0);
    this.#energies.fill(0);
    this.#phase.fill(0);
  }

  #turn(): void {
    const at = this.#newest * toneCount;
    const phaseOf = this.#phase;
    const re = this.re;
    const im = this.im;
    const turnedRe = this.#re;
    const turnedIm = this.#im;
    for (let tone = 0; tone < toneCount; tone += 1) {
      let phase = (phaseOf[tone] as number) + (phaseStep[tone] as number);
      if (phase >= phases) phase -= phases;
      phaseOf[tone] = phase;
      const c = phaseCos[phase] as number;
      const s = phaseSin[phase] as number;
      const a = re[tone] as number;
      const b = im[tone] as number;
      turnedRe[at + tone] = a * c + b * s;
      turnedIm[at + tone] = b * c - a * s;
    }
  }

  #judge(): void {
    const total = this.energyOf(0) + this.energyOf(1) + this.energyOf(2);
    this.open = false;
    if (total < silence * blocksAdded) return;
    const now = this.#newest * toneCount;
    const before = ((this.#newest - 1) & (blocksKept - 1)) * toneCount;
    const first = ((this.#newest - 2) & (blocksKept - 1)) * toneCount;
    const turnedRe = this.#re;
    const turnedIm = this.#im;
    let rowPower = 0;
    let row = 0;
    let columnPower = 0;
    let column = firstColumn;
    for (let tone = 0; tone < toneCount; tone += 1) {
      const re =
        (turnedRe[now + tone] as number) + (turnedRe[before + tone] as number) + (turnedRe[first + tone] as number);
      const im =
        (turnedIm[now + tone] as number) + (turnedIm[before + tone] as number) + (turnedIm[first + tone] as number);
      const power = re * re + im * im;
      if (tone < firstColumn) {
        if (power > rowPower) {
          rowPower = power;
          row = tone;
        }
      } else if (power > columnPower) {
        columnPower = power;
        column = tone;
      }
    }
    this.row = row;
    this.column = column;
    // A sine of N samples has N/2 times its transform's square over (N/2)² as energy.
    const share = ((rowPower + columnPower) * 2) / (blockSamples * blocksAdded * total);
    const twist = (columnPower * (evening[column] as number)) / (rowPower * (evening[row] as number));
    this.open = share > screenShare && twist > screenTwistMin && twist < screenTwistMax;
  }
}

/** Transforms a block at the four tones of `basis`, the first of which is `tone`. */
function transform(
  sound: Float64Array,
  at: number,
  basis: Float64Array,
  re: Float64Array,
  im: Float64Array,
  tone: number,
): void {
  let c0 = 0;
  let c1 = 0;
  let c2 = 0;
  let c3 = 0;
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  let right = at + blockSamples / 2;
  let left = right - 1;
  for (let k = 0; k < (blockSamples / 2) * 8; k += 8) {
    const a = sound[right] as number;
    const b = sound[left] as number;
    const even = a + b;
    const odd = a - b;
    c0 += even * (basis[k] as number);
    c1 += even * (basis[k + 1] as number);
    c2 += even * (basis[k + 2] as number);
    c3 += even * (basis[k + 3] as number);
    s0 += odd * (basis[k + 4] as number);
    s1 += odd * (basis[k + 5] as number);
    s2 += odd * (basis[k + 6] as number);
    s3 += odd * (basis[k + 7] as number);
    right += 1;
    left -= 1;
  }
  re[tone] = c0;
  re[tone + 1] = c1;
  re[tone + 2] = c2;
  re[tone + 3] = c3;
  im[tone] = -s0;
  im[tone + 1] = -s1;
  im[tone + 2] = -s2;
  im[tone + 3] = -s3;
}
