import { blockSamples } from './tone-block.ts';
import { ToneFit } from './tone-fit.ts';
import { highpassGain } from './tone-highpass.ts';
import { filterSound, keptEnergy, soundEnd } from './tone-history.ts';
import { doubles, limitsAt } from './tone-kernel.ts';
import { firstColumn, peakOfDbm0, toneCount, toneHz } from './tone-plan.ts';
import { blocksKept, type ToneScreen } from './tone-screen.ts';

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
/** Powers are made independent of the filter's gain. */
const evening = gains.map((gain) => 1 / gain ** 2);
/** Where a fit starts. One for all: they are made one after another. */
const nominalHz = new Float64Array(2);

// The kernel tells by these of every two blocks whether it is worth while to look at them.
doubles[(limitsAt >> 3) + 1] = silence;
doubles[(limitsAt >> 3) + 2] = Math.max(...evening);
doubles[(limitsAt >> 3) + 3] = worthAFit * (count / 2);

/**
 * How much of short stretches of sound is in the two tones of a key. The whole is the sound as it came, before the filter:
 * a voice gives itself away by what it has below the keys. Only a constant offset is not counted.
 */
export class ToneShare {
  readonly #fit = new ToneFit();
  /** Of the stretch that is looked at, as it came. Handed on as an argument it would be garbage. */
  #energy = 0;

  /** What was looked for last found. It is left here, for a number that is returned may be garbage. */
  found = 0;

  /** Looks for the largest share of the stretches that end with the last `blocks` blocks, the newest of which ended `after` samples ago, and of the last 10 ms. */
  look(screen: ToneScreen, blocks: number, after: number): void {
    this.found = 0;
    const mayReach = screen.mayReach;
    for (let back = Math.min(blocks, blocksKept - 1) - 1; back >= 0; back -= 1) {
      if ((mayReach & (1 << back)) === 0) continue;
      this.#energy = screen.rawEnergyOfTwo(back);
      this.#lookAt(screen, back, back * blockSamples + after, worthAFit);
    }
    if (after > 0) this.#lookWithin(screen);
  }

  /** Looks at the last 10 ms, which end within a block: for packets that are no whole number of blocks. */
  #lookWithin(screen: ToneScreen): void {
    this.#energy = keptEnergy(screen.place, count);
    // The screen has seen no more than half of it.
    if (this.#energy >= silence) this.#lookAt(screen, 0, 0, worthAFit / 4);
  }

  /** Finds the share of the stretch that ended `ago` samples ago, the last whole block of which is `back` blocks old. */
  #lookAt(screen: ToneScreen, back: number, ago: number, worth: number): void {
    const energy = this.#energy;
    const powers = screen.powersOfTwo(back);
    const row = strongest(powers, 0, firstColumn);
    const column = strongest(powers, firstColumn, toneCount);
    if (evenPower(powers, row) + evenPower(powers, column) < worth * (count / 2) * energy) return;
    const fit = this.#fit;
    nominalHz[0] = toneHz[row] as number;
    nominalHz[1] = toneHz[column] as number;
    fit.aim(nominalHz);
    filterSound(screen.place, count + ago);
    fit.fit(soundEnd - ago - count, count, 3);
    if (!isNear(fit.hz(0), toneHz[row] as number) || !isNear(fit.hz(1), toneHz[column] as number)) return;
    const low = ((fit.size[0] as number) / (gains[row] as number)) ** 2;
    const high = ((fit.size[1] as number) / (gains[column] as number)) ** 2;
    if (high < low * twistMin || high > low * twistMax) return;
    // The smaller of the two counts: a tone that fills only part of the stretch fits badly, whatever its size.
    const share = Math.min(1 - fit.rest / fit.energy, ((low + high) * count) / 2 / energy);
    if (share > this.found) this.found = share;
  }
}

function strongest(powers: Float64Array, from: number, to: number): number {
  let best = from;
  for (let tone = from + 1; tone < to; tone += 1) {
    if ((powers[tone] as number) > (powers[best] as number)) best = tone;
  }
  return best;
}

const evenPower = (powers: Float64Array, tone: number): number => (powers[tone] as number) * (evening[tone] as number);

const isNear = (hz: number, nominal: number): boolean => Math.abs(hz - nominal) <= offShare * nominal + offHz;
