import { blockSamples, spectrumNumbers as spectrum, transformBlock } from './tone-block.ts';
import { highpass, highpassGain, highpassNumbers } from './tone-highpass.ts';
import { blockAt, energies, inbox, strongest, sums, wipeKernel } from './tone-kernel.ts';
import { firstColumn, peakOfDbm0, sampleRateHz, toneCount, toneHz } from './tone-plan.ts';

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

/** By block: energy of the filtered sound; sum and squares of the sound as it came; the most that two tones may have of it. */
const figures = 4;
const [energyOf, sumOf, squaresOf, mostOf] = [0, 1, 2, 3];

/** What one screen keeps, in bytes. */
export const screenBytes = blocksKept * (8 * figures + 4 * spectrum);

/** A tone turns so far from one block to the next. */
const turnCos = Float64Array.from(toneHz, (hz) => Math.cos((2 * Math.PI * hz * blockSamples) / sampleRateHz));
const turnSin = Float64Array.from(toneHz, (hz) => Math.sin((2 * Math.PI * hz * blockSamples) / sampleRateHz));

/** Powers are made independent of the filter's gain. */
const evening = Float64Array.from(toneHz, (hz) => 1 / highpassGain(hz) ** 2);

/** Powers of the tones in the blocks that were added up last. One for all: they are judged one after another. */
const powers = new Float64Array(toneCount);

/** Two numbers on their way from one method to another. One for all, too; returned they would be garbage. */
const foundHz = new Float64Array(2);
const someAdded = new Float64Array(2);

/**
 * The cheap first look: eight frequencies a block, added up in phase over three. Where it sees nothing, nothing else is
 * done; and where the blocks by themselves are too poor in tones, they need not be added up to know.
 */
export class ToneScreen {
  /** Whether the last 15 ms may hold a key; then `row` and `column` say which. */
  open = false;
  row = 0;
  column = firstColumn;
  /** What {@link measure} found. */
  spanStart = 0;
  spanEnd = 0;

  /** What {@link findTones} found, in Hz: the row's tone, then the column's. */
  readonly foundHz = foundHz;

  readonly #filter = new Float32Array(highpassNumbers);
  readonly #spectra: Float32Array;
  readonly #figures: Float64Array;
  #newest = 0;

  /** Keeps what it saw in {@link screenBytes} of `memory` from `at` on, a multiple of eight. */
  constructor(memory: ArrayBuffer, at: number) {
    this.#figures = new Float64Array(memory, at, blocksKept * figures);
    this.#spectra = new Float32Array(memory, at + this.#figures.byteLength, blocksKept * spectrum);
  }

  /** Takes the block of `samples` at `from`, and copies it into `raw` at `at`. */
  take(samples: Int16Array, from: number, raw: Int16Array, at: number): void {
    for (let n = 0; n < blockSamples; n += 1) {
      const x = samples[from + n] as number;
      raw[at + n] = x;
      inbox[2 + n] = x;
    }
    highpass(this.#filter, blockSamples, blockAt);
    const newest = (this.#newest + 1) & (blocksKept - 1);
    const energy = energies[0] as number;
    this.#newest = newest;
    if (energy < silence) {
      this.#spectra.fill(0, newest * spectrum, (newest + 1) * spectrum);
      strongest[0] = 0;
      strongest[1] = 0;
    } else {
      transformBlock(this.#spectra, newest * spectrum);
    }
    const figuresAt = newest * figures;
    this.#figures[figuresAt + energyOf] = energy;
    this.#figures[figuresAt + sumOf] = sums[0] as number;
    this.#figures[figuresAt + squaresOf] = sums[1] as number;
    this.#figures[figuresAt + mostOf] = (strongest[0] as number) + (strongest[1] as number);
    this.#judge();
  }

  /** Real and imaginary part of the newest block's transform about its middle. */
  re(tone: number): number {
    return this.#spectra[this.#newest * spectrum + tone] as number;
  }
  im(tone: number): number {
    return this.#spectra[this.#newest * spectrum + toneCount + tone] as number;
  }

  /** Energy of the block that ended `back` blocks ago. */
  energyOf(back: number): number {
    return this.#figure(energyOf, back);
  }

  /** Energy of the sound as it came, less what a constant offset has, in that block and the one before. */
  rawEnergyOfTwo(back: number): number {
    const sum = this.#figure(sumOf, back) + this.#figure(sumOf, back + 1);
    return this.#figure(squaresOf, back) + this.#figure(squaresOf, back + 1) - (sum * sum) / (2 * blockSamples);
  }

  /** What the powers of a row and a column in those two blocks cannot exceed: two numbers are no longer in sum than in phase. */
  mostOfTwo(back: number): number {
    return 2 * (this.#figure(mostOf, back) + this.#figure(mostOf, back + 1));
  }

  /** Adds those two blocks up in phase. @returns the squared sums by tone, until the next who asks. */
  powersOfTwo(back: number): Float64Array {
    const now = ((this.#newest - back) & (blocksKept - 1)) * spectrum;
    const before = ((this.#newest - back - 1) & (blocksKept - 1)) * spectrum;
    const spectra = this.#spectra;
    for (let tone = 0; tone < toneCount; tone += 1) {
      const c = turnCos[tone] as number;
      const s = turnSin[tone] as number;
      const a = spectra[before + tone] as number;
      const b = spectra[before + toneCount + tone] as number;
      const re = (spectra[now + tone] as number) + a * c - b * s;
      const im = (spectra[now + toneCount + tone] as number) + a * s + b * c;
      powers[tone] = re * re + im * im;
    }
    return powers;
  }

  /**
   * Where the two tones were in the blocks that are kept, around the block in which they were strongest: sets `spanStart`
   * and `spanEnd`, in samples before the end of the last block.
   */
  measure(row: number, column: number): void {
    let best = 0;
    let full = 0;
    for (let back = 0; back < blocksKept; back += 1) {
      const power = this.#pair(row, column, back);
      if (power > full) {
        full = power;
        best = back;
      }
    }
    this.spanStart = blockSamples * (best + 1);
    this.spanEnd = blockSamples * best;
    for (let back = best + 1; back < blocksKept; back += 1) {
      const share = Math.sqrt(this.#pair(row, column, back) / full);
      this.spanStart += Math.round(blockSamples * (share > fullShare ? 1 : share));
      if (share < partShare) break;
    }
    for (let back = best - 1; back >= 0; back -= 1) {
      const share = Math.sqrt(this.#pair(row, column, back) / full);
      this.spanEnd -= Math.round(blockSamples * (share > fullShare ? 1 : share));
      if (share < partShare) break;
    }
  }

  /** Finds the tones that are heard near these, by their phase from block to block over the last `count`. */
  findTones(row: number, column: number, count: number): void {
    this.#findTone(0, row, count);
    this.#findTone(1, column, count);
  }

  #findTone(which: number, tone: number, count: number): void {
    let re = 0;
    let im = 0;
    for (let back = 0; back < count - 1; back += 1) {
      const now = ((this.#newest - back) & (blocksKept - 1)) * spectrum + tone;
      const before = ((this.#newest - back - 1) & (blocksKept - 1)) * spectrum + tone;
      const a = this.#spectra[now] as number;
      const b = this.#spectra[now + toneCount] as number;
      const c = this.#spectra[before] as number;
      const d = this.#spectra[before + toneCount] as number;
      re += a * c + b * d;
      im += b * c - a * d;
    }
    // Less what a tone at its place turns in a block.
    const c = turnCos[tone] as number;
    const s = turnSin[tone] as number;
    const turned = Math.atan2(im * c - re * s, re * c + im * s) / (2 * Math.PI);
    foundHz[which] = (toneHz[tone] as number) + turned * (sampleRateHz / blockSamples);
  }

  /** Whether the two tones, where they were found, have at least that share of the last blocks' energy. */
  areThere(row: number, column: number, blocks: number, least: number): boolean {
    let energy = 0;
    for (let back = 0; back < blocks; back += 1) {
      energy += this.#figures[((this.#newest - back) & (blocksKept - 1)) * figures + energyOf] as number;
    }
    this.#addSome(0, row, blocks);
    this.#addSome(1, column, blocks);
    const power = (someAdded[0] as number) + (someAdded[1] as number);
    return (power * 2) / (blockSamples * blocks * energy) >= least;
  }

  /** The squared transform of the last blocks at a tone that is not quite at its place. */
  #addSome(which: number, tone: number, blocks: number): void {
    const turn = (2 * Math.PI * (foundHz[which] as number) * blockSamples) / sampleRateHz;
    const c = Math.cos(turn);
    const s = Math.sin(turn);
    let re = 0;
    let im = 0;
    for (let back = blocks - 1; back >= 0; back -= 1) {
      const at = ((this.#newest - back) & (blocksKept - 1)) * spectrum + tone;
      const turned = re * c - im * s;
      im = re * s + im * c + (this.#spectra[at + toneCount] as number);
      re = turned + (this.#spectra[at] as number);
    }
    someAdded[which] = re * re + im * im;
  }

  reset(): void {
    this.open = false;
    this.#filter.fill(0);
    this.#spectra.fill(0);
    this.#figures.fill(0);
    powers.fill(0);
    wipeKernel();
  }

  #figure(which: number, back: number): number {
    return this.#figures[((this.#newest - back) & (blocksKept - 1)) * figures + which] as number;
  }

  #pair(row: number, column: number, back: number): number {
    return this.#powerOf(row, back) + this.#powerOf(column, back);
  }

  #powerOf(tone: number, back: number): number {
    const at = ((this.#newest - back) & (blocksKept - 1)) * spectrum + tone;
    const re = this.#spectra[at] as number;
    const im = this.#spectra[at + toneCount] as number;
    return re * re + im * im;
  }

  #judge(): void {
    this.open = false;
    const total = this.energyOf(0) + this.energyOf(1) + this.energyOf(2);
    if (total < silence * blocksAdded) return;
    // A sine of N samples has N/2 times its transform's square over (N/2)² as energy.
    const enough = (screenShare * blockSamples * blocksAdded * total) / 2;
    const most = this.#figure(mostOf, 0) + this.#figure(mostOf, 1) + this.#figure(mostOf, 2);
    if (blocksAdded * most <= enough) return;
    this.#addThree();
    this.row = highest(0, firstColumn);
    this.column = highest(firstColumn, toneCount);
    const rowPower = powers[this.row] as number;
    const columnPower = powers[this.column] as number;
    const twist = (columnPower * (evening[this.column] as number)) / (rowPower * (evening[this.row] as number));
    this.open = rowPower + columnPower > enough && twist > screenTwistMin && twist < screenTwistMax;
  }

  /** Adds the last three blocks up in phase: the oldest turns to the one after it, and their sum to the newest. */
  #addThree(): void {
    const now = this.#newest * spectrum;
    const before = ((this.#newest - 1) & (blocksKept - 1)) * spectrum;
    const first = ((this.#newest - 2) & (blocksKept - 1)) * spectrum;
    const spectra = this.#spectra;
    for (let tone = 0; tone < toneCount; tone += 1) {
      const c = turnCos[tone] as number;
      const s = turnSin[tone] as number;
      const oldRe = spectra[first + tone] as number;
      const oldIm = spectra[first + toneCount + tone] as number;
      const a = (spectra[before + tone] as number) + oldRe * c - oldIm * s;
      const b = (spectra[before + toneCount + tone] as number) + oldRe * s + oldIm * c;
      const re = (spectra[now + tone] as number) + a * c - b * s;
      const im = (spectra[now + toneCount + tone] as number) + a * s + b * c;
      powers[tone] = re * re + im * im;
    }
  }
}

/** @returns the strongest of the tones that were added up. */
function highest(from: number, to: number): number {
  let best = from;
  for (let tone = from + 1; tone < to; tone += 1) {
    if ((powers[tone] as number) > (powers[best] as number)) best = tone;
  }
  return best;
}
