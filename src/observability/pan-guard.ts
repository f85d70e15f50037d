import { blankCardNumbers } from '../payment/card-like-text.ts';

/** What stands where digits looked like a card number. */
export const withheld = '[withheld]';

/**
 * The last guard of the log: blanks what payments take for a card number in any other text. Nothing that could trip it is
 * ever meant to be logged; this is for the day when something is.
 */
export const guardLine = (line: string): string => blankCardNumbers(line, withheld);
