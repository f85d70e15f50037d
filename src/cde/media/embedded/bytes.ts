/*
 * Loops: of a packet's few bytes Node's own methods make more work than the bytes are, and leave an object behind.
 */

/** Overwrites bytes `from` to `to` with zeros. */
export function wipeBytes(bytes: Uint8Array, from: number, to: number): void {
  for (let at = from; at < to; at += 1) bytes[at] = 0;
}

/** Copies bytes `from` to `to` of `source` to `at` of `target`, as far as there is room. */
export function copyBytes(source: Uint8Array, from: number, to: number, target: Uint8Array, at: number): void {
  for (let n = 0; n < to - from; n += 1) target[at + n] = source[from + n] as number;
}
