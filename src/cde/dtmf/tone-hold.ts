import { blockSamples } from './tone-block.ts';
import { comb, type ToneFit } from './tone-fit.ts';
import type { ToneScreen } from './tone-screen.ts';

/**
 * A press goes on over a gap shorter than this: Q.24 wants a break of 10 ms bridged, ETSI ES 201 235-3 one of 20, which is
 * also one lost packet. The shortest pause between two presses is 30 ms (Q.24, NTT).
 */
export const gapMax = 200;
/** After so long a gap the press is over, whatever comes. */
const gapGivenUp = 240;
/** A block has the tones in it when both have this share of their size. */
const presentShare = 0.5;
/** A block counts as full above this share. */
const fullShare = 0.85;
/** How fast the size that is expected follows the size that is heard. */
const following = 0.1;

/** The same key so soon after its end, and so much weaker (root of power), is an echo. 100 ms, 8 dB. */
const echoReach = 800;
const echoSize = 0.4;

export type HoldVerdict = 'goes on' | 'over';

/**
 * Follows one press from its recognition to its end, block by block. The two tones are told apart within a block by their
 * exact overlap in 5 ms, since there one leaks into the other.
 */
export class ToneHold {
  /** Sample after the last of the tone; good once {@link gone}. */
  end = 0;
  /** Whether the tones are absent at present: a break, or the end. */
  gone = false;
  #row = 0;
  #column = 0;
  #rowSize = 0;
  #columnSize = 0;
  #before = 1;
  /** Samples of the present gap that were lost on the way and may have held the tone. */
  #forgiven = 0;
  /** Inverses of the overlaps of the two tones, cosines and sines. */
  readonly #even = new Float64Array(3);
  readonly #odd = new Float64Array(3);

  begin(row: number, column: number, fit: ToneFit): void {
    this.#row = row;
    this.#column = column;
    this.#rowSize = fit.size[0] as number;
    this.#columnSize = fit.size[1] as number;
    this.#before = 1;
    this.#forgiven = 0;
    this.gone = false;
    const w1 = fit.omega[0] as number;
    const w2 = fit.omega[1] as number;
    const apart = comb(w1 - w2, blockSamples);
    const along = comb(w1 + w2, blockSamples);
    const own1 = comb(2 * w1, blockSamples);
    const own2 = comb(2 * w2, blockSamples);
    invert(this.#even, blockSamples + own1, blockSamples + own2, apart + along);
    invert(this.#odd, blockSamples - own1, blockSamples - own2, apart - along);
  }

  /** The press was recognised when its tones had ended already, at sample `end`. */
  lose(end: number): void {
    this.gone = true;
    this.end = end;
  }

  /** So many samples that come next were lost on the way: a gap may be longer by them. */
  forgive(samples: number): void {
    this.#forgiven += samples;
  }

  /** Whether the same tones, as fitted and from sample `start` on, are only an echo of this press. */
  echoes(fit: ToneFit, start: number): boolean {
    const size = Math.hypot(fit.size[0] as number, fit.size[1] as number);
    return start - this.end < echoReach && size < echoSize * Math.hypot(this.#rowSize, this.#columnSize);
  }

  /** Takes the block that the screen took last and that ended at sample `now`. */
  take(screen: ToneScreen, now: number): HoldVerdict {
    const share = this.#share(screen);
    const began = now - blockSamples;
    if (!this.gone) {
      if (share < presentShare) {
        this.gone = true;
        const before = this.#before > fullShare ? 1 : this.#before;
        this.end = Math.round(began - blockSamples * (1 - before) + blockSamples * share);
      }
    } else if (share >= presentShare) {
      const gap = began + blockSamples * (1 - Math.min(1, share)) - this.end;
      if (gap >= gapMax + this.#forgiven) return 'over';
      this.gone = false;
    } else if (now - this.end >= gapGivenUp + this.#forgiven) {
      return 'over';
    }
    if (share > fullShare) this.#forgiven = 0;
    this.#before = Math.min(1, share);
    return 'goes on';
  }

  /** How much of the tones is in the block: the smaller of their two sizes over what is expected. */
  #share(screen: ToneScreen): number {
    const re1 = screen.re(this.#row);
    const re2 = screen.re(this.#column);
    const im1 = screen.im(this.#row);
    const im2 = screen.im(this.#column);
    const e = this.#even;
    const o = this.#odd;
    const cos1 = re1 * (e[0] as number) - re2 * (e[2] as number);
    const cos2 = re2 * (e[1] as number) - re1 * (e[2] as number);
    const sin1 = im1 * (o[0] as number) - im2 * (o[2] as number);
    const sin2 = im2 * (o[1] as number) - im1 * (o[2] as number);
    const row = Math.sqrt(cos1 * cos1 + sin1 * sin1);
    const column = Math.sqrt(cos2 * cos2 + sin2 * sin2);
    const share = Math.min(row / this.#rowSize, column / this.#columnSize);
    if (share >= presentShare) {
      this.#rowSize += following * (row - this.#rowSize);
      this.#columnSize += following * (column - this.#columnSize);
    }
    return share;
  }
}

/** The inverse of ½ (g11 g12; g12 g22), as its two diagonal elements and the negative of the other. */
function invert(into: Float64Array, g11: number, g22: number, g12: number): void {
  const half = (g11 * g22 - g12 * g12) / 2;
  into[0] = g22 / half;
  into[1] = g11 / half;
  into[2] = g12 / half;
}
