import { ownText } from './own-text.ts';

/** Texts that are remembered of each kind, which is some dozen calls' worth; then all are forgotten. */
const rememberedMax = 512;
/** Longer ones are rare. */
const longestText = 256;

/**
 * Reads a text once and gives the same value for it again: every layer reads the same few headers of a message, and those of
 * one dialog are the same in all its messages. For values that nobody changes.
 */
export function remembered<T extends object>(read: (text: string) => T | undefined): (text: string) => T | undefined {
  const known = new Map<string, T>();
  return (text) => {
    const before = known.get(text);
    if (before !== undefined) return before;
    if (text.length > longestText) return read(text);
    // The text is a piece of its message, and so are the pieces of it: as long as it is remembered all of that would be kept.
    const own = ownText(text);
    const value = read(own);
    if (value === undefined) return undefined;
    if (known.size === rememberedMax) known.clear();
    known.set(own, value);
    return value;
  };
}
