import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ToneDetector } from '../../../src/cde/dtmf/tone-detector.ts';
import { heardKeys, heardWord } from '../../support/heard-keys.ts';
import { keypad, type PressShape, samplesOf, ToneTrack } from '../../support/tone-generator.ts';

const keys = (shape: PressShape, pauseMs = 50): ToneTrack => {
  const track = new ToneTrack().silence(100);
  // The pause grows, so that presses meet the detector's blocks at every phase.
  for (const [n, key] of [...keypad].entries()) track.press(key, shape).silence(pauseMs + n / 8);
  return track.silence(50);
};
const noise = (snrDb: number, dbm0: number): number => dbm0 + 3 - snrDb;

describe('a press as ITU-T Q.24 and ETSI ES 201 235-3 want it heard is heard once', () => {
  test.each<[string, ToneTrack]>([
    ['50 ms', keys({})],
    ['40 ms, pause 40 ms', keys({ ms: 40 }, 40)],
    ['40 ms, pause 30 ms (NTT)', keys({ ms: 40 }, 30)],
    ['held for a second', keys({ ms: 1000 })],
    ['0 dBm0', keys({ dbm0: 0 })],
    ['−25 dBm0', keys({ dbm0: -25 })],
    ['high tone 4 dB stronger', keys({ twistDb: 4 })],
    ['high tone 8 dB weaker', keys({ twistDb: -8 })],
    ['both tones 1.5 % high', keys({ rowOff: 0.015, columnOff: 0.015 })],
    ['both tones 1.5 % low', keys({ rowOff: -0.015, columnOff: -0.015 })],
    ['tones 1.5 % apart and 2 Hz more (ETSI)', keys({ ms: 65, rowOff: -0.015, columnOff: 0.015, offHz: 2 })],
    ['noise at 15 dB', keys({ ms: 40, dbm0: -13 }).underNoise(noise(15, -13))],
    ['dial tone', keys({ dbm0: -15 }).underSine(350, -15).underSine(440, -15)],
    ['a loud dial tone of 425 Hz', keys({ dbm0: -13 }).underSine(425, -10)],
    ['mains hum', keys({ dbm0: -13 }).underSine(50, -16).underSine(150, -30)],
    ['an echo of 20 ms', keys({ ms: 40 }, 40).withEcho(20, -10)],
    ['a weak echo that lasts on after the press', keys({}, 80).withEcho(45, -15)],
    ['a break of 10 ms', keys({ ms: 100, pause: [50, 10] })],
    ['a break of 5 ms', keys({ ms: 100, pause: [50, 5] })],
  ])('%s', (_, track) => {
    expect(heardWord(track.samples())).toBe(keypad);
  });

  test('in A-law and in linear sound as in µ-law', () => {
    expect(heardWord(keys({ dbm0: -22 }).samples('alaw'))).toBe(keypad);
    expect(heardWord(keys({ dbm0: -22 }).samples('linear'))).toBe(keypad);
  });

  test('the same key again after 40 ms is another press', () => {
    const track = new ToneTrack().silence(100);
    for (let n = 0; n < 16; n += 1) track.press('4', { ms: 40 }).silence(40 + n / 8);
    expect(heardWord(track.silence(50).samples())).toBe('4'.repeat(16));
  });

  test('within a millisecond of where it is, and 32 ms after its start at the latest', () => {
    const track = keys({ ms: 40 }, 40);
    const heard = heardKeys(track.samples(), 8);
    for (const [n, press] of track.presses.entries()) {
      expect(Math.abs((heard[n]?.start ?? 0) - press.start)).toBeLessThanOrEqual(samplesOf(1));
      expect(Math.abs((heard[n]?.end ?? 0) - press.end)).toBeLessThanOrEqual(samplesOf(2));
      expect((heard[n]?.decided ?? Infinity) - press.start).toBeLessThanOrEqual(samplesOf(32));
    }
  });
});

describe('packets that are lost', () => {
  // The press fills packets 5 to 9 but for 2 ms.
  const press = (lost: readonly number[], fill: 'silence' | 'repeat') =>
    new ToneTrack(3).silence(101).press('9', { ms: 98 }).silence(101).losing(lost, fill).samples();

  test.each([[[5]], [[6]], [[7]], [[8]], [[9]], [[6, 8]], [[5, 7]]])(
    '%j leave one press, filled with silence or not',
    (lost) => {
      expect(heardWord(press(lost, 'silence'))).toBe('9');
      expect(heardWord(press(lost, 'repeat'))).toBe('9');
    },
  );
});

describe('what is no press is not heard', () => {
  const deaf = (track: ToneTrack) => expect(heardWord(track.samples())).toBe('');

  test.each<[string, PressShape]>([
    ['23 ms', { ms: 23 }],
    ['a row 3.5 % high', { ms: 100, rowOff: 0.035 }],
    ['a row 3.5 % low', { ms: 100, rowOff: -0.035 }],
    ['a column 3.5 % high', { ms: 100, columnOff: 0.035 }],
    ['a column 3.5 % low', { ms: 100, columnOff: -0.035 }],
    ['−55 dBm0', { ms: 100, dbm0: -55 }],
    ['a twist that no line makes', { ms: 100, twistDb: -14 }],
  ])('%s', (_, shape) => deaf(keys(shape, 80)));

  test('one tone alone', () => {
    const track = new ToneTrack();
    for (const hz of [697, 770, 852, 941, 1209, 1336, 1477, 1633]) track.sine(hz, 200, -8).silence(100);
    deaf(track);
  });

  test('noise', () => deaf(new ToneTrack(5).silence(20_000).underNoise(-20)));

  test('a pair with a third tone as a voice has it', () => {
    const track = new ToneTrack().silence(1000);
    for (const hz of [770, 1336, 1900]) track.underSine(hz, -12);
    deaf(track);
  });

  test('two tones of one row, or of one column', () => {
    deaf(new ToneTrack().silence(500).underSine(1209, -10).underSine(1477, -10));
    deaf(new ToneTrack().silence(500).underSine(697, -10).underSine(852, -10));
  });
});

describe('the detector', () => {
  test('hears whatever lies within the limits, however it is cut into packets', () => {
    const off = fc.double({ min: -0.015, max: 0.015, noNaN: true });
    // One telephone: its level, twist and frequencies do not change from press to press.
    const telephone = fc.record({
      dbm0: fc.integer({ min: -25, max: -3 }),
      twistDb: fc.integer({ min: -8, max: 4 }),
      rowOff: off,
      columnOff: off,
    });
    const press = fc.tuple(
      fc.constantFrom(...keypad),
      fc.integer({ min: 40, max: 300 }),
      fc.integer({ min: 41, max: 120 }),
    );
    const presses = fc.array(press, { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(telephone, presses, fc.integer({ min: 1, max: 400 }), (shape, list, packet) => {
        const track = new ToneTrack().silence(30);
        for (const [key, ms, pauseMs] of list) track.press(key, { ...shape, ms }).silence(pauseMs);
        const heard = heardKeys(track.silence(50).samples(), packet);
        expect(heard.map((one) => one.key).join('')).toBe(list.map(([key]) => key).join(''));
      }),
      { numRuns: 60 },
    );
  });

  test('reports the same samples whatever the packets are', () => {
    const samples = keys({ ms: 45, dbm0: -20 }).underNoise(-40).samples();
    const place = (packet: number) => heardKeys(samples, packet).map(({ key, start, end }) => [key, start, end]);
    expect(place(160)).toHaveLength(16);
    for (const packet of [1, 7, 80, 240, 4000]) expect(place(packet)).toEqual(place(160));
  });

  test('goes on for ten minutes and still counts samples right', () => {
    const heard: number[] = [];
    const detector = new ToneDetector({ onTone: (_, start) => heard.push(start) });
    const silence = new Int16Array(8000);
    const tenMinutes = 600 * 8000;
    for (let at = 0; at < tenMinutes; at += silence.length) detector.feed(silence, silence.length);
    const samples = new ToneTrack().press('5').silence(50).samples();
    detector.feed(samples, samples.length);
    expect(heard).toHaveLength(1);
    expect(Math.abs((heard[0] ?? 0) - tenMinutes)).toBeLessThanOrEqual(samplesOf(1));
  });

  test('feeds only as many samples as it is told', () => {
    const heard: number[] = [];
    const detector = new ToneDetector({ onTone: (key) => heard.push(key) });
    const samples = new ToneTrack().press('5', { ms: 100 }).samples();
    detector.feed(samples, samplesOf(20));
    expect(heard).toEqual([]);
    detector.feed(samples.subarray(samplesOf(20)), samplesOf(20));
    expect(heard).toEqual([5]);
  });

  test('forgets a key that is down when it is reset, and then hears it anew', () => {
    const reports: string[] = [];
    const detector = new ToneDetector({ onTone: () => reports.push('tone'), onEnd: () => reports.push('end') });
    const samples = new ToneTrack().press('#', { ms: 40 }).samples();
    detector.feed(samples, samples.length);
    detector.reset();
    detector.end();
    expect(reports).toEqual(['tone']);
    detector.feed(samples, samples.length);
    detector.end();
    expect(reports).toEqual(['tone', 'tone', 'end']);
  });
});
