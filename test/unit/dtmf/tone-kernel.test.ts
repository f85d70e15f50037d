import fc from 'fast-check';
import { expect, test } from 'vitest';
import { blockSamples, transformBlock } from '../../../src/cde/dtmf/tone-block.ts';
import { highpass, highpassGain, highpassNumbers } from '../../../src/cde/dtmf/tone-highpass.ts';
import {
  blockAt,
  energies,
  inbox,
  kernelSamples,
  sound,
  soundAt,
  strongest,
  sums,
  wipeKernel,
} from '../../../src/cde/dtmf/tone-kernel.ts';
import { toneHz } from '../../../src/cde/dtmf/tone-plan.ts';

const radians = (hz: number): number => (2 * Math.PI * hz) / 8000;

/** The filter as its difference equation has it. */
function filtered(samples: readonly number[]): number[] {
  const b1 = -2 * Math.cos(radians(380));
  const a1 = -2 * 0.83 * Math.cos(radians(682));
  const y: number[] = [];
  const before = (of: readonly number[], n: number): number => of[n] ?? 0;
  for (const [n, x] of samples.entries()) {
    const u = x + b1 * before(samples, n - 1) + before(samples, n - 2);
    y.push(u - a1 * before(y, n - 1) - 0.83 ** 2 * before(y, n - 2));
  }
  return y;
}

/** Takes `samples` in pieces of these lengths. */
function throughKernel(samples: readonly number[], pieces: readonly number[]): { sound: number[]; energy: number } {
  const state = new Float32Array(highpassNumbers);
  const made: number[] = [];
  let energy = 0;
  let at = 0;
  for (const count of pieces) {
    inbox.set(samples.slice(at, at + count), 2);
    highpass(state, count, soundAt);
    made.push(...sound.subarray(0, count));
    expect(sums[0]).toBe(samples.slice(at, at + count).reduce((sum, x) => sum + x, 0));
    expect(sums[1]).toBe(samples.slice(at, at + count).reduce((sum, x) => sum + x * x, 0));
    energy += energies[0] as number;
    at += count;
  }
  return { sound: made, energy };
}

const loud = fc.integer({ min: -32_768, max: 32_767 });
const pieces = fc.array(
  fc.integer({ min: 1, max: 20 }).map((n) => 4 * n),
  { minLength: 1, maxLength: 6 },
);

test('sound is filtered as the difference equation says, in whatever pieces it comes', () => {
  fc.assert(
    fc.property(
      pieces.chain((lengths) =>
        fc.tuple(
          fc.constant(lengths),
          fc.array(loud, { minLength: lengths.reduce((a, b) => a + b), maxLength: lengths.reduce((a, b) => a + b) }),
        ),
      ),
      ([lengths, samples]) => {
        const wanted = filtered(samples);
        const got = throughKernel(samples, lengths);
        // 120 dB below what may come in.
        for (const [n, y] of got.sound.entries()) expect(Math.abs(y - (wanted[n] as number))).toBeLessThan(0.1);
        const energy = wanted.reduce((sum, y) => sum + y * y, 0);
        expect(Math.abs(got.energy - energy)).toBeLessThanOrEqual(1e-5 * energy + 1);
      },
    ),
  );
});

test('a block is transformed at the eight tones about its middle', () => {
  fc.assert(
    fc.property(fc.array(loud, { minLength: blockSamples, maxLength: blockSamples }), (samples) => {
      inbox.set(samples, 2);
      highpass(new Float32Array(highpassNumbers), blockSamples, blockAt);
      const spectra = new Float32Array(32);
      transformBlock(spectra, 16);
      const wanted = filtered(samples);
      const squares: number[] = [];
      for (const [tone, hz] of toneHz.entries()) {
        const sum = (turn: (angle: number) => number): number =>
          wanted.reduce((all, y, n) => all + y * turn(radians(hz) * (n - (blockSamples - 1) / 2)), 0);
        const [re, im] = [sum(Math.cos), -sum(Math.sin)];
        expect(Math.abs((spectra[16 + tone] as number) - re)).toBeLessThan(2);
        expect(Math.abs((spectra[24 + tone] as number) - im)).toBeLessThan(2);
        squares.push(re * re + im * im);
      }
      for (const [n, from] of [0, 4].entries()) {
        const most = Math.max(...squares.slice(from, from + 4));
        expect(Math.abs((strongest[n] as number) - most)).toBeLessThanOrEqual(1e-4 * most + 100);
      }
    }),
  );
});

test('the filter has the gain that is counted with: keys pass, dial tone, hum and offset do not', () => {
  const gain = (hz: number): number => {
    const samples = Array.from({ length: kernelSamples }, (_, n) => Math.round(10_000 * Math.sin(radians(hz) * n + 1)));
    const made = throughKernel(samples, [kernelSamples]).sound.slice(kernelSamples / 2);
    return Math.max(...made.map(Math.abs)) / 10_000;
  };
  for (const hz of [697, 852, 1209, 1633]) expect(gain(hz) / highpassGain(hz)).toBeCloseTo(1, 1);
  const reference = highpassGain(1209);
  for (const hz of [350, 400, 425, 440]) expect(gain(hz) / reference).toBeLessThan(0.13);
  expect(gain(50) / reference).toBeLessThan(0.25);
});

test('what was wiped is no more', () => {
  throughKernel([9000, -9000, 9000, -9000], [4]);
  wipeKernel();
  expect([...inbox, ...sound].every((number) => number === 0)).toBe(true);
});
