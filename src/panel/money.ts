import { minorUnitDigits } from '../shared/minor-units.ts';

/** @returns for example `€12.50` for 1250 in EUR; `minor` is an integer of minor units. */
export function formatMoney(minor: number, currency: string, language: string): string {
  const digits = minorUnitDigits(currency);
  const places = { minimumFractionDigits: digits, maximumFractionDigits: digits };
  return new Intl.NumberFormat(language, { style: 'currency', currency, ...places }).format(minor / 10 ** digits);
}

/** @returns the amount as an agent would type it: `12.50`, without currency or grouping. */
export function majorText(minor: number, currency: string): string {
  const digits = minorUnitDigits(currency);
  return (minor / 10 ** digits).toFixed(digits);
}

/**
 * Twelve digits of major units: more than any payment, and far from the end of the safe integers. A comma may only part
 * thousands: whoever types `12,50` for twelve and a half must not be charged twelve hundred and fifty.
 */
const amountPattern = /^(\d{1,12}|\d{1,3}(?:[,' ]\d{3}){1,3})(?:\.(\d+))?$/;

/**
 * Reads what an agent typed: full-width digits, spaces and thousands separators are taken, more decimals than the
 * currency has are not.
 * @returns minor units, or undefined when the text is no amount above zero.
 */
export function parseMoney(text: string, currency: string): number | undefined {
  const plain = text
    .normalize('NFKC')
    .replace(/[¥$€£]/g, '')
    .replaceAll('’', "'")
    .trim();
  const match = amountPattern.exec(plain);
  if (match === null) return undefined;
  const digits = minorUnitDigits(currency);
  const fraction = match[2] ?? '';
  if (fraction.length > digits) return undefined;
  const minor = Number(`${match[1]?.replace(/\D/g, '')}${fraction.padEnd(digits, '0')}`);
  return minor > 0 ? minor : undefined;
}
