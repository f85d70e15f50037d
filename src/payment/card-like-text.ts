/** Shortest and longest card number (ISO/IEC 7812-1 §4.1 allows up to 19 digits; no brand has fewer than 12). */
export const panLengthMin = 12;
export const panLengthMax = 19;

const digitGroups = /\d+(?:[\s.\-\u2010-\u2015]+\d+)*/gu;

/**
 * Whether a text holds what may be a card number: 12 to 19 digits that pass the check digit, written in one run or in
 * groups with spaces, dots or dashes between them, also in full width. Other digits may stand before and after the
 * groups, so an expiry typed behind the number hides nothing.
 */
export function looksLikeCardNumber(text: string): boolean {
  const runs = text.normalize('NFKC').match(digitGroups) ?? [];
  return runs.some((run) => groupsHoldCard(run.match(/\d+/g) ?? []));
}

/** Puts `instead` in the place of every stretch of digits and separators that holds what may be a card number. */
export const blankCardNumbers = (text: string, instead: string): string =>
  text.replace(digitGroups, (run) => (groupsHoldCard(run.match(/\d+/g) ?? []) ? instead : run));

function groupsHoldCard(groups: readonly string[]): boolean {
  return groups.some((_, from) => {
    let digits = '';
    for (let to = from; to < groups.length && digits.length < panLengthMax; to += 1) {
      digits += groups[to] ?? '';
      if (digits.length >= panLengthMin && digits.length <= panLengthMax && passesCheckDigit(digits)) return true;
    }
    return false;
  });
}

/** The Luhn formula (ISO/IEC 7812-1 annex B). */
function passesCheckDigit(digits: string): boolean {
  let sum = 0;
  for (let place = 0; place < digits.length; place += 1) {
    const digit = Number(digits[digits.length - 1 - place]);
    const doubled = digit * 2;
    sum += place % 2 === 0 ? digit : doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}
