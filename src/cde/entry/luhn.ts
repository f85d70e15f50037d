const asciiZero = 0x30;

/**
 * The check digit of ISO/IEC 7812-1 annex B: from the right, every second digit doubled, the digits of all that summed,
 * and the sum a multiple of ten. Over ASCII bytes; no digit leaves this function.
 */
export function luhnHolds(digits: Uint8Array): boolean {
  let sum = 0;
  let doubled = false;
  for (let at = digits.length - 1; at >= 0; at -= 1) {
    const digit = (digits[at] ?? asciiZero) - asciiZero;
    const counted = doubled ? digit * 2 : digit;
    sum += counted > 9 ? counted - 9 : counted;
    doubled = !doubled;
  }
  return digits.length > 0 && sum % 10 === 0;
}
