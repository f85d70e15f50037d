import creditCardType from 'credit-card-type';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { brandRule } from '../../../src/cde/entry/brand-table.ts';
import { cardNumberRule } from '../../../src/cde/entry/card-number.ts';
import { luhnHolds } from '../../../src/cde/entry/luhn.ts';
import { type CardBrand, cardBrands } from '../../../src/shared/card-brand.ts';

// The brands that the table leaves out: their cards run on networks that it has.
// Test files share a process, so another one may have done it already.
for (const name of ['troy', 'naranja'])
  if (creditCardType('').some(({ type }) => type === name)) creditCardType.removeCard(name);

const bytes = (text: string): Uint8Array => Buffer.from(text, 'latin1');
const digit = fc.integer({ min: 0, max: 9 });
const numberOf = (length: number) =>
  fc.array(digit, { minLength: length, maxLength: length }).map((all) => all.join(''));

/** Test cards that networks and providers publish, one of every length in use. */
const testCards: readonly [string, CardBrand][] = [
  ['4111111111111111', 'visa'],
  ['4000000000000000006', 'visa'],
  ['5555555555554444', 'mastercard'],
  ['2223003122003222', 'mastercard'],
  ['378282246310005', 'amex'],
  ['30569309025904', 'diners'],
  ['6011111111111117', 'discover'],
  ['3530111333300000', 'jcb'],
  ['6205500000000000004', 'unionpay'],
  ['6304000000000000', 'maestro'],
  ['6759649826438453', 'maestro'],
];

describe('the brand of a card number', () => {
  it.each(testCards)('%s is %s, whole and right', (number, brand) => {
    expect(brandRule(bytes(number))?.brand).toBe(brand);
    expect(luhnHolds(bytes(number))).toBe(true);
    const facts = cardNumberRule([brand]).read(bytes(number));
    expect(facts).toMatchObject({ digits: number.length, lengthPossible: true, fault: null, soundsWhole: true });
  });

  it('is the one that the library names when it is given the digits as a string', () => {
    const ours: Partial<Record<string, string>> = { 'american-express': 'amex', 'diners-club': 'diners' };
    const prefixes = creditCardType('').flatMap(({ patterns }) => patterns.flat());
    const nearPrefix = fc
      .tuple(fc.constantFrom(...prefixes), fc.integer({ min: -1, max: 1 }), numberOf(12))
      .map(([prefix, step, rest]) => `${Math.max(0, prefix + step)}${rest}`.slice(0, 12));
    fc.assert(
      fc.property(fc.oneof(numberOf(12), nearPrefix), (number) => {
        const [found] = creditCardType(number.slice(0, 8));
        const expected = found === undefined ? undefined : (ours[found.type] ?? found.type);
        expect(brandRule(bytes(number))?.brand).toBe(expected);
      }),
      { numRuns: 3_000 },
    );
  });

  it('is certain at eight digits, and not asked for before', () => {
    expect(brandRule(bytes('4111111'))).toBeUndefined();
    expect(brandRule(bytes('41111111'))?.brand).toBe('visa');
  });

  it('has a rule for every brand of the vocabulary', () => {
    const samples = ['40000000', '51000000', '34000000', '35280000', '36000000', '60110000', '62000000', '50000000'];
    const more = ['40117800', '22000000', '63709500', '60628200', '50609900'];
    const found = [...samples, ...more].map((start) => brandRule(bytes(start))?.brand);
    expect(new Set(found)).toEqual(new Set(cardBrands));
  });
});

describe('the check digit', () => {
  it('is right for exactly one last digit of ten', () => {
    fc.assert(
      fc.property(fc.integer({ min: 11, max: 18 }).chain(numberOf), (start) => {
        const right = Array.from({ length: 10 }, (_, last) => luhnHolds(bytes(`${start}${last}`))).filter(Boolean);
        expect(right).toHaveLength(1);
      }),
    );
  });

  it('finds every single wrong digit', () => {
    fc.assert(
      fc.property(fc.constantFrom(...testCards), fc.nat(18), fc.integer({ min: 1, max: 9 }), ([number], at, step) => {
        const changed = bytes(number);
        const place = at % number.length;
        changed[place] = 0x30 + (((changed[place] ?? 0) - 0x30 + step) % 10);
        expect(luhnHolds(changed)).toBe(false);
      }),
    );
  });
});

describe('what is wrong with a card number', () => {
  const accepted: CardBrand[] = ['visa', 'unionpay'];
  const faultOf = (number: string) => cardNumberRule(accepted).read(bytes(number)).fault;

  it.each([
    ['a wrong check digit', '4111111111111112', 'check-digit'],
    ['a brand that is not taken', '5555555555554444', 'brand-not-accepted'],
    ['a wrong check digit of a brand that is not taken', '5555555555554445', 'check-digit'],
    ['no brand at all', '9999999999999995', 'brand-not-accepted'],
    ['no brand at all and a wrong check digit', '9999999999999994', 'brand-not-accepted'],
    ['nothing, since UnionPay does not promise check digits', '6205500000000000005', null],
  ])('%s', (_, number, fault) => expect(faultOf(number)).toBe(fault));

  it('a number of no brand may have any length from 12 to 19', () => {
    const lengths = Array.from({ length: 19 }, (_, at) => at + 1).filter(
      (length) => cardNumberRule(accepted).read(bytes('9'.repeat(length))).lengthPossible,
    );
    expect(lengths).toEqual([12, 13, 14, 15, 16, 17, 18, 19]);
  });
});
