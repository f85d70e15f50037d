/**
 * Tells whether a text that an agent typed holds what may be a card number: 13 to 19 digits in a row (separators
 * ignored) that pass the check digit (ISO/IEC 7812-1 annex B). Such a text is never sent.
 */
export function holdsCardNumber(text: string): boolean {
  const runs = text.normalize('NFKC').match(/\d(?:[ .-]?\d){12,18}(?![ .-]?\d)/g) ?? [];
  return runs.some((run) => passesCheckDigit(run.replace(/\D/g, '')));
}

function passesCheckDigit(digits: string): boolean {
  let sum = 0;
  for (let place = 0; place < digits.length; place += 1) {
    const digit = Number(digits[digits.length - 1 - place]);
    const doubled = digit * 2;
    sum += place % 2 === 0 ? digit : doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}
