/*
 * Where pieces of a header value end. Text has one character a byte; white space is what `\s` is, as far as it is one byte.
 */

/** The characters at which a piece ends. */
export type Stops = Uint8Array;

export function stopsAt(characters: string): Stops {
  const stops = new Uint8Array(256);
  for (const character of characters) stops[character.charCodeAt(0)] = 1;
  return stops;
}

export const spaces = ' \t\n\v\f\r\xa0';
const space = stopsAt(spaces);

/** The first place, from `at` on, where one of these characters stands, or the end of the text. */
export function endOfPiece(text: string, at: number, stops: Stops): number {
  let end = at;
  while (end < text.length && stops[text.charCodeAt(end)] !== 1) end += 1;
  return end;
}

export function skipSpaces(text: string, at: number): number {
  let end = at;
  while (end < text.length && space[text.charCodeAt(end)] === 1) end += 1;
  return end;
}

/** Behind the quoted string that begins at `at` (RFC 3261 §25.1); `at` if it has no end. */
export function endOfQuoted(text: string, at: number): number {
  for (let end = at + 1; end < text.length; end += 1) {
    const code = text.charCodeAt(end);
    if (code === 0x22) return end + 1;
    if (code === 0x5c) end += 1;
  }
  return at;
}
