import { describe, expect, test } from 'vitest';
import { ToneDetector } from '../../../src/cde/dtmf/tone-detector.ts';
import { keypad, ToneTrack } from '../../support/tone-generator.ts';

/** Down to a hundredth. */
const shareOf = (detector: ToneDetector): number =>
  (Array.from({ length: 100 }, (_, n) => n + 1).findLast((n) => detector.twoTonesReach(n / 100)) ?? 0) / 100;

/** The share after each packet of 20 ms. */
function shares(samples: Int16Array): number[] {
  const detector = new ToneDetector({ onTone: () => undefined });
  const list: number[] = [];
  for (let at = 0; at + 160 <= samples.length; at += 160) {
    detector.feed(samples.subarray(at, at + 160), 160);
    list.push(shareOf(detector));
  }
  return list;
}

describe('the share of two tones', () => {
  test.each([...keypad])('is nearly one in every packet that the tone of %s fills, at the limits too', (key) => {
    for (const shape of [{}, { rowOff: 0.015, columnOff: -0.015 }, { twistDb: -8 }, { twistDb: 4, dbm0: -25 }]) {
      const list = shares(
        new ToneTrack()
          .silence(40)
          .press(key, { ...shape, ms: 100 })
          .silence(40)
          .samples(),
      );
      expect(Math.min(...list.slice(2, 7))).toBeGreaterThan(0.9);
    }
  });

  test('shows a tone that has only the second half of a packet, or only the first', () => {
    const list = shares(new ToneTrack().silence(48).press('2', { ms: 44 }).silence(28).samples());
    expect(list[2]).toBeGreaterThan(0.9);
    expect(list[4]).toBeGreaterThan(0.9);
    expect(list[5]).toBe(0);
  });

  test('is small for noise, one tone, three tones; nothing for silence, and for tones beside the keys', () => {
    expect(Math.max(...shares(new ToneTrack().silence(2000).underNoise(-20).samples()))).toBeLessThan(0.7);
    expect(Math.max(...shares(new ToneTrack().silence(200).samples()))).toBe(0);
    const three = new ToneTrack().silence(400);
    for (const hz of [770, 1336, 2100]) three.underSine(hz, -12);
    expect(Math.max(...shares(three.samples()).slice(1))).toBeLessThan(0.8);
    const beside = new ToneTrack().silence(400).underSine(1040, -12).underSine(1860, -12);
    expect(Math.max(...shares(beside.samples()))).toBe(0);
  });
});
