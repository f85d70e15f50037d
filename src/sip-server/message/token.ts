import { randomFillSync } from 'node:crypto';

const tokenBytes = 10;
const uuidBytes = 16;
/** Drawn in advance: asking the system for a few bytes each time was a twentieth of a call's cost. */
const store = Buffer.alloc(4_000);
let at = store.length;

/** Where in the store that many bytes stand that nobody has had. */
function draw(count: number): number {
  if (at + count > store.length) {
    randomFillSync(store);
    at = 0;
  }
  at += count;
  return at - count;
}

/** 80 random bits as text, for tags (RFC 3261 §19.3 asks for 32 at least), branches and ids. */
export function newToken(): string {
  const from = draw(tokenBytes);
  return store.toString('hex', from, from + tokenBytes);
}

const digits = Buffer.from('0123456789abcdef', 'latin1');
const written = Buffer.from('00000000-0000-0000-0000-000000000000', 'latin1');
/** Where the two digits of each byte stand. */
const places = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34] as const;

/** A random UUID (RFC 9562 §5.4). In one piece: Node's is a chain of two dozen, which takes ten times the memory for as long as it is kept. */
export function newUuid(): string {
  const from = draw(uuidBytes);
  store[from + 6] = 0x40 | ((store[from + 6] as number) & 0x0f);
  store[from + 8] = 0x80 | ((store[from + 8] as number) & 0x3f);
  for (let index = 0; index < uuidBytes; index += 1) {
    const byte = store[from + index] as number;
    const place = places[index] as number;
    written[place] = digits[byte >>> 4] as number;
    written[place + 1] = digits[byte & 0x0f] as number;
  }
  return written.toString('latin1');
}
