import bytes from './tone-fit.wat';
import { fitted, kernel, leftAt, soundAt } from './tone-kernel.ts';
import { sampleRateHz } from './tone-plan.ts';

/** See `tone-fit.wat`. Places are bytes of the kernel's memory. */
interface Fitter {
  fit(from: number, count: number, refinements: number): void;
  start(earliest: number, latest: number): number;
}

const { memory } = kernel;
const fitter = new WebAssembly.Instance(new WebAssembly.Module(bytes), {
  kernel: { memory },
  math: { sin: Math.sin, cos: Math.cos },
}).exports as unknown as Fitter;

/** Longest stretch that can be fitted. */
export const fitSamplesMax = 256;
/** Parts of the stretch by which its evenness is told. */
export const fitParts = 4;

/** Where the kernel leaves what a fit is: places in {@link fitted}. */
const [energyAt, omegaAt, partsAt, sizeAt] = [10, 16, 22, 26];

/** Σ cos(θt) over `count` samples about their middle. */
export const comb = (theta: number, count: number): number => {
  const below = Math.sin(theta / 2);
  return Math.abs(below) < 1e-9 ? count : Math.sin((count * theta) / 2) / below;
};

/**
 * The least-squares fit of two sinusoids to a stretch of sound, their frequencies refined by Gauss and Newton's method:
 *
 *     x(t) ≈ a₁ cos ω₁t + b₁ sin ω₁t + a₂ cos ω₂t + b₂ sin ω₂t       t from the middle of the stretch
 *
 * About the middle cosines and sines are orthogonal, so amplitudes are two equations of two unknowns, whose coefficients
 * have closed forms. All of it is in the kernel's memory, sound and result too, of which there is one: the newest.
 */
export class ToneFit {
  /** Radians a sample, and peak sizes: the row's tone, then the column's. */
  readonly omega = fitted.subarray(omegaAt, omegaAt + 2);
  readonly size = fitted.subarray(sizeAt, sizeAt + 2);
  /** What is left, sample by sample. */
  readonly left = new Float64Array(fitted.buffer, leftAt, fitSamplesMax);
  /** How well each quarter follows the fit: 1 when it has the same size, 0 when the tones are absent from it. */
  readonly parts = fitted.subarray(partsAt, partsAt + fitParts);

  /** Energy of the stretch, and of what the two sinusoids leave of it. */
  get energy(): number {
    return fitted[energyAt] as number;
  }
  get rest(): number {
    return fitted[energyAt + 1] as number;
  }

  /** The next fit starts at these two frequencies. They come in an array, for as arguments they would be garbage. */
  aim(hz: Float64Array): void {
    this.omega[0] = (2 * Math.PI * (hz[0] as number)) / sampleRateHz;
    this.omega[1] = (2 * Math.PI * (hz[1] as number)) / sampleRateHz;
  }

  /** Fits an even `count` of samples of the sound at `from`, aimed at frequencies that are right within 1/`count`, and refines so often. */
  fit(from: number, count: number, refinements: number): void {
    fitter.fit(soundAt + 4 * from, count, refinements);
  }

  hz(which: 0 | 1): number {
    return ((this.omega[which] as number) * sampleRateHz) / (2 * Math.PI);
  }

  /**
   * Where the tones began: the sample between `earliest` and `latest` for which silence before and the fitted tones after
   * are likeliest, by the sum of x² − (x − m)² over all that comes after.
   */
  start(earliest: number, latest: number): number {
    return (fitter.start(soundAt + 4 * earliest, soundAt + 4 * latest) - soundAt) >> 2;
  }
}
