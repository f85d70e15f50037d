/** Reads `2s` and `1500ms`; undefined for anything else. */
export function durationMs(text: string): number | undefined {
  const found = /^(\d{1,6})(ms|s)$/.exec(text.trim());
  return found === null ? undefined : Number(found[1]) * (found[2] === 's' ? 1_000 : 1);
}
