import { createHash } from 'node:crypto';
import type { AttemptId } from '../../../shared/ids.ts';

/** Consonants only: nothing that looks like a card number, and no words. */
const letters = 'BCDFGHJKLMNPQRSTVWXZ';
const length = 12;

/** A reference as a provider would give it: `SIM-` (a payment), `TOK-` (a token) or `REF-` (a refund) and letters. The same attempt has the same. */
export function simulatedReference(kind: 'SIM' | 'TOK' | 'REF', attempt: AttemptId): string {
  const hash = createHash('sha256').update(kind).update(attempt).digest();
  const text = Array.from(hash.subarray(0, length), (byte) => letters[byte % letters.length]).join('');
  return `${kind}-${text}`;
}
