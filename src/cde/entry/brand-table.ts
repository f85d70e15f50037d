import creditCardType from 'credit-card-type';
import type { CardBrand } from '../../shared/card-brand.ts';

const asciiZero = 0x30;

/** A range of leading digits, both ends included; `width` is how many digits both ends have. */
interface Prefix {
  readonly low: number;
  readonly high: number;
  readonly width: number;
}

export interface BrandRule {
  readonly brand: CardBrand;
  /** Numbers of digits that a card of the brand may have. */
  readonly lengths: readonly number[];
  readonly codeLength: number;
  /** Whether every card of the brand ends in a right check digit, so that a wrong one proves a slip of the finger. */
  readonly checkDigitBinds: boolean;
  /** Some cards of the brand bear no security code, so its absence is no fault. */
  readonly codeOptional: boolean;
  readonly prefixes: readonly Prefix[];
}

/** The longest prefix of the table, so this many digits name the brand for certain. */
export const brandDigits = 8;

/** The library's names where ours differ. Its `troy` and `naranja` are left out: their cards run on networks that stand here. */
const libraryNames: readonly (readonly [CardBrand, string])[] = [
  ['visa', 'visa'],
  ['mastercard', 'mastercard'],
  ['amex', 'american-express'],
  ['diners', 'diners-club'],
  ['discover', 'discover'],
  ['jcb', 'jcb'],
  ['unionpay', 'unionpay'],
  ['verve', 'verve'],
  ['maestro', 'maestro'],
  ['elo', 'elo'],
  ['mir', 'mir'],
  ['hiper', 'hiper'],
  ['hipercard', 'hipercard'],
];

function asPrefix(pattern: number | number[]): Prefix {
  const [low, high] = Array.isArray(pattern) ? pattern : [pattern, pattern];
  return { low: low ?? 0, high: high ?? low ?? 0, width: String(low).length };
}

/**
 * The library's table, without the library's function: that wants the number as a string. Its order is kept, since the
 * first of two equally long prefixes wins.
 */
const table: readonly BrandRule[] = libraryNames.map(([brand, name]) => {
  const card = creditCardType.getTypeInfo(name);
  return {
    brand,
    lengths: card.lengths,
    codeLength: card.code.size,
    checkDigitBinds: brand !== 'unionpay',
    codeOptional: brand === 'maestro',
    prefixes: card.patterns.map(asPrefix),
  };
});

function leading(digits: Uint8Array, width: number): number {
  let number = 0;
  for (let at = 0; at < width; at += 1) number = number * 10 + ((digits[at] ?? asciiZero) - asciiZero);
  return number;
}

/** Width of the first prefix of the brand that fits, 0 for none. */
function matchedWidth(rule: BrandRule, digits: Uint8Array): number {
  for (const { low, high, width } of rule.prefixes) {
    const number = leading(digits, width);
    if (number >= low && number <= high) return width;
  }
  return 0;
}

/**
 * The brand by the first {@link brandDigits} digits: the most specific prefix wins.
 * @returns undefined when no brand of the table has such a number, or there are too few digits to say. No brand has a
 * number shorter than 12, so nobody needs to know earlier.
 */
export function brandRule(digits: Uint8Array): BrandRule | undefined {
  if (digits.length < brandDigits) return undefined;
  let best: BrandRule | undefined;
  let bestWidth = 0;
  for (const rule of table) {
    const width = matchedWidth(rule, digits);
    if (width > bestWidth) {
      best = rule;
      bestWidth = width;
    }
  }
  return best;
}
