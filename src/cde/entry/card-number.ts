import type { CardBrand } from '../../shared/card-brand.ts';
import { type BrandRule, brandDigits, brandRule } from './brand-table.ts';
import type { DigitBuffer } from './digit-buffer.ts';
import type { EntryFacts, FieldRule } from './entry-facts.ts';
import { luhnHolds } from './luhn.ts';

/** ISO/IEC 7812-1 §4.1: a PAN has at most 19 digits; the shortest in use (Maestro) have 12. */
const shortest = 12;
export const longestCardNumber = 19;

const anyLength = Array.from({ length: longestCardNumber - shortest + 1 }, (_, at) => shortest + at);

/** The field `pan` for the brands that are taken. */
export const cardNumberRule = (accepted: readonly CardBrand[]): FieldRule => ({
  capacity: longestCardNumber,
  read: (digits) => readCardNumber(digits, accepted),
});

/** The rules of a captured card number's brand; undefined for a brand of nobody's. */
export const brandOfCard = (pan: DigitBuffer): BrandRule | undefined => brandRule(pan.expose());

function readCardNumber(digits: Uint8Array, accepted: readonly CardBrand[]): EntryFacts {
  const rule = brandRule(digits);
  // Before the brand is certain the number is shorter than any card's.
  const lengths = digits.length < brandDigits ? anyLength : (rule?.lengths ?? anyLength);
  const checkDigitRight = luhnHolds(digits);
  return {
    digits: digits.length,
    lengthPossible: lengths.includes(digits.length),
    longerPossible: digits.length < Math.max(...lengths),
    fault: faultOf(rule, checkDigitRight, accepted),
    soundsWhole: checkDigitRight,
    countOnly: false,
  };
}

/**
 * A brand that is not taken is told only at the number's end: told at the eighth digit, the lock would go while the
 * customer keys the rest. A wrong check digit is told first, since the slip may have changed the brand; but of a number
 * of no known brand nobody can say that it has a check digit.
 */
function faultOf(rule: BrandRule | undefined, checkDigitRight: boolean, accepted: readonly CardBrand[]) {
  if (rule === undefined) return 'brand-not-accepted';
  if (rule.checkDigitBinds && !checkDigitRight) return 'check-digit';
  return accepted.includes(rule.brand) ? null : 'brand-not-accepted';
}
