import type { IncomingStream } from './incoming-stream.ts';
import type { OutgoingStream } from './outgoing-stream.ts';

/*
 * We are the end of RTCP on either leg: nothing of a report is passed on, since it would tell one side about the other.
 * Each leg gets reports about our own stream and about the one that it sends (RFC 3550 §6.4):
 *
 *    0                   1                   2                   3
 *    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *   |V=2|P|    RC   |   PT=SR=200   |             length            |
 *   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *   |                         SSRC of sender                        |
 *   +=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+
 */
const senderReport = 200;
const receiverReport = 201;
const description = 202;
const goodbye = 203;
const canonicalName = 1;
/** Seconds from 1900 (NTP) to 1970 (RFC 3550 §4). */
const ntpEpochSeconds = 2_208_988_800;

const reportBytes = 24;
const senderBytes = 28;

/** When the other side's last sender report came, for its round-trip sums (LSR and DLSR, RFC 3550 §6.4.1). */
export interface LastSenderReport {
  middle: number;
  at: number;
}

export const noSenderReport = (): LastSenderReport => ({ middle: 0, at: 0 });

/** Takes what we want from a compound packet: the time of the last sender report. Anything else is for nobody. */
export function readReport(packet: Buffer, length: number, last: LastSenderReport, now: number): void {
  if (length < senderBytes || packet.readUInt8(1) !== senderReport) return;
  last.middle = packet.readUInt32BE(10);
  last.at = now;
}

/** @returns a compound packet: SR (or RR before we have sent anything), CNAME, and BYE when `last`. */
export function writeReport(
  outgoing: OutgoingStream,
  incoming: IncomingStream,
  lastReport: LastSenderReport,
  name: string,
  now: number,
  wallMs: number,
  last: boolean,
): Buffer {
  const ssrc = outgoing.ssrc;
  const sends = outgoing.packets > 0;
  const block = incoming.ssrc === undefined ? undefined : receptionBlock(incoming, incoming.ssrc, lastReport, now);
  const head = header(sends ? senderReport : receiverReport, block === undefined ? 0 : 1, ssrc);
  const parts = [head];
  if (sends) parts.push(senderBlock(outgoing, now, wallMs));
  if (block !== undefined) parts.push(block);
  setLength(head, parts);
  const chunk = Buffer.alloc(4 * Math.floor((2 + name.length) / 4 + 1));
  chunk.writeUInt8(canonicalName, 0);
  chunk.writeUInt8(name.length, 1);
  chunk.write(name, 2, 'latin1');
  const source = header(description, 1, ssrc);
  setLength(source, [source, chunk]);
  parts.push(source, chunk);
  if (last) {
    const bye = header(goodbye, 1, ssrc);
    setLength(bye, [bye]);
    parts.push(bye);
  }
  return Buffer.concat(parts);
}

function header(type: number, count: number, ssrc: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt8(0x80 | count, 0);
  bytes.writeUInt8(type, 1);
  bytes.writeUInt32BE(ssrc, 4);
  return bytes;
}

/** Length in 32-bit words, less one (RFC 3550 §6.4.1). */
function setLength(head: Buffer, parts: readonly Buffer[]): void {
  head.writeUInt16BE(parts.reduce((sum, { length }) => sum + length, 0) / 4 - 1, 2);
}

function senderBlock(outgoing: OutgoingStream, now: number, wallMs: number): Buffer {
  const bytes = Buffer.alloc(senderBytes - 8);
  const seconds = Math.floor(wallMs / 1000);
  bytes.writeUInt32BE((seconds + ntpEpochSeconds) >>> 0, 0);
  bytes.writeUInt32BE(Math.floor(((wallMs - seconds * 1000) / 1000) * 0x1_0000_0000) >>> 0, 4);
  bytes.writeUInt32BE(outgoing.timestampAt(now), 8);
  bytes.writeUInt32BE(outgoing.packets >>> 0, 12);
  bytes.writeUInt32BE(outgoing.octets, 16);
  return bytes;
}

function receptionBlock(incoming: IncomingStream, ssrc: number, last: LastSenderReport, now: number): Buffer {
  const bytes = Buffer.alloc(reportBytes);
  bytes.writeUInt32BE(ssrc, 0);
  bytes.writeUInt8(incoming.takeFractionLost(), 4);
  bytes.writeUIntBE(Math.min(0x7f_ffff, incoming.lost), 5, 3);
  bytes.writeUInt32BE(incoming.highestSequence, 8);
  bytes.writeUInt32BE(Math.floor(incoming.jitterTicks) >>> 0, 12);
  bytes.writeUInt32BE(last.middle, 16);
  bytes.writeUInt32BE(last.at === 0 ? 0 : Math.round(((now - last.at) * 0x1_0000) / 1000) >>> 0, 20);
  return bytes;
}
