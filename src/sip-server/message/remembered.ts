/** Texts that are remembered of each kind, which is some dozen calls' worth; then all are forgotten. */
const rememberedMax = 512;
/** Longer ones are rare, and would keep as much of their messages in memory. */
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
    const value = read(text);
    if (value === undefined || text.length > longestText) return value;
    if (known.size === rememberedMax) known.clear();
    known.set(text, value);
    return value;
  };
}
