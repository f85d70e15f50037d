/** @returns one asterisk a digit (P-43): the only picture of a field's digits that exists outside the walled room. */
export const mask = (digits: number): string => '*'.repeat(digits);
