import { ToneFit } from './tone-fit.ts';
import { firstColumn, peakOfDbm0, toneCount, toneHz } from './tone-plan.ts';
import { blockSamples, blocksKept, type ToneScreen } from './tone-screen.ts';

/** Two blocks: 10 ms, the shortest stretch in which a row's tone and a column's are well apart. */
const count = 2 * blockSamples;
/** Below this share by the blocks' own transforms no fit is made. */
const worthAFit = 0.5;
/** Tones further than this from their place are no key's, whatever share they have. */
const offMax = 0.035;
/** Quieter sound is silence: two tones of −48 dBm0. */
const silence = count * peakOfDbm0(-48) ** 2;

/** How much of short stretches of sound is in the two tones of a key. */
export class ToneShare {
  readonly #fit = new ToneFit();

  /** The largest share of the stretches that end with the last `blocks` blocks, the newest of which ends at `at` in `sound`. */
  largest(screen: ToneScreen, sound: Float64Array, at: number, blocks: number): number {
    let largest = 0;
    for (let back = 0; back < Math.min(blocks, blocksKept - 1); back += 1) {
      largest = Math.max(largest, this.#of(screen, sound, at, back));
    }
    return largest;
  }

  #of(screen: ToneScreen, sound: Float64Array, at: number, back: number): number {
    const energy = screen.energyOf(back) + screen.energyOf(back + 1);
    if (energy < silence) return 0;
    let row = 0;
    let rowPower = 0;
    let column = firstColumn;
    let columnPower = 0;
    for (let tone = 0; tone < toneCount; tone += 1) {
      const power = screen.powerOf(tone, back) + screen.powerOf(tone, back + 1);
      if (tone < firstColumn && power > rowPower) {
        row = tone;
        rowPower = power;
      } else if (tone >= firstColumn && power > columnPower) {
        column = tone;
        columnPower = power;
      }
    }
    if (((rowPower + columnPower) * 2) / blockSamples < worthAFit * energy) return 0;
    const fit = this.#fit;
    fit.fit(sound, at - back * blockSamples - count, count, toneHz[row] as number, toneHz[column] as number, 2);
    const near = isNear(fit.hz(0), toneHz[row] as number) && isNear(fit.hz(1), toneHz[column] as number);
    return near ? 1 - fit.rest / fit.energy : 0;
  }
}

const isNear = (hz: number, nominal: number): boolean => Math.abs(hz - nominal) <= offMax * nominal;
