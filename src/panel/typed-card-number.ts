/** Shortest and longest card number (ISO/IEC 7812-1 §4.1; no brand has fewer than 12 digits). */
const lengthMin = 12;
const lengthMax = 19;

const digitGroups = /\d+(?:[\s.\-\u2010-\u2015]+\d+)*/gu;

/**
 * Whether a text that an agent typed holds what may be a card number: groups of digits, together 12 to 19, that pass the check
 * digit, whatever digits stand beside them. Such a text is never sent. It judges as the server does, so that what the server
 * would refuse does not even leave the browser; a test holds the two against each other, since no code crosses the wall.
 */
export function holdsCardNumber(text: string): boolean {
  const runs = text.normalize('NFKC').match(digitGroups) ?? [];
  return runs.some((run) => {
    const groups = run.match(/\d+/g) ?? [];
    return groups.some((_, from) => beginsCardNumber(groups.slice(from)));
  });
}

function beginsCardNumber(groups: readonly string[]): boolean {
  let digits = '';
  return groups.some((group) => {
    digits += group;
    return digits.length >= lengthMin && digits.length <= lengthMax && passesCheckDigit(digits);
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
