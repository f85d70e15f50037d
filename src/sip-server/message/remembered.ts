import { ownText } from './own-text.ts';

/** Places of each kind of text, a power of two; a text that comes into the place of another drives it out. */
const places = 128;
/** Longer ones are rare. */
const longestText = 256;

/**
 * Reads a text once and gives the same value for it again: every layer reads the same few headers of a message, and those of
 * one dialog are the same in all its messages. For values that nobody changes.
 */
export function remembered<T extends object>(read: (text: string) => T | undefined): (text: string) => T | undefined {
  const texts = new Array<string>(places).fill('');
  const values = new Array<T | undefined>(places).fill(undefined);
  return (text) => {
    const place = placeOf(text);
    if (texts[place] === text) {
      const before = values[place];
      if (before !== undefined) return before;
    }
    if (text.length > longestText) return read(text);
    // The text is a piece of its message, and so are the pieces of it: as long as it is remembered all of that would be kept.
    const own = ownText(text);
    const value = read(own);
    if (value === undefined) return undefined;
    texts[place] = own;
    values[place] = value;
    return value;
  };
}

/** By the last few characters and every fourth of the others: texts of one kind differ there, and to read all costs more than it spares. */
function placeOf(text: string): number {
  const last = text.length - 8;
  let mixed = text.length;
  for (let at = text.length - 1; at >= 0; at -= at > last ? 1 : 4) mixed = Math.imul(mixed, 31) + text.charCodeAt(at);
  return (mixed ^ (mixed >>> 8)) & (places - 1);
}
