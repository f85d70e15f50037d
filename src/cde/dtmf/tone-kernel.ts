import bytes from './tone-kernel.wat';

/** See `tone-kernel.wat`. Places are bytes of the kernel's memory. */
interface ToneKernel {
  readonly memory: WebAssembly.Memory;
  /** Filters `count` samples at `from`, a multiple of four, into `to`. */
  highpass(from: number, count: number, to: number): void;
  /** Transforms the block at `block`. */
  transform(block: number): void;
}

/** One for all detectors: they are fed one after another, and leave in it nothing that they need again. */
export const kernel = new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports as unknown as ToneKernel;
const { buffer } = kernel.memory;

/** Sound that fits in: 80 ms. */
export const kernelSamples = 640;

/** Places in the memory, as the kernel knows them, and two that only we know: the samples that are filtered, and what comes of them. */
export const samplesAt = 2048;
export const blockAt = 4096;
export const soundAt = 8192;

/** Vectors of the filter: b1, h1, h2, h3 four times each, then p and q. */
export const filterVectors = new Float32Array(buffer, 0, 24);
/** y[n−1] and y[n−2] of the filter. */
export const filterState = new Float32Array(buffer, 96, 2);
/** Sum and squares of the samples that were filtered last, and behind them the energy of what came of them. */
export const sums = new Float64Array(buffer, 104, 2);
export const energies = new Float32Array(buffer, 120, 1);
/** The squares of the strongest row and column, and the transform: real parts by tone, then imaginary ones. */
export const strongest = new Float32Array(buffer, 128, 2);
export const transformed = new Float32Array(buffer, 144, 16);
/** For each of 20 distances from the middle of a block: cosines of eight tones, then their sines. */
export const basis = new Float32Array(buffer, 256, 320);
/** The samples to be filtered, behind the two that came before them. */
export const inbox = new Int16Array(buffer, samplesAt - 4, 2 + kernelSamples);
/** Filtered sound of whoever looks back. */
export const sound = new Float32Array(buffer, soundAt, kernelSamples);
const block = new Float32Array(buffer, blockAt, kernelSamples);

/** Forgets all sound. */
export function wipeKernel(): void {
  for (const kept of [filterState, sums, energies, strongest, transformed, inbox, sound, block]) kept.fill(0);
}
