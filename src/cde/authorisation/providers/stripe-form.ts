import type { CardRequest } from '../payment-provider.ts';
import type { FormFields } from '../wire/form-pieces.ts';

const text = (value: string | number | undefined): string => (value === undefined ? '' : String(value));

/** `MM/YY` as Stripe wants it: the month without a zero, the year in full; of this century, as cards are. */
function expiryFields(expiry: string): FormFields {
  const [month, year] = expiry.split('/');
  return [
    ['card[exp_month]', Number(month)],
    ['card[exp_year]', 2000 + Number(year)],
  ];
}

const unlessEmpty = (name: string, value: string): FormFields => (value === '' ? [] : [[name, value]]);

/** POST /v1/payment_methods: the card alone. Charges nothing. */
export function paymentMethodForm({ pan, cvc, order: { details } }: CardRequest): FormFields {
  return [
    ['type', 'card'],
    ['card[number]', pan],
    ...expiryFields(text(details['expiry'])),
    ...(cvc === null ? [] : ([['card[cvc]', cvc]] as const)),
    ...unlessEmpty('billing_details[name]', text(details['cardholder'])),
    ...unlessEmpty('billing_details[address][postal_code]', text(details['postcode'])),
  ];
}

/** Keyed on the telephone: mail/telephone order, for which nobody can be asked to authenticate. */
const byTelephone: FormFields = [
  ['allowed_payment_method_types[0]', 'card'],
  ['payment_method_options[card][moto]', true],
];

/** POST /v1/payment_intents, confirmed at once. `amount` in Stripe's units. */
export function paymentIntentForm({ attempt, order }: CardRequest, method: string, amount: number): FormFields {
  return [
    ['amount', amount],
    ['currency', order.currency.toLowerCase()],
    ['payment_method', method],
    ...byTelephone,
    ['capture_method', order.type === 'authorise' ? 'manual' : 'automatic'],
    ['confirm', true],
    ['error_on_requires_action', true],
    ['metadata[tonelock_attempt]', attempt],
    ...unlessEmpty('description', text(order.details['reference'])),
  ];
}

/** POST /v1/setup_intents, confirmed at once: makes the payment method one that can be charged later. */
export const setupIntentForm = ({ attempt }: CardRequest, method: string, customer: string): FormFields => [
  ['payment_method', method],
  ['customer', customer],
  ...byTelephone,
  ['usage', 'off_session'],
  ['confirm', true],
  ['metadata[tonelock_attempt]', attempt],
];
