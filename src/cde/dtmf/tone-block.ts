import { highpass, stretch } from './tone-highpass.ts';
import { firstColumn, sampleRateHz, toneCount, toneHz } from './tone-plan.ts';

/** The screen looks at the sound in blocks of 5 ms. */
export const blockSamples = 40;
const half = blockSamples / 2;

/** The block in hand, filtered. One for all: they are taken one after another. */
const block = new Float64Array(blockSamples);

/** Cosines and sines of four tones by distance from the middle of the block: c c c c s s s s for each of 20 distances. */
const basisOf = (tones: readonly number[]): Float64Array =>
  Float64Array.from({ length: half * 8 }, (_, at) => {
    const turn = (2 * Math.PI * (tones[at % 4] ?? 0) * (Math.floor(at / 8) + 0.5)) / sampleRateHz;
    return at % 8 < 4 ? Math.cos(turn) : Math.sin(turn);
  });
const rowBasis = basisOf(toneHz.slice(0, firstColumn));
const columnBasis = basisOf(toneHz.slice(firstColumn));

/** Of the block that was transformed last: the squares of its strongest row and of its strongest column. */
export const strongest = new Float64Array(2);

/** Takes the block of `samples` at `from`, as {@link highpass} does, which tells of it in {@link stretch}. */
export function filterBlock(state: Float64Array, samples: Int16Array, from: number, raw: Int16Array, at: number): void {
  highpass(state, samples, from, blockSamples, raw, at, block, 0);
}

/** Transforms that block at eight frequencies into `spectra`: real parts by tone at `at`, then imaginary ones. */
export function transformBlock(spectra: Float32Array, at: number): void {
  transform(rowBasis, spectra, at, 0);
  transform(columnBasis, spectra, at + firstColumn, 1);
}

/** Forgets the block. */
export function wipeBlock(): void {
  block.fill(0);
  stretch.fill(0);
  strongest.fill(0);
}

/*
 * A transform about the middle of the block needs half the multiplications, because cosines are even and sines are odd:
 *
 *     X(f) = Σ (x[20+i] + x[19−i]) · cos(ω(i+½))  −  j Σ (x[20+i] − x[19−i]) · sin(ω(i+½))      i = 0 … 19
 */
function transform(basis: Float64Array, spectra: Float32Array, at: number, which: number): void {
  let c0 = 0;
  let c1 = 0;
  let c2 = 0;
  let c3 = 0;
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  for (let i = 0; i < half; i += 1) {
    const right = block[half + i] as number;
    const left = block[half - 1 - i] as number;
    const even = left + right;
    const odd = left - right;
    const k = 8 * i;
    c0 += even * (basis[k] as number);
    c1 += even * (basis[k + 1] as number);
    c2 += even * (basis[k + 2] as number);
    c3 += even * (basis[k + 3] as number);
    s0 += odd * (basis[k + 4] as number);
    s1 += odd * (basis[k + 5] as number);
    s2 += odd * (basis[k + 6] as number);
    s3 += odd * (basis[k + 7] as number);
  }
  spectra[at] = c0;
  spectra[at + 1] = c1;
  spectra[at + 2] = c2;
  spectra[at + 3] = c3;
  spectra[at + toneCount] = s0;
  spectra[at + toneCount + 1] = s1;
  spectra[at + toneCount + 2] = s2;
  spectra[at + toneCount + 3] = s3;
  strongest[which] = Math.max(c0 * c0 + s0 * s0, c1 * c1 + s1 * s1, c2 * c2 + s2 * s2, c3 * c3 + s3 * s3);
}
