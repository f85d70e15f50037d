/*
 * ISO 4217 list one, the currencies whose minor unit is not a hundredth. The runtime's own table is no help: it is CLDR's,
 * which says 0 for HUF, IDR, COP and others because nobody uses their coins, and a payment of 12.50 would become 1,250.
 */
const whole = 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF';
const thousandths = 'BHD IQD JOD KWD LYD OMR TND';
const tenThousandths = 'CLF UYW';

const exceptions = new Map<string, number>([
  ...whole.split(' ').map((code) => [code, 0] as const),
  ...thousandths.split(' ').map((code) => [code, 3] as const),
  ...tenThousandths.split(' ').map((code) => [code, 4] as const),
]);

/** @returns how many digits stand behind the point in a currency (ISO 4217): 2 for EUR, 0 for JPY, 3 for KWD. */
export const minorUnitDigits = (currency: string): number => exceptions.get(currency) ?? 2;
