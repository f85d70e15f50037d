import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeForKernel, readByFours } from '../../../src/cde/dtmf/code-words.ts';
import { alawTable, ulawTable } from '../../../src/cde/dtmf/g711.ts';
import { blockSamples } from '../../../src/cde/dtmf/tone-block.ts';
import { highpass, highpassGain } from '../../../src/cde/dtmf/tone-highpass.ts';
import {
  arriving,
  blockAt,
  doubles,
  filterState,
  halves,
  kernel,
  kernelSamples,
  samplesAt,
  singles,
  sound,
  soundAt,
  transformAt,
  wipeKernel,
  words,
} from '../../../src/cde/dtmf/tone-kernel.ts';
import { givePlace, placeBytes, takePlace } from '../../../src/cde/dtmf/tone-places.ts';
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
  const before = [0, 0];
  const made: number[] = [];
  let energy = 0;
  let at = 0;
  filterState.fill(0);
  for (const count of pieces) {
    const piece = samples.slice(at, at + count);
    halves.set(before, samplesAt / 2 - 2);
    arriving.set(piece);
    kernel.highpass(samplesAt, count, soundAt);
    before.splice(0, 2, ...piece.slice(-2));
    made.push(...sound.subarray(0, count));
    expect(doubles[104 / 8]).toBe(piece.reduce((sum, x) => sum + x * x, 0));
    expect(words[112 / 4]).toBe(piece.reduce((sum, x) => sum + x, 0));
    energy += singles[116 / 4] as number;
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
      arriving.set(samples);
      highpass(samplesAt, blockSamples, blockAt);
      kernel.transform(blockAt, transformAt);
      const spectrum = singles.subarray(transformAt / 4);
      const wanted = filtered(samples);
      const squares: number[] = [];
      for (const [tone, hz] of toneHz.entries()) {
        const sum = (turn: (angle: number) => number): number =>
          wanted.reduce((all, y, n) => all + y * turn(radians(hz) * (n - (blockSamples - 1) / 2)), 0);
        const [re, im] = [sum(Math.cos), -sum(Math.sin)];
        expect(Math.abs((spectrum[tone] as number) - re)).toBeLessThan(2);
        expect(Math.abs((spectrum[8 + tone] as number) - im)).toBeLessThan(2);
        squares.push(re * re + im * im);
      }
      for (const [n, from] of [0, 4].entries()) {
        const most = Math.max(...squares.slice(from, from + 4));
        expect(Math.abs((singles[120 / 4 + n] as number) - most)).toBeLessThanOrEqual(1e-4 * most + 100);
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

test.each([
  ['µ-law', ulawTable],
  ['A-law', alawTable],
])('the kernel decodes %s as its table does, by fours and wherever the code words stand', (_, table) => {
  const bytes = Uint8Array.from({ length: 12 + 512 }, (_, n) => (n * 37 + (n >> 8)) & 0xff);
  for (const prepared of [false, true]) {
    if (prepared) readByFours(bytes);
    for (const [from, count] of [
      [12, 512],
      [16, 160],
      [13, 160],
      [12, 33],
    ] as const) {
      arriving.fill(1);
      decodeForKernel(table, bytes, from, count);
      expect([...arriving.subarray(0, count)]).toEqual(
        [...bytes.subarray(from, from + count)].map((byte) => table[byte]),
      );
    }
  }
});

test('a place takes blocks in one call as it does one by one, wherever they stand', () => {
  fc.assert(
    fc.property(
      fc.array(loud, { minLength: 4 * blockSamples, maxLength: 4 * blockSamples }),
      fc.nat(3),
      (samples, at) => {
        const [one, other] = [takePlace(), takePlace()];
        arriving.set(samples, at);
        for (let taken = 0; taken < 4; )
          taken += Math.abs(kernel.take(one, samplesAt + 2 * at + 80 * taken, 4 - taken));
        for (let block = 0; block < 4; block += 1) {
          arriving.set(samples.slice(blockSamples * block, blockSamples * (block + 1)));
          kernel.take(other, samplesAt, 1);
        }
        expect(words.slice(one / 4, (one + placeBytes) / 4)).toEqual(words.slice(other / 4, (other + placeBytes) / 4));
        expect([...halves.slice(one / 2 + 384, one / 2 + 384 + samples.length)]).toEqual(samples);
        givePlace(one);
        givePlace(other);
      },
    ),
  );
});

test('what was wiped is no more, and a place that was given back holds nothing for the next', () => {
  throughKernel([9000, -9000, 9000, -9000], [4]);
  const place = takePlace();
  kernel.take(place, samplesAt, 1);
  expect(words.slice(place / 4, (place + placeBytes) / 4).some((word) => word !== 0)).toBe(true);
  wipeKernel();
  givePlace(place);
  expect([...arriving, ...sound].every((number) => number === 0)).toBe(true);
  expect(words.slice(place / 4, (place + placeBytes) / 4).every((word) => word === 0)).toBe(true);
  expect(takePlace()).toBe(place);
  givePlace(place);
});
