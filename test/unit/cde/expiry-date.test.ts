import { describe, expect, it } from 'vitest';
import { expiryHolds } from '../../../src/cde/entry/expiry-date.ts';
import { expiryText, lastFourText } from '../../../src/cde/entry/shown-text.ts';
import { filledBuffer } from '../../support/filled-buffer.ts';

const bytes = (text: string): Uint8Array => Buffer.from(text, 'latin1');
const november = Date.UTC(2026, 10, 24, 8);

describe('an expiry date', () => {
  it.each([
    ['1126', true, 'its own month'],
    ['1026', false, 'the month before'],
    ['0127', true, 'the next year'],
    ['1225', false, 'the last year'],
    ['0030', false, 'month 0'],
    ['1330', false, 'month 13'],
    ['1299', true, 'far ahead'],
    ['113', false, 'three digits'],
  ])('%s holds: %s (%s)', (digits, holds) => expect(expiryHolds(bytes(digits), november)).toBe(holds));

  it('holds until its month has ended everywhere on earth', () => {
    expect(expiryHolds(bytes('1126'), Date.UTC(2026, 11, 1, 11, 59))).toBe(true);
    expect(expiryHolds(bytes('1126'), Date.UTC(2026, 11, 1, 12))).toBe(false);
  });

  it('reads as MM/YY', () => expect(expiryText(filledBuffer('0931'))).toBe('09/31'));
});

it('of a card number only the last four become characters, and only of a whole one', () => {
  expect(lastFourText(filledBuffer('378282246310005'))).toBe('0005');
  expect(() => lastFourText(filledBuffer('37828224'))).toThrow('assertion failed');
});
