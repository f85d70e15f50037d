import { packetBytesMax, rtpHeaderBytes, sixteen, thirtyTwo } from '../rtp-packet.ts';

/** Packets that may be missing before one that takes the short way. */
const stepMax = 100;
/** The sender has paused for longer: whoever looks closer must say what that means. */
const pauseMsMax = 1000;

/** Hears the sound that takes the short way, and may put other sound in its place. */
export interface FlowTap {
  /** One packet with a plain header; `timestamp` is its sender's. */
  hear(packet: Buffer, length: number, timestamp: number, now: number): void;
}

/** Shorter sound than that is none that could be heard: 5 ms. */
const heardBytesMin = rtpHeaderBytes + 40;

/**
 * One direction of a call, from the packets of one leg to those of the other: the numbers that each packet reads and
 * writes, side by side in one object, since with hundreds of calls it is memory that a packet waits for. They are integers
 * of 32 bits, which need no place of their own. `IncomingStream` and `OutgoingStream` keep them here.
 *
 * While it is `armed`, plain audio packets that go on where the last one stopped need nothing else ({@link pass}). Whoever
 * sees a packet that is not of that kind, or changes what may pass, disarms it; in doubt it is not armed.
 */
export class Flow {
  armed = false;
  tap: FlowTap | undefined;
  /** Second byte of the packets that may pass (payload type, no marker), and that of ours. */
  typeIn = -1;
  typeOut = -1;
  ssrcIn = 0;
  ssrcOut = 0;
  clockRate = 8000;
  /** Of the incoming stream, as RFC 3550 Appendix A.1 has them: newest sequence number, and 2^16 for each wrap of it. */
  highest = 0;
  cycles = 0;
  received = 0;
  /** Sixteen times the jitter in ticks, and the transit time from which it comes (RFC 3550 A.8). */
  jitter = 0;
  transit = 0;
  /** The sequence number relayed newest; with the offsets, source numbers become ours. */
  newest = 0;
  timestampIn = 0;
  sequenceOffset = 0;
  timestampOffset = 0;
  /** Where the outgoing stream is. */
  sequenceOut = 0;
  timestampOut = 0;
  packets = 0;
  octets = 0;
  lastAt = Number.NEGATIVE_INFINITY;
  sentAt = Number.NEGATIVE_INFINITY;

  /** The packet relayed last was plain audio, and others like it may pass as it did, heard by `tap` where there is one. */
  arm(typeIn: number, typeOut: number, tap: FlowTap | undefined): void {
    this.tap = tap;
    this.typeIn = typeIn;
    this.typeOut = typeOut;
    this.armed = this.newest === this.highest;
  }

  /**
   * Makes the packet one of the outgoing stream, in place, and counts it on both sides.
   * @returns false, with nothing changed, when it must be looked at more closely.
   */
  pass(packet: Buffer, length: number, now: number): boolean {
    // Version 2, no padding, extension or contributing sources (RFC 3550 §5.1).
    if (packet[0] !== 0x80 || packet[1] !== this.typeIn || length <= rtpHeaderBytes || length > packetBytesMax)
      return false;
    const sequence = sixteen(packet, 2);
    const timestamp = thirtyTwo(packet, 4) | 0;
    const ahead = (sequence - this.highest) & 0xffff;
    const ticks = (timestamp - this.timestampIn) | 0;
    if ((thirtyTwo(packet, 8) | 0) !== this.ssrcIn || ahead === 0 || ahead > stepMax) return false;
    if (ticks <= 0 || ticks > this.clockRate || now - this.lastAt > pauseMsMax) return false;
    if (this.tap !== undefined) {
      if (length < heardBytesMin) return false;
      this.tap.hear(packet, length, timestamp, now);
    }
    if (sequence < this.highest) this.cycles += 0x10000;
    this.highest = sequence;
    this.newest = sequence;
    this.received += 1;
    this.lastAt = now;
    this.measure(timestamp, now);
    this.timestampIn = timestamp;
    this.sequenceOut = (sequence + this.sequenceOffset) & 0xffff;
    this.timestampOut = (timestamp + this.timestampOffset) | 0;
    this.sentAt = now;
    this.packets += 1;
    this.octets = (this.octets + length - rtpHeaderBytes) | 0;
    this.#write(packet);
    return true;
  }

  /** Takes a packet into the jitter (RFC 3550 A.8). */
  measure(timestamp: number, now: number): void {
    const transit = ((now * this.clockRate) / 1000 - timestamp) | 0;
    const moved = Math.abs((transit - this.transit) | 0);
    // A timestamp that was set anew is no jitter.
    if (moved < this.clockRate) this.jitter += moved - ((this.jitter + 8) >> 4);
    this.transit = transit;
  }

  #write(packet: Uint8Array): void {
    packet[1] = this.typeOut;
    packet[2] = this.sequenceOut >> 8;
    packet[3] = this.sequenceOut;
    packet[4] = this.timestampOut >> 24;
    packet[5] = this.timestampOut >> 16;
    packet[6] = this.timestampOut >> 8;
    packet[7] = this.timestampOut;
    packet[8] = this.ssrcOut >> 24;
    packet[9] = this.ssrcOut >> 16;
    packet[10] = this.ssrcOut >> 8;
    packet[11] = this.ssrcOut;
  }
}
