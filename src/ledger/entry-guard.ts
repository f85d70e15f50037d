import { looksLikeCardNumber } from '../payment/card-like-text.ts';
import { assert } from '../shared/assert.ts';

/**
 * Members whose values are identifiers by their nature: hashes, UUIDs, addresses, agents' numbers, and references that a
 * provider made (the walled room has compared those with the card). One in ten long numbers passes the check digit, and
 * an outcome must not be lost for that.
 */
const identifiers: ReadonlySet<string> = new Set([
  'attempt',
  'session',
  'call',
  'agent',
  'who',
  'origin',
  'reference',
  'id',
  'callId',
  'sessionId',
  'notice',
  'refund',
  'payment',
]);

export const isIdentifier = (name: string): boolean => identifiers.has(name);

/**
 * Stands before the one place of writing: whatever went wrong elsewhere, no text that may be a card number gets past it.
 * @throws {AssertionFailure} the value is not in the message.
 */
export function guardEntry(value: unknown, name = ''): void {
  if (typeof value === 'string' && isIdentifier(name)) return;
  if (typeof value === 'string') return assert(!looksLikeCardNumber(value));
  // Digits behind the point are a measurement's, not a card's.
  if (typeof value === 'number') return assert(!looksLikeCardNumber(String(Math.trunc(value))));
  if (typeof value !== 'object' || value === null) return;
  for (const [member, inner] of Object.entries(value)) guardEntry(inner, member);
}
