declare const brand: unique symbol;

/**
 * A key as its event code (RFC 4733 §3.2): 0–9 digits, 10 `*`, 11 `#`, 12–15 A–D. A number on its way to a
 * `DigitBuffer`, never a character: characters become strings, and strings cannot be wiped.
 */
export type KeyCode = number & { readonly [brand]: 'key' };

export const starKey = 10 as KeyCode;
export const poundKey = 11 as KeyCode;

/** @returns the code when it names a key of the keypad, else undefined (RFC 4733 §3.2 has other events too: flash is 16). */
export const asKeyCode = (code: number): KeyCode | undefined =>
  Number.isInteger(code) && code >= 0 && code <= 15 ? (code as KeyCode) : undefined;

export const isDigit = (key: KeyCode): boolean => key <= 9;

/** Turns a configured key such as `*` into its code. For configuration only: nothing keyed is ever a character. */
export function configuredKey(character: string): KeyCode | undefined {
  const at = '0123456789*#ABCD'.indexOf(character);
  return character.length === 1 && at >= 0 ? (at as KeyCode) : undefined;
}
