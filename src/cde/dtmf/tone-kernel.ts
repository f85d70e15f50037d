import bytes from './tone-kernel.wat';

/** See `tone-kernel.wat`. Places are bytes of the kernel's memory. */
interface ToneKernel {
  readonly memory: WebAssembly.Memory;
  /** Takes `blocks` blocks at `from` into a detector's place, as {@link ToneScreen} says. */
  take(place: number, from: number, blocks: number): number;
  /** Filters `count` samples at `from`, a multiple of four, into `to`. */
  highpass(from: number, count: number, to: number): void;
  /** Transforms the block at `block` into `to`. */
  transform(block: number, to: number): void;
  /** Puts the last `count` samples of a detector's place one after another, up to `end`. */
  unroll(place: number, count: number, end: number): void;
}

/** One for all detectors: they are fed one after another. */
export const kernel = new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports as unknown as ToneKernel;
const { buffer } = kernel.memory;
export const kernelBytes = buffer.byteLength;

/** All of the memory. */
export const halves = new Int16Array(buffer);
export const words = new Int32Array(buffer);
export const singles = new Float32Array(buffer);
export const doubles = new Float64Array(buffer);

/** Sound that fits in: 80 ms. */
export const kernelSamples = 640;

/** Places in the memory, in bytes: the first three are the kernel's own, the others it is told; before samples there is room for two more. */
export const limitsAt = 128;
export const blockAt = 4096;
export const firstPlace = 16_384;
export const samplesAt = 2048;
export const partsAt = 3584;
export const transformAt = 4352;
export const soundAt = 8192;
export const pastAt = 12_288;
export const leftAt = 13_824;

/** Vectors of the filter: b1, h1, h2, h3 four times each, then p and q. */
export const filterVectors = new Float32Array(buffer, 0, 24);
/** y[n−1] and y[n−2] of the filter. */
export const filterState = new Float32Array(buffer, 96, 2);
/** For each of 20 distances from the middle of a block: cosines of eight tones, then their sines. */
export const basis = new Float32Array(buffer, 256, 320);
/** Code words, four in each, and the samples that come. */
export const codes = new Int32Array(buffer, 11_264, kernelSamples >> 2);
export const arriving = new Int16Array(buffer, samplesAt, kernelSamples);
/** Filtered sound of whoever looks back. */
export const sound = new Float32Array(buffer, soundAt, kernelSamples);
/** Of a fit, by twos. */
export const fitted = new Float64Array(buffer, 4416, 33);
/** What one detector leaves behind for nobody. */
const workbench = [new Uint8Array(buffer, 96, 32), new Uint8Array(buffer, samplesAt - 4, firstPlace - samplesAt + 4)];

/** Forgets all sound that is not in a detector's place. */
export function wipeKernel(): void {
  for (const kept of workbench) kept.fill(0);
}
