import { ToneFit } from './tone-fit.ts';
import { highpassGain } from './tone-highpass.ts';
import { firstColumn, peakOfDbm0, toneCount, toneHz } from './tone-plan.ts';
import { blockSamples, blocksKept, type ToneScreen } from './tone-screen.ts';

/** Two blocks: 10 ms, the shortest stretch in which a row's tone and a column's are well apart. */
const count = 2 * blockSamples;
/** Below this share at the keys' own frequencies no fit is made: 26 Hz off still leave 0.79. */
const worthAFit = 0.5;
/** Tones further than this from their place are no key's, whatever share they have: 1.5 %, 2 Hz, and what 10 ms leave open. */
const offShare = 0.018;
const offHz = 6;
/** High over low, as powers: −12 to +8 dB. */
const twistMin = 10 ** -1.2;
const twistMax = 10 ** 0.8;
/** Quieter sound is silence: two tones of −48 dBm0. */
const silence = count * peakOfDbm0(-48) ** 2;

const gains = Float64Array.from(toneHz, highpassGain);

/**
 * How much of short stretches of sound is in the two tones of a key. The whole is the sound as it came, before the filter:
 * a voice gives itself away by what it has below the keys. Only a constant offset is not counted.
 */
export class ToneShare {
  readonly #fit = new ToneFit();
  /** Of the block that was summed up last. */
  readonly #sums = { sum: 0, squares: 0 };

  /**
   * The largest share of the stretches that end with the last `blocks` blocks, the newest of which ends at `at` in the raw
   * and the filtered sound.
   */
  largest(screen: ToneScreen, raw: Int16Array, sound: Float64Array, at: number, blocks: number): number {
    let largest = 0;
    let back = Math.min(blocks, blocksKept - 1);
    if (back <= 0) return 0;
    // Each block belongs to two stretches: the sums of one are those of the next one's first half.
    this.#add(raw, at - (back + 1) * blockSamples);
    for (back -= 1; back >= 0; back -= 1) {
      const end = at - back * blockSamples;
      const { sum, squares } = this.#sums;
      this.#add(raw, end - blockSamples);
      // Less what a constant offset has.
      const energy = squares + this.#sums.squares - (sum + this.#sums.sum) ** 2 / count;
      if (energy >= silence) largest = Math.max(largest, this.#of(screen, sound, end, back, energy, worthAFit));
    }
    return largest;
  }

  /** The share of the stretch that ends at `at`, within a block: for packets that are no whole number of blocks. */
  within(screen: ToneScreen, raw: Int16Array, sound: Float64Array, at: number): number {
    this.#add(raw, at - count, count);
    const energy = this.#sums.squares - this.#sums.sum ** 2 / count;
    // The screen has seen no more than half of it.
    return energy < silence ? 0 : this.#of(screen, sound, at, 0, energy, worthAFit / 4);
  }

  /** Sums up the raw sound that begins at `from`. */
  #add(raw: Int16Array, from: number, samples = blockSamples): void {
    let sum = 0;
    let squares = 0;
    for (let at = from; at < from + samples; at += 1) {
      const x = raw[at] as number;
      sum += x;
      squares += x * x;
    }
    this.#sums.sum = sum;
    this.#sums.squares = squares;
  }

  #of(screen: ToneScreen, sound: Float64Array, end: number, back: number, energy: number, worth: number): number {
    const row = strongest(screen, 0, firstColumn, back);
    const column = strongest(screen, firstColumn, toneCount, back);
    if (shareOf(screen, row, back, energy) + shareOf(screen, column, back, energy) < worth) return 0;
    const fit = this.#fit;
    fit.fit(sound, end - count, count, toneHz[row] as number, toneHz[column] as number, 3);
    if (!isNear(fit.hz(0), toneHz[row] as number) || !isNear(fit.hz(1), toneHz[column] as number)) return 0;
    const low = ((fit.size[0] as number) / (gains[row] as number)) ** 2;
    const high = ((fit.size[1] as number) / (gains[column] as number)) ** 2;
    if (high < low * twistMin || high > low * twistMax) return 0;
    // The smaller of the two counts: a tone that fills only part of the stretch fits badly, whatever its size.
    return Math.max(0, Math.min(1 - fit.rest / fit.energy, ((low + high) * count) / 2 / energy));
  }
}

function strongest(screen: ToneScreen, from: number, to: number, back: number): number {
  let best = from;
  let most = 0;
  for (let tone = from; tone < to; tone += 1) {
    const power = screen.powerOfTwo(tone, back);
    if (power <= most) continue;
    most = power;
    best = tone;
  }
  return best;
}

const shareOf = (screen: ToneScreen, tone: number, back: number, energy: number): number =>
  (screen.powerOfTwo(tone, back) * 2) / (count * (gains[tone] as number) ** 2 * energy);

const isNear = (hz: number, nominal: number): boolean => Math.abs(hz - nominal) <= offShare * nominal + offHz;
