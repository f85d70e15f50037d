/**
 * The fixed header (RFC 3550 §5.1), without CSRCs and extension:
 *
 *     0                   1                   2                   3
 *     0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *    |V=2|P|X|  CC   |M|     PT      |       sequence number         |
 *    |                           timestamp                           |
 *    |                             SSRC                              |
 */
export interface RtpHeader {
  readonly marker: boolean;
  readonly payloadType: number;
  readonly sequence: number;
  readonly timestamp: number;
  readonly ssrc: number;
}

const headerBytes = 12;

export function writeRtp(header: RtpHeader, payload: Uint8Array): Buffer {
  const packet = Buffer.allocUnsafe(headerBytes + payload.length);
  packet[0] = 0x80;
  packet[1] = (header.marker ? 0x80 : 0) | header.payloadType;
  packet.writeUInt16BE(header.sequence & 0xffff, 2);
  packet.writeUInt32BE(header.timestamp >>> 0, 4);
  packet.writeUInt32BE(header.ssrc >>> 0, 8);
  packet.set(payload, headerBytes);
  return packet;
}

/** @returns undefined for what is no RTP of ours: RTCP, another version, or too short. */
export function readRtp(packet: Buffer): { readonly payloadType: number; readonly payload: Buffer } | undefined {
  const first = packet[0] ?? 0;
  if (packet.length < headerBytes || first >> 6 !== 2) return undefined;
  const start = headerBytes + 4 * (first & 0x0f);
  if (packet.length < start) return undefined;
  return { payloadType: (packet[1] ?? 0) & 0x7f, payload: packet.subarray(start) };
}

/**
 * The payload of a telephone-event (RFC 4733 §2.3): event, end bit, reserved bit, volume, duration in timestamp units.
 *
 *    |     event     |E|R| volume    |          duration             |
 */
export function writeTelephoneEvent(code: number, end: boolean, duration: number): Uint8Array {
  return Uint8Array.of(code, (end ? 0x80 : 0) | eventVolume, duration >> 8, duration & 0xff);
}

/** −10 dBm0, as telephones send. */
const eventVolume = 10;
