import { describe, expect, it } from 'vitest';
import { minorUnitDigits } from '../../../src/shared/minor-units.ts';

describe('digits behind the point (ISO 4217 list one)', () => {
  it.each([
    ['JPY', 0],
    ['KRW', 0],
    ['UYI', 0],
    ['EUR', 2],
    ['MGA', 2],
    ['KWD', 3],
    ['TND', 3],
    ['CLF', 4],
    ['XXQ', 2],
  ])('of %s are %i', (currency, digits) => expect(minorUnitDigits(currency)).toBe(digits));

  it('are those of the standard also where nobody uses the coins: HUF, IDR, COP, IQD', () => {
    expect(['HUF', 'IDR', 'COP', 'IQD'].map(minorUnitDigits)).toEqual([2, 2, 2, 3]);
  });

  it('are never fewer than the runtime knows of', () => {
    const fewer = Intl.supportedValuesOf('currency').filter((currency) => {
      const format = new Intl.NumberFormat('en', { style: 'currency', currency });
      return minorUnitDigits(currency) < (format.resolvedOptions().maximumFractionDigits ?? 0);
    });
    expect(fewer).toEqual([]);
  });
});
