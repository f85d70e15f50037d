/*
 * The fixed header of an RTP packet (RFC 3550 §5.1):
 *
 *    0                   1                   2                   3
 *    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *   |V=2|P|X|  CC   |M|     PT      |       sequence number         |
 *   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *   |                           timestamp                           |
 *   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *   |           synchronization source (SSRC) identifier            |
 *   +=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+
 */
export const rtpHeaderBytes = 12;

/** Larger datagrams are no telephone audio: an Ethernet frame's worth. */
export const packetBytesMax = 1500;

const versionMask = 0xc0;
const version2 = 0x80;
const paddingBit = 0x20;
const extensionBit = 0x10;
const sourceCountMask = 0x0f;

/** Numbers in the network's order; what Node has for it checks more than a packet's path has room for. */
export const sixteen = (bytes: Uint8Array, at: number): number =>
  ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
export const thirtyTwo = (bytes: Uint8Array, at: number): number =>
  ((sixteen(bytes, at) << 16) | sixteen(bytes, at + 2)) >>> 0;

/** @returns whether the bytes are an RTCP packet that shares the port with RTP (RFC 5761 §4: types 192 to 223). */
export function isRtcp(packet: Buffer, length: number): boolean {
  if (length < 8 || ((packet[0] as number) & versionMask) !== version2) return false;
  const type = packet[1] as number;
  return type >= 192 && type <= 223;
}

/** @returns where the payload begins, behind contributing sources and extension, or -1 when this is no RTP packet. */
export function payloadStart(packet: Buffer, length: number): number {
  if (length <= rtpHeaderBytes || length > packetBytesMax) return -1;
  const first = packet[0] as number;
  if ((first & versionMask) !== version2) return -1;
  let at = rtpHeaderBytes + 4 * (first & sourceCountMask);
  if ((first & extensionBit) !== 0) {
    if (at + 4 > length) return -1;
    at += 4 + 4 * sixteen(packet, at + 2);
  }
  return at < length ? at : -1;
}

/** @returns where the payload ends, before the padding, or -1 when the padding is not possible. */
export function payloadEnd(packet: Buffer, length: number, start: number): number {
  if (((packet[0] as number) & paddingBit) === 0) return length;
  const padding = packet[length - 1] as number;
  const end = length - padding;
  return padding > 0 && end > start ? end : -1;
}

export const payloadTypeOf = (packet: Buffer, at = 0): number => (packet[at + 1] as number) & 0x7f;
export const markerOf = (packet: Buffer): boolean => (packet[1] as number) >= 0x80;
export const sequenceOf = (packet: Buffer): number => sixteen(packet, 2);
export const timestampOf = (packet: Buffer): number => thirtyTwo(packet, 4);
export const ssrcOf = (packet: Buffer): number => thirtyTwo(packet, 8);

/** Writes a header without padding, extension or sources at `at`. */
export function writeHeader(
  packet: Buffer,
  at: number,
  payloadType: number,
  marker: boolean,
  sequence: number,
  timestamp: number,
  ssrc: number,
): void {
  packet[at] = version2;
  packet[at + 1] = (marker ? 0x80 : 0) | payloadType;
  packet[at + 2] = sequence >> 8;
  packet[at + 3] = sequence;
  packet[at + 4] = timestamp >> 24;
  packet[at + 5] = timestamp >> 16;
  packet[at + 6] = timestamp >> 8;
  packet[at + 7] = timestamp;
  packet[at + 8] = ssrc >> 24;
  packet[at + 9] = ssrc >> 16;
  packet[at + 10] = ssrc >> 8;
  packet[at + 11] = ssrc;
}

/** Distance from `from` to `to` in numbers that wrap at 2^16: negative when `to` is older. */
export const sequenceDistance = (from: number, to: number): number => ((to - from) << 16) >> 16;
/** The same for timestamps, which wrap at 2^32. */
export const timestampDistance = (from: number, to: number): number => (to - from) | 0;
