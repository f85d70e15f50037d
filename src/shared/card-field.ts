/** What can be taken from the customer's keypad. `keypadTest` takes no card data: it proves the DTMF path. */
export const cardFields = ['pan', 'cvc', 'expiry', 'issueNumber', 'postcode', 'keypadTest'] as const;
export type CardField = (typeof cardFields)[number];
