import { describe, expect, test } from 'vitest';
import { PressBook } from '../../../src/cde/media/freeswitch/press-book.ts';

const event = (dtmf: string, ms: number) => ({ dtmf, duration: String(ms * 8), source: 'RTP' });

describe('what FreeSWITCH tells of keys', () => {
  test('is put back to where the press began', () => {
    expect(new PressBook().told(event('7', 200), 1000)).toEqual({ key: 7, source: 'event', at: 780, ms: 200 });
    expect(new PressBook().told({ dtmf: '#', duration: '2000', source: 'INBAND_AUDIO' }, 1000)).toMatchObject({
      key: 11,
      source: 'tone',
      at: 955,
    });
  });

  test('is one press where each of its end packets has a timestamp of its own', () => {
    const book = new PressBook();
    expect(book.told(event('2', 80), 1000)).toBeDefined();
    expect(book.told(event('2', 80), 1020)).toBeUndefined();
    expect(book.told(event('2', 80), 1040)).toBeUndefined();
  });

  test('is two presses of the same key where the second began after the first had ended', () => {
    const book = new PressBook();
    expect(book.told(event('4', 50), 1000)).toBeDefined();
    // 40 ms down after 40 ms up, and FreeSWITCH counts 50 ms at least.
    expect(book.told(event('4', 50), 1080)).toBeDefined();
  });

  test('is two presses where the keys differ, however close they are', () => {
    const book = new PressBook();
    expect(book.told(event('4', 80), 1000)).toBeDefined();
    expect(book.told(event('5', 80), 1010)).toBeDefined();
  });

  test('is nothing where it is no key, or comes from nowhere', () => {
    const book = new PressBook();
    for (const dtmf of ['', 'w', 'F', '12', undefined] as const)
      expect(
        book.told({ ...(dtmf === undefined ? {} : { dtmf }), duration: '800', source: 'RTP' }, 1000),
      ).toBeUndefined();
    expect(book.told({ dtmf: '1', duration: '800', source: 'APP' }, 1000)).toBeUndefined();
    expect(book.told({ dtmf: '1', duration: 'x', source: 'RTP' }, 1000)).toMatchObject({ ms: 0 });
  });
});
