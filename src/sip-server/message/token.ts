import { randomFillSync, randomUUID } from 'node:crypto';
import { ownText } from './own-text.ts';

const tokenBytes = 10;
/** Drawn in advance: asking the system for a few bytes each time was a twentieth of a call's cost. */
const store = Buffer.alloc(400 * tokenBytes);
let at = store.length;

/** 80 random bits as text, for tags (RFC 3261 §19.3 asks for 32 at least), branches and ids. */
export function newToken(): string {
  if (at === store.length) {
    randomFillSync(store);
    at = 0;
  }
  at += tokenBytes;
  return store.toString('hex', at - tokenBytes, at);
}

/** In one piece: as Node puts it together it is a chain of two dozen, which takes ten times the memory for as long as it is kept. */
export const newUuid = (): string => ownText(randomUUID());
