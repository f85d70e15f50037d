/**
 * Reads a card's date as agents type it: `0428`, `4/28`, `04 / 2028`, `04-28`, full-width digits too.
 * @returns `MM/YY`, or undefined when it is no month of a year.
 */
export function parseMonthYear(text: string): string | undefined {
  const match = /^(\d{1,2})[/.\-\s]*(?:20)?(\d{2})$/.exec(text.normalize('NFKC').trim());
  if (match === null) return undefined;
  const month = Number(match[1]);
  return month >= 1 && month <= 12 ? `${String(month).padStart(2, '0')}/${match[2]}` : undefined;
}
