import { randomUUID } from 'node:crypto';

/**
 * 80 random bits as text, for tags (RFC 3261 §19.3 asks for 32 at least) and branches. From the runtime's UUIDs, since those
 * are drawn from a store of random bytes; asking the system for a few bytes each time was a twentieth of a call's cost.
 */
export function newToken(): string {
  const uuid = randomUUID();
  return uuid.slice(0, 8) + uuid.slice(24);
}
