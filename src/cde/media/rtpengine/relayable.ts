import { CodedError } from '../../../shared/coded-error.ts';

const encrypted = /^m=audio \d+ (?:UDP\/TLS\/)?RTP\/SAVP/m;
const redundancy = /^a=rtpmap:\d+ red\/.*\r?\n/gim;

/**
 * A peer's description without what we do not have rtpengine carry. Redundant events (RFC 2198) are passed over: the copy
 * for the room is read without them, so the customer must send them plain.
 * @throws {CodedError} `not-acceptable-media` for encrypted media: keys of legs are told to no other program.
 */
export function relayable(sdp: string): string {
  if (encrypted.test(sdp)) throw new CodedError('not-acceptable-media', 'encrypted media are not relayed by rtpengine');
  return sdp.replaceAll(redundancy, '');
}
