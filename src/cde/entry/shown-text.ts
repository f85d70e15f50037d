import { assert } from '../../shared/assert.ts';

/*
 * The only places where captured digits become characters. What becomes a string here is what the outside may see: the
 * last four of a card number where that is configured, and fields that are no secrets.
 */

const shownOfCardNumber = 4;
const longestPlainField = 10;

/** The last four digits of a card number. */
export function lastFourText(cardNumber: Uint8Array): string {
  assert(cardNumber.length > 2 * shownOfCardNumber);
  return String.fromCharCode(...cardNumber.subarray(-shownOfCardNumber));
}

/** An issue number or a postcode. */
export function plainText(digits: Uint8Array): string {
  assert(digits.length <= longestPlainField);
  return String.fromCharCode(...digits);
}

/** Four digits MMYY as everybody writes an expiry date, `MM/YY`. */
export function expiryText(digits: Uint8Array): string {
  assert(digits.length === 4);
  return `${plainText(digits.subarray(0, 2))}/${plainText(digits.subarray(2))}`;
}
