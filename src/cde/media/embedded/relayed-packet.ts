/** One packet to relay, filled in anew for each. `start` and `end` enclose the payload; the header is written before it. */
export interface RelayedPacket {
  packet: Buffer;
  start: number;
  end: number;
  sequence: number;
  timestamp: number;
  marker: boolean;
  payloadType: number;
  clockRate: number;
  /** Of a telephone-event packet the duration that it tells; -1 for audio. */
  eventTicks: number;
  /** Counts up when the incoming stream begins anew. */
  epoch: number;
}

export const emptyRelayed = (): RelayedPacket => ({
  packet: Buffer.alloc(0),
  start: 0,
  end: 0,
  sequence: 0,
  timestamp: 0,
  marker: false,
  payloadType: 0,
  clockRate: 8000,
  eventTicks: -1,
  epoch: 0,
});
