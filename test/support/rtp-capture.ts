/** One RTP packet as it came in. */
export interface CapturedPacket {
  /** Arrival, milliseconds of `performance.now()`. */
  readonly at: number;
  readonly from: string;
  readonly marker: boolean;
  readonly payloadType: number;
  readonly sequence: number;
  readonly timestamp: number;
  readonly ssrc: number;
  readonly payload: Buffer;
}

export interface Continuity {
  readonly ssrcs: number;
  /** Packets whose sequence number is not the one before plus one. */
  readonly sequenceJumps: number;
  /** Packets whose timestamp goes backwards, event packets left out. */
  readonly timestampsBack: number;
  /** Largest distance, in milliseconds, between the time that the timestamps tell and the time of arrival. */
  readonly worstSkewMs: number;
}

export function parseRtp(packet: Buffer, from: string, at: number): CapturedPacket | undefined {
  if (packet.length < 12 || packet.readUInt8(0) >> 6 !== 2) return undefined;
  const second = packet.readUInt8(1);
  return {
    at,
    from,
    marker: second >= 0x80,
    payloadType: second & 0x7f,
    sequence: packet.readUInt16BE(2),
    timestamp: packet.readUInt32BE(4),
    ssrc: packet.readUInt32BE(8),
    payload: Buffer.from(packet.subarray(12)),
  };
}

/** What an ear and an eye at the end of a leg could make of it. All questions take an optional window of arrival times. */
export class RtpCapture {
  readonly packets: CapturedPacket[] = [];
  readonly #eventPayloadType: () => number;

  constructor(eventPayloadType: () => number) {
    this.#eventPayloadType = eventPayloadType;
  }

  between(from = Number.NEGATIVE_INFINITY, to = Number.POSITIVE_INFINITY): CapturedPacket[] {
    return this.packets.filter(({ at }) => at >= from && at <= to);
  }

  /** telephone-event packets, and anything else that could be one: four bytes of payload under any type. */
  events(from?: number, to?: number): CapturedPacket[] {
    const type = this.#eventPayloadType();
    return this.between(from, to).filter(({ payloadType, payload }) => payloadType === type || payload.length === 4);
  }

  /** Audio packets that hold anything but G.711 silence of either law. */
  sounding(from?: number, to?: number): CapturedPacket[] {
    const type = this.#eventPayloadType();
    return this.between(from, to).filter(
      ({ payloadType, payload }) => payloadType !== type && !payload.every((byte) => silent(payloadType, byte)),
    );
  }

  /** Longest time without a packet, the edges of the window included where they are given. */
  largestGapMs(from?: number, to?: number): number {
    const times = this.between(from, to).map(({ at }) => at);
    if (from !== undefined) times.unshift(from);
    if (to !== undefined) times.push(to);
    let worst = times.length < 2 ? Number.POSITIVE_INFINITY : 0;
    for (let i = 1; i < times.length; i += 1) worst = Math.max(worst, (times[i] ?? 0) - (times[i - 1] ?? 0));
    return worst;
  }

  continuity(from?: number, to?: number, clockRate = 8000): Continuity {
    const all = this.between(from, to);
    const eventType = this.#eventPayloadType();
    let sequenceJumps = 0;
    let timestampsBack = 0;
    let worstSkewMs = 0;
    const first = all.find(({ payloadType }) => payloadType !== eventType);
    let newest = first?.timestamp ?? 0;
    for (const [i, packet] of all.entries()) {
      const before = all[i - 1];
      if (before !== undefined && packet.sequence !== ((before.sequence + 1) & 0xffff)) sequenceJumps += 1;
      if (packet.payloadType === eventType || first === undefined) continue;
      if (((packet.timestamp - newest) | 0) < 0) timestampsBack += 1;
      newest = packet.timestamp;
      const told = (((packet.timestamp - first.timestamp) | 0) * 1000) / clockRate;
      worstSkewMs = Math.max(worstSkewMs, Math.abs(told - (packet.at - first.at)));
    }
    return { ssrcs: new Set(all.map(({ ssrc }) => ssrc)).size, sequenceJumps, timestampsBack, worstSkewMs };
  }

  clear(): void {
    this.packets.length = 0;
  }
}

// G.711 silence is 0xFF or 0x7F in µ-law and 0xD5 or 0x55 in A-law (plus and minus zero).
const silent = (payloadType: number, byte: number): boolean =>
  payloadType === 8 ? byte === 0xd5 || byte === 0x55 : byte === 0xff || byte === 0x7f;
