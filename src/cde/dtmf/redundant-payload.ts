/*
 * A payload of RFC 2198 §3: a header for each earlier block, one for the block of this packet, then the blocks.
 *
 *    0                   1                    2                   3
 *    0 1 2 3 4 5 6 7 8 9 0 1 2 3  4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *   |1|   block PT  |  timestamp offset         |   block length    |
 *   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *   |0|   block PT  |
 *   +-+-+-+-+-+-+-+-+
 */
const moreBit = 0x80;
const typeMask = 0x7f;
const longHeader = 4;
/** RFC 4733 §2.6 speaks of five; more of them tell nothing new. */
export const blocksMax = 8;

/** What a packet with redundancy holds; read anew for each, so that none costs an object. */
export class RedundantPayload {
  /** Earlier blocks, oldest first. */
  count = 0;
  readonly types = new Uint8Array(blocksMax);
  /** How much earlier than the packet's own timestamp, in ticks; where they begin and end. */
  readonly offsets = new Uint16Array(blocksMax);
  readonly starts = new Uint16Array(blocksMax);
  readonly ends = new Uint16Array(blocksMax);
  /** The block of the packet itself, which ends with it. */
  type = 0;
  start = 0;

  /** @returns false when the bytes from `start` to `end` are no such payload. */
  read(packet: Buffer, start: number, end: number): boolean {
    this.count = 0;
    let at = start;
    while (at < end && (packet.readUInt8(at) & moreBit) !== 0) {
      if (this.count === blocksMax || at + longHeader > end) return false;
      this.types[this.count] = packet.readUInt8(at) & typeMask;
      this.offsets[this.count] = packet.readUInt16BE(at + 1) >> 2;
      this.ends[this.count] = packet.readUInt16BE(at + 2) & 0x3ff;
      this.count += 1;
      at += longHeader;
    }
    if (at >= end) return false;
    this.type = packet.readUInt8(at) & typeMask;
    at += 1;
    for (let n = 0; n < this.count; n += 1) {
      this.starts[n] = at;
      at += this.ends[n] as number;
      this.ends[n] = at;
    }
    this.start = at;
    return at < end;
  }
}
