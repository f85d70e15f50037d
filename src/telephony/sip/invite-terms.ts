import type { SipHeaders } from '../sip-port.ts';

/** Headers that go on to the other leg beside X-…: identity (RFC 3325, RFC 3323), history and user data (RFC 7433). */
const handedOnNames = new Set(['p-asserted-identity', 'privacy', 'diversion', 'history-info', 'user-to-user']);
/** Names that only we may write. */
const ownPrefix = 'x-tonelock-';

export function isHandedOn(name: string): boolean {
  const lower = name.toLowerCase();
  return handedOnNames.has(lower) || (lower.startsWith('x-') && !lower.startsWith(ownPrefix));
}

/** What a caller says of reliable provisional answers (RFC 3262 §3) in Require and Supported. */
export type Reliability = 'no' | 'possible' | 'wanted';

export const reliabilityOf = (required: string, supported: string): Reliability =>
  /\b100rel\b/i.test(required) ? 'wanted' : /\b100rel\b/i.test(supported) ? 'possible' : 'no';

/**
 * Headers of a provisional answer. Reliably where the caller insists, and early media wherever the caller can: it is an answer,
 * and a lost one leaves the caller without sound.
 */
export const progressHeaders = (reliability: Reliability, sdp: string | null): SipHeaders => ({
  ...(reliability === 'wanted' || (reliability === 'possible' && sdp !== null) ? { Require: '100rel' } : {}),
  ...(sdp === null ? {} : { 'Content-Type': 'application/sdp' }),
});
