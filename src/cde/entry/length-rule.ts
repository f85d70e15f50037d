import type { EntryFacts, FieldRule } from './entry-facts.ts';

/** Fields of which only the number of digits is judged: `cvc`, `issueNumber`, `postcode`. Both ends included. */
export const lengthRule = (shortest: number, longest: number): FieldRule => ({
  capacity: longest,
  read: (digits): EntryFacts => ({
    digits: digits.length,
    lengthPossible: digits.length >= shortest && digits.length <= longest,
    longerPossible: digits.length < longest,
    fault: null,
    soundsWhole: false,
    countOnly: false,
  }),
});

/** Issue numbers of debit cards have one or two digits. */
export const issueNumberRule: FieldRule = lengthRule(1, 2);

/** From the three digits of Iceland to the nine of a ZIP+4, and one to spare. */
export const postcodeRule: FieldRule = lengthRule(3, 10);

const keypadTestKeys = 32;

/** The field `keypadTest`: any keys, of which only the number is kept. */
export const keypadTestRule: FieldRule = {
  capacity: keypadTestKeys,
  read: (digits): EntryFacts => ({ ...lengthRule(1, keypadTestKeys).read(digits), countOnly: true }),
};
