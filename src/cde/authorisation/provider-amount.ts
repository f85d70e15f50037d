import { minorUnitDigits } from '../../shared/minor-units.ts';

/** Digits behind the point of a currency as one provider counts them, where it does not follow ISO 4217. */
export type OwnDigits = Readonly<Record<string, number>>;

/**
 * An amount of ISO 4217 minor units in the units of a provider.
 * @returns undefined when it cannot be said exactly: a payment is never rounded.
 */
export function providerAmount(amount: number, currency: string, own: OwnDigits): number | undefined {
  const shift = (own[currency] ?? minorUnitDigits(currency)) - minorUnitDigits(currency);
  const scaled = shift >= 0 ? amount * 10 ** shift : amount / 10 ** -shift;
  return Number.isSafeInteger(scaled) ? scaled : undefined;
}
