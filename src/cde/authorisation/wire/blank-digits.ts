const star = 0x2a;

/** Writes asterisks over every place in `bytes` where the digits stand as they are: a provider's answer may quote the card. */
export function blankDigits(bytes: Buffer, digits: Uint8Array): void {
  if (digits.length === 0) return;
  for (let at = bytes.indexOf(digits); at >= 0; at = bytes.indexOf(digits, at + digits.length)) {
    bytes.fill(star, at, at + digits.length);
  }
}
