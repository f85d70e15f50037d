import { describe, expect, test } from 'vitest';
import { PressBook } from '../../../src/cde/media/freeswitch/press-book.ts';

/** Told at a moment of FreeSWITCH's clock, which is not ours. */
const event = (dtmf: string, ms: number, toldAt = 0) => ({ dtmf, duration: String(ms * 8), source: 'RTP', toldAt });

describe('what FreeSWITCH tells of keys', () => {
  test('is put back to where the press began', () => {
    expect(new PressBook().told(event('7', 200), 1000)).toEqual({ key: 7, source: 'event', at: 780, ms: 200 });
    const tone = { dtmf: '#', duration: '2000', source: 'INBAND_AUDIO', toldAt: 0 };
    expect(new PressBook().told(tone, 1000)).toMatchObject({ key: 11, source: 'tone', at: 955 });
  });

  test('is one press where each of its end packets has a timestamp of its own', () => {
    for (const [ms, every] of [
      [80, 20],
      [50, 50],
      [400, 50],
    ] as const) {
      const book = new PressBook();
      expect(book.told(event('2', ms, 9000), 1000)).toBeDefined();
      expect(book.told(event('2', ms, 9000 + every), 1000 + every)).toBeUndefined();
      expect(book.told(event('2', ms, 9000 + 2 * every), 1000 + 2 * every)).toBeUndefined();
    }
  });

  test('is two presses of the same key where the second began after the first had ended', () => {
    const book = new PressBook();
    expect(book.told(event('4', 50, 9000), 1000)).toBeDefined();
    // 40 ms down after 40 ms up, and FreeSWITCH counts 50 ms at least.
    expect(book.told(event('4', 50, 9080), 1080)).toBeDefined();
  });

  test('is two presses also where the first word was read late, and both at once', () => {
    const book = new PressBook();
    expect(book.told(event('1', 60, 9000), 1090)).toBeDefined();
    expect(book.told(event('1', 60, 9100), 1101)).toBeDefined();
    expect(book.told(event('1', 60, 9176), 1177)).toBeDefined();
  });

  test('is two presses where FreeSWITCH does not say when', () => {
    const book = new PressBook();
    expect(book.told(event('1', 60, Number.NaN), 1000)).toBeDefined();
    expect(book.told(event('1', 60, Number.NaN), 1020)).toBeDefined();
  });

  test('is two presses where the keys differ, however close they are', () => {
    const book = new PressBook();
    expect(book.told(event('4', 80), 1000)).toBeDefined();
    expect(book.told(event('5', 80), 1010)).toBeDefined();
  });

  test('is nothing where it is no key, or comes from nowhere', () => {
    const book = new PressBook();
    for (const dtmf of ['', 'w', 'F', '12']) expect(book.told(event(dtmf, 100), 1000)).toBeUndefined();
    expect(book.told({ ...event('1', 100), source: 'APP' }, 1000)).toBeUndefined();
    expect(book.told({ ...event('1', 100), duration: 'x' }, 1000)).toMatchObject({ ms: 0 });
  });
});
