/** What stands where a run of digits looked like a card number. */
export const withheld = '[withheld]';

const digitRun = /\d(?:[ -]?\d){11,18}/g;

/**
 * The last guard of the log: blanks every run of 12 to 19 digits (single blanks and dashes between them do not hide it)
 * that passes the Luhn check. Nothing that could trip it is ever meant to be logged; this is for the day when something is.
 */
export const guardLine = (line: string): string => line.replace(digitRun, (run) => (passesLuhn(run) ? withheld : run));

/** ISO/IEC 7812-1 annex B. */
function passesLuhn(run: string): boolean {
  let sum = 0;
  let double = false;
  for (let at = run.length - 1; at >= 0; at -= 1) {
    const digit = run.charCodeAt(at) - 48;
    if (digit < 0 || digit > 9) continue;
    sum += double ? (digit > 4 ? digit * 2 - 9 : digit * 2) : digit;
    double = !double;
  }
  return sum % 10 === 0;
}
