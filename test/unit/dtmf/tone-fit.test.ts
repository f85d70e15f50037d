import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ToneFit } from '../../../src/cde/dtmf/tone-fit.ts';
import { sound } from '../../../src/cde/dtmf/tone-kernel.ts';
import { ToneTrack } from '../../support/tone-generator.ts';

const sine = (hz: number, peak: number, phase: number, n: number): number =>
  peak * Math.sin((2 * Math.PI * hz * n) / 8000 + phase);

test('two sinusoids of any size, phase and frequency near the guess are found to 1 Hz', () => {
  const tone = (hz: number) =>
    fc.record({
      guess: fc.constant(hz),
      hz: fc.double({ min: hz * 0.985, max: hz * 1.015, noNaN: true }),
      peak: fc.double({ min: 300, max: 9000, noNaN: true }),
      phase: fc.double({ min: 0, max: 6.28, noNaN: true }),
    });
  const row = fc.constantFrom(697, 770, 852, 941).chain(tone);
  const column = fc.constantFrom(1209, 1336, 1477, 1633).chain(tone);
  const fit = new ToneFit();
  fc.assert(
    fc.property(row, column, (low, high) => {
      fc.pre(low.peak / high.peak < 2.5 && high.peak / low.peak < 2.5);
      for (let n = 0; n < 300; n += 1) {
        sound[n] = sine(low.hz, low.peak, low.phase, n) + sine(high.hz, high.peak, high.phase, n);
      }
      fit.aim(Float64Array.of(low.guess + (low.hz - low.guess) * 0.8, high.guess + (high.hz - high.guess) * 0.8));
      fit.fit(40, 208, 4);
      expect(Math.abs(fit.hz(0) - low.hz)).toBeLessThan(1);
      expect(Math.abs(fit.hz(1) - high.hz)).toBeLessThan(1);
      expect(fit.rest).toBeLessThan(0.01 * fit.energy);
    }),
  );
});

test('the beginning is found where the tones begin, in silence and in noise', () => {
  for (const noise of [-90, -35]) {
    const track = new ToneTrack(9).silence(30).press('7', { ms: 60, dbm0: -15 }).underNoise(noise);
    sound.set(track.samples('linear').subarray(0, sound.length));
    const fit = new ToneFit();
    fit.aim(Float64Array.of(852, 1209));
    fit.fit(320, 208, 2);
    expect(Math.abs(fit.start(0, 400) - 240)).toBeLessThanOrEqual(4);
  }
});
