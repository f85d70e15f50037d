import { assert } from '../../shared/assert.ts';
import type { DigitBuffer } from './digit-buffer.ts';

/*
 * The only places where captured digits become characters. What becomes a string here is what the outside may see: the
 * last four of a card number where that is configured, and fields that are no secrets.
 */

const shownOfCardNumber = 4;
const longestPlainField = 10;

/** The last four digits of a card number. */
export function lastFourText(cardNumber: DigitBuffer): string {
  assert(cardNumber.length > 2 * shownOfCardNumber);
  return String.fromCharCode(...cardNumber.expose().subarray(-shownOfCardNumber));
}

/** An issue number or a postcode. */
export function plainText(digits: DigitBuffer): string {
  assert(digits.length <= longestPlainField);
  return String.fromCharCode(...digits.expose());
}

/** Four digits MMYY as everybody writes an expiry date, `MM/YY`. */
export function expiryText(digits: DigitBuffer): string {
  assert(digits.length === 4);
  const text = plainText(digits);
  return `${text.slice(0, 2)}/${text.slice(2)}`;
}
