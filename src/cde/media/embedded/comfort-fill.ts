import { peakOfDbm0, sampleRateHz } from '../../dtmf/tone-plan.ts';
import { alawOf, ulawOf } from './g711-laws.ts';

/** What is heard in place of what was taken out. */
export const comfortFills = ['silence', 'tone', 'noise'] as const;
export type ComfortFill = (typeof comfortFills)[number];

export type Law = 'PCMU' | 'PCMA';

/** 400 Hz is no frequency of a key, and a whole number of periods fits into every packet. */
const toneHz = 400;
const tonePeak = peakOfDbm0(-30);
/** The power of an idle line. */
const noisePeak = peakOfDbm0(-55);
/** A second of noise is long enough to have no pitch of its own. */
const noiseSamples = sampleRateHz;

/** Samples of the same noise in each run (xorshift32). */
function noise(): number[] {
  let state = 0x2545_f491;
  return Array.from({ length: noiseSamples }, () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return Math.round((state / 2 ** 31) * noisePeak * Math.sqrt(1.5));
  });
}

const soundOf: Record<ComfortFill, () => number[]> = {
  silence: () => [0],
  tone: () => {
    const period = sampleRateHz / toneHz;
    return Array.from({ length: period }, (_, n) => Math.round(tonePeak * Math.sin((2 * Math.PI * n) / period)));
  },
  noise,
};

/** Comfort sound of one law of G.711, written over what must not be heard. Its phase goes by the number of the sample. */
export class FillLoop {
  readonly #bytes: Uint8Array;

  constructor(law: Law, fill: ComfortFill) {
    this.#bytes = Uint8Array.from(soundOf[fill](), law === 'PCMU' ? ulawOf : alawOf);
  }

  /** Writes `count` bytes at `offset` of `target`; the first is sample number `sample` of the sound. */
  write(target: Uint8Array, offset: number, count: number, sample: number): void {
    const bytes = this.#bytes;
    const period = bytes.length;
    let at = sample % period;
    for (let n = 0; n < count; n += 1) {
      target[offset + n] = bytes[at] as number;
      at += 1;
      if (at === period) at = 0;
    }
  }
}

const loopsOf = (law: Law): Record<ComfortFill, FillLoop> => ({
  silence: new FillLoop(law, 'silence'),
  tone: new FillLoop(law, 'tone'),
  noise: new FillLoop(law, 'noise'),
});
const loops: Record<Law, Record<ComfortFill, FillLoop>> = { PCMU: loopsOf('PCMU'), PCMA: loopsOf('PCMA') };

/** The loop of a law, one for all calls. */
export const fillLoop = (law: Law, fill: ComfortFill): FillLoop => loops[law][fill];
