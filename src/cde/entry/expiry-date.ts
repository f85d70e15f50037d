import type { EntryFacts, FieldRule } from './entry-facts.ts';

const asciiZero = 0x30;
const expiryDigits = 4;

/** A card is good to the end of its month wherever its holder lives; UTC−12 is where a month ends last. */
const latestZoneMs = 12 * 60 * 60 * 1000;

const twoDigits = (digits: Uint8Array, at: number): number =>
  ((digits[at] ?? asciiZero) - asciiZero) * 10 + ((digits[at + 1] ?? asciiZero) - asciiZero);

/** Whether four digits MMYY are a month that has not ended. `now` in milliseconds since 1970; years are of this century. */
export function expiryHolds(digits: Uint8Array, now: number): boolean {
  const month = twoDigits(digits, 0);
  const year = 2000 + twoDigits(digits, 2);
  if (digits.length !== expiryDigits || month < 1 || month > 12) return false;
  const today = new Date(now - latestZoneMs);
  const months = (year - today.getUTCFullYear()) * 12 + (month - 1 - today.getUTCMonth());
  return months >= 0;
}

/** The field `expiry`: four digits MMYY. `now` is asked at each reading. */
export const expiryRule = (now: () => number): FieldRule => ({
  capacity: expiryDigits,
  read: (digits): EntryFacts => ({
    digits: digits.length,
    lengthPossible: digits.length === expiryDigits,
    longerPossible: digits.length < expiryDigits,
    fault: expiryHolds(digits, now()) ? null : 'invalid-date',
    soundsWhole: false,
    countOnly: false,
  }),
});
