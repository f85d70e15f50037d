/*
 * The payload of a telephone-event packet (RFC 4733 §2.3):
 *
 *    0                   1                   2                   3
 *    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *   |     event     |E|R| volume    |          duration             |
 *   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *
 * R is ignored (§2.3.3), and so is the volume.
 */
export const eventBytes = 4;

const endBit = 0x80;

/** What is written over an event code once it was counted: no event of RFC 4733, so nothing reads it as a key. */
const spent = 0xff;

/** One received packet, filled in anew for each: there is one of these a leg, so that no packet costs an object. */
export interface EventPacket {
  ssrc: number;
  sequence: number;
  timestamp: number;
  marker: boolean;
  clockRate: number;
  event: number;
  end: boolean;
  /** In ticks of `clockRate`. */
  duration: number;
  /** Arrival in milliseconds of the monotonic clock. */
  at: number;
}

export const emptyEventPacket = (): EventPacket => ({
  ssrc: 0,
  sequence: 0,
  timestamp: 0,
  marker: false,
  clockRate: 8000,
  event: spent,
  end: false,
  duration: 0,
  at: 0,
});

/** Reads the payload at `offset` into `packet`. @returns false when there are not four bytes. */
export function readEvent(bytes: Buffer, offset: number, end: number, packet: EventPacket): boolean {
  if (end - offset < eventBytes) return false;
  packet.event = bytes[offset] as number;
  packet.end = ((bytes[offset + 1] as number) & endBit) !== 0;
  packet.duration = ((bytes[offset + 2] as number) << 8) | (bytes[offset + 3] as number);
  return true;
}

/** Overwrites the event code where it was received: a datagram's memory outlives the packet until it is used again. */
export function wipeEvent(bytes: Buffer, offset: number): void {
  if (offset < bytes.length) bytes[offset] = spent;
}
