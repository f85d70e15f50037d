/** Card brands by the names that configuration, events and history use. */
export const cardBrands = [
  'visa',
  'mastercard',
  'amex',
  'jcb',
  'diners',
  'discover',
  'unionpay',
  'maestro',
  'elo',
  'mir',
  'hiper',
  'hipercard',
  'verve',
] as const;
export type CardBrand = (typeof cardBrands)[number];
