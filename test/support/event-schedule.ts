/** One telephone-event packet of a press, before it meets a socket (RFC 4733 §2.3). */
export interface ScheduledEvent {
  /** Milliseconds after the start of the press. */
  readonly atMs: number;
  readonly marker: boolean;
  readonly end: boolean;
  /** In ticks of the clock rate, at most 0xFFFF. */
  readonly duration: number;
  /** Ticks to add to the timestamp of the press: other than 0 only for segments and for re-stamped ends. */
  readonly timestampOffset: number;
}

export interface PressOptions {
  /** How long the key is held. */
  readonly durationMs?: number;
  readonly intervalMs?: number;
  readonly clockRate?: number;
  /** End packets in all; RFC 4733 §2.5.1.4 asks for three. */
  readonly ends?: number;
  /** Time between the repeated end packets; 0 sends them in one burst. */
  readonly endSpacingMs?: number;
  /** Leaves out the marker bit of the first packet, as some gateways do. */
  readonly marker?: boolean;
  /** Gives every repeated end packet a timestamp of its own, as seen in rtpengine #1812. */
  readonly restampEnds?: boolean;
  /** At 0xFFFF ticks: `segment` starts a new timestamp (RFC 4733 §2.5.1.3), `wrap` lets the duration wrap as old stacks do. */
  readonly long?: 'segment' | 'wrap';
}

const segmentTicks = 0xffff;

/** The packets of one press in the order in which a correct (or, by option, a known wrong) sender sends them. */
export function pressSchedule(options: PressOptions = {}): ScheduledEvent[] {
  const { durationMs = 100, intervalMs = 20, clockRate = 8000, ends = 3, endSpacingMs = 20 } = options;
  const ticks = (ms: number) => Math.round((ms * clockRate) / 1000);
  const packets: ScheduledEvent[] = [];
  for (let at = 0, first = true; at + intervalMs < durationMs; at += intervalMs, first = false) {
    packets.push(eventAt(at, ticks(at + intervalMs), first && options.marker !== false, false, options));
  }
  const total = ticks(durationMs);
  const lastAt = Math.max(0, durationMs - intervalMs);
  for (let repeat = 0; repeat < ends; repeat += 1) {
    const marker = packets.length === 0 && options.marker !== false;
    const packet = eventAt(lastAt + repeat * endSpacingMs, total, marker, true, options);
    const restamp = options.restampEnds === true ? repeat * ticks(intervalMs) : 0;
    packets.push({ ...packet, timestampOffset: packet.timestampOffset + restamp });
  }
  return packets;
}

function eventAt(atMs: number, ticks: number, marker: boolean, end: boolean, options: PressOptions): ScheduledEvent {
  if (ticks <= segmentTicks) return { atMs, marker, end, duration: ticks, timestampOffset: 0 };
  if (options.long === 'wrap') return { atMs, marker, end, duration: ticks % 0x10000, timestampOffset: 0 };
  const whole = Math.floor((ticks - 1) / segmentTicks);
  return { atMs, marker, end, duration: ticks - whole * segmentTicks, timestampOffset: whole * segmentTicks };
}
