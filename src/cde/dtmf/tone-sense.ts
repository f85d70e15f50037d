import { keyLimits, type ToneLimits } from './tone-judge.ts';

/** How long a tone must be, and how well it must fit, to be a key. */
export interface ToneSense {
  /** A tone this long is a key. */
  readonly keySamples: number;
  /** What is fitted before the decision: all of that but its edge. An even number. */
  readonly fitSamples: number;
  readonly restMax: number;
  readonly limits: ToneLimits;
}

/** Q.24 wants 23 ms ignored and 40 ms heard: 27.5 ms, of which 26 are fitted; noise 8 dB below. */
export const keySense: ToneSense = { keySamples: 220, fitSamples: 208, restMax: 0.15, limits: keyLimits };
