import { expect, it } from 'vitest';
import { formatMoney, majorText, parseMoney } from '../../../src/panel/money.ts';

it.each([
  ['HUF', '12.50', 1250],
  ['JPY', '1250', 1250],
  ['KWD', '1.250', 1250],
  ['IDR', '12.50', 1250],
])(
  'an amount in %s is read, shown and written with the digits of ISO 4217, whatever the browser thinks',
  (currency, text, minor) => {
    expect(parseMoney(text, currency)).toBe(minor);
    expect(majorText(minor, currency)).toBe(text);
    expect(formatMoney(minor, currency, 'en').replace(/[^\d.]/g, '')).toBe(text);
  },
);
