/** V8 copies what is shorter than this, whether it was cut out or put together. */
const shortest = 13;
/** Longer text than what stands in any header is rare enough to cost a buffer of its own. */
const scratch = Buffer.alloc(4096);

/**
 * The same text in memory of its own. A value that was cut out of a message keeps all of the message alive, and one that was
 * put together keeps its parts: what outlives its message should do neither.
 */
export function ownText(text: string): string {
  if (text.length < shortest) return text;
  if (text.length > scratch.length) return Buffer.from(text, 'latin1').toString('latin1');
  return scratch.toString('latin1', 0, scratch.write(text, 'latin1'));
}
