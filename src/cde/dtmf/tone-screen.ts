import { blockSamples, spectrumNumbers as spectrum } from './tone-block.ts';
import { highpassGain } from './tone-highpass.ts';
import { forgetFiltered } from './tone-history.ts';
import { doubles, kernel, limitsAt, singles, wipeKernel, words } from './tone-kernel.ts';
import { givePlace, takePlace } from './tone-places.ts';
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

/** In a detector's place, see `tone-kernel.wat`. */
const newestAt = 12 >> 2;
const mayReachAt = 20 >> 2;
const figuresAt = 64;
const figuresBytes = 24;
const spectraAt = 256 >> 2;
/** Of a block's figures: sum of the sound as it came, energy of the filtered sound. */
const sumAt = 8;
const energyAt = 12;

/** A tone turns so far from one block to the next. */
const turnCos = Float64Array.from(toneHz, (hz) => Math.cos((2 * Math.PI * hz * blockSamples) / sampleRateHz));
const turnSin = Float64Array.from(toneHz, (hz) => Math.sin((2 * Math.PI * hz * blockSamples) / sampleRateHz));

/** Powers are made independent of the filter's gain. */
const evening = Float64Array.from(toneHz, (hz) => 1 / highpassGain(hz) ** 2);

/** A sine of N samples has N/2 times its transform's square over (N/2)² as energy: so much three blocks must have in two tones, as a share of their energy. */
const leastOfThree = (screenShare * blockSamples * blocksAdded) / 2;

// The kernel judges by these, in the order in which it has them.
doubles[limitsAt >> 3] = silence;
doubles[(limitsAt >> 3) + 4] = silence * blocksAdded;
doubles[(limitsAt >> 3) + 5] = leastOfThree;

/** Powers of the tones in the blocks that were added up last. One for all: they are judged one after another. */
const powers = new Float64Array(toneCount);

/** Two numbers on their way from one method to another. One for all, too; returned they would be garbage. */
const foundHz = new Float64Array(2);
const someAdded = new Float64Array(2);
const pairs = new Float64Array(blocksKept);

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

  /** The detector's place in the kernel's memory, where all that samples go through lies side by side; 0 where it has none. */
  place = 0;

  /**
   * Takes blocks at `from` of the kernel's memory in, until one opens the screen or might have.
   * @returns how many.
   */
  take(from: number, blocks: number): number {
    const taken = kernel.take(this.place, from, blocks);
    this.open = taken < 0 && this.#judge();
    return Math.abs(taken);
  }

  /** Real and imaginary part of the newest block's transform about its middle. */
  re(tone: number): number {
    return singles[this.#spectrum(0) + tone] as number;
  }
  im(tone: number): number {
    return singles[this.#spectrum(0) + toneCount + tone] as number;
  }

  /** Energy of the block that ended `back` blocks ago. */
  energyOf(back: number): number {
    return singles[(this.#figures(back) + energyAt) >> 2] as number;
  }

  /** Energy of the sound as it came, less what a constant offset has, in that block and the one before. */
  rawEnergyOfTwo(back: number): number {
    const one = this.#figures(back);
    const other = this.#figures(back + 1);
    const sum = (words[(one + sumAt) >> 2] as number) + (words[(other + sumAt) >> 2] as number);
    return (doubles[one >> 3] as number) + (doubles[other >> 3] as number) - (sum * sum) / (2 * blockSamples);
  }

  /** Whether those two blocks may hold two tones of a key at all, by {@link ToneShare}'s measure: bit `back` of the number. */
  get mayReach(): number {
    return words[(this.place >> 2) + mayReachAt] as number;
  }

  /** Adds those two blocks up in phase. @returns the squared sums by tone, until the next who asks. */
  powersOfTwo(back: number): Float64Array {
    const now = this.#spectrum(back);
    const before = this.#spectrum(back + 1);
    const spectra = singles;
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
    const powers = this.#pairs(row, column);
    let best = 0;
    let full = 0;
    for (let back = 0; back < blocksKept; back += 1) {
      const power = powers[back] as number;
      if (power > full) {
        full = power;
        best = back;
      }
    }
    this.spanStart = blockSamples * (best + 1);
    this.spanEnd = blockSamples * best;
    for (let back = best + 1; back < blocksKept; back += 1) {
      const share = Math.sqrt((powers[back] as number) / full);
      this.spanStart += Math.round(blockSamples * (share > fullShare ? 1 : share));
      if (share < partShare) break;
    }
    for (let back = best - 1; back >= 0; back -= 1) {
      const share = Math.sqrt((powers[back] as number) / full);
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
      const now = this.#spectrum(back) + tone;
      const before = this.#spectrum(back + 1) + tone;
      const a = singles[now] as number;
      const b = singles[now + toneCount] as number;
      const c = singles[before] as number;
      const d = singles[before + toneCount] as number;
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
      energy += this.energyOf(back);
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
      const at = this.#spectrum(back) + tone;
      const turned = re * c - im * s;
      im = re * s + im * c + (singles[at + toneCount] as number);
      re = turned + (singles[at] as number);
    }
    someAdded[which] = re * re + im * im;
  }

  /** Has a place from here on. */
  settle(): void {
    this.place = takePlace();
  }

  reset(): void {
    this.open = false;
    if (this.place !== 0) givePlace(this.place);
    this.place = 0;
    powers.fill(0);
    pairs.fill(0);
    forgetFiltered();
    wipeKernel();
  }

  /** Where the figures of the block that ended `back` blocks ago are, in bytes. */
  #figures(back: number): number {
    const newest = words[(this.place >> 2) + newestAt] as number;
    return this.place + figuresAt + ((newest - back) & (blocksKept - 1)) * figuresBytes;
  }

  /** Where its spectrum is, in numbers. */
  #spectrum(back: number): number {
    const newest = words[(this.place >> 2) + newestAt] as number;
    return (this.place >> 2) + spectraAt + ((newest - back) & (blocksKept - 1)) * spectrum;
  }

  /** What a row and a column have in each block, the newest first. Handed back one by one the numbers would be garbage. */
  #pairs(row: number, column: number): Float64Array {
    for (let back = 0; back < blocksKept; back += 1) {
      const at = this.#spectrum(back);
      const a = singles[at + row] as number;
      const b = singles[at + toneCount + row] as number;
      const c = singles[at + column] as number;
      const d = singles[at + toneCount + column] as number;
      pairs[back] = a * a + b * b + (c * c + d * d);
    }
    return pairs;
  }

  /** The kernel has found three blocks loud enough, and rich enough in tones when each is taken by itself. */
  #judge(): boolean {
    const enough = leastOfThree * (this.energyOf(0) + this.energyOf(1) + this.energyOf(2));
    this.#addThree();
    this.row = highest(0, firstColumn);
    this.column = highest(firstColumn, toneCount);
    const rowPower = powers[this.row] as number;
    const columnPower = powers[this.column] as number;
    const twist = (columnPower * (evening[this.column] as number)) / (rowPower * (evening[this.row] as number));
    return rowPower + columnPower > enough && twist > screenTwistMin && twist < screenTwistMax;
  }

  /** Adds the last three blocks up in phase: the oldest turns to the one after it, and their sum to the newest. */
  #addThree(): void {
    const now = this.#spectrum(0);
    const before = this.#spectrum(1);
    const first = this.#spectrum(2);
    const spectra = singles;
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
