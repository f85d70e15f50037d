import type { EventPacket } from '../../src/cde/dtmf/telephone-event.ts';
import { TelephoneEventReceiver } from '../../src/cde/dtmf/telephone-event-receiver.ts';
import { type PressOptions, pressSchedule } from './event-schedule.ts';

/** A packet on the wire, by an ideal sender's clock. */
export interface SentPacket extends EventPacket {
  /** Which press of the script the packet belongs to. */
  readonly press: number;
}

export interface ScriptedPress extends PressOptions {
  readonly key: number;
  readonly gapMs: number;
  /** Timestamp step to the next press, where it is not what the time says (SIPp's is 400). */
  readonly stepTicks?: number;
  readonly audioBetween?: boolean;
}

/** Plays presses into packets: what a correct sender (or, by option, a known wrong one) puts on the wire. */
export function playPresses(script: readonly ScriptedPress[], ssrc = 0x1234): SentPacket[] {
  const packets: SentPacket[] = [];
  let at = 1000;
  let timestamp = 0xffff_f000;
  let sequence = 0xfff0;
  for (const [press, options] of script.entries()) {
    const rate = options.clockRate ?? 8000;
    let last = 0;
    for (const event of pressSchedule(options)) {
      if (options.audioBetween === true) sequence += 1;
      packets.push({
        press,
        ssrc,
        sequence: sequence++ & 0xffff,
        timestamp: (timestamp + event.timestampOffset) >>> 0,
        marker: event.marker,
        clockRate: rate,
        event: options.key,
        end: event.end,
        duration: event.duration,
        at: at + event.atMs,
      });
      last = event.atMs;
    }
    const silence = Math.floor(options.gapMs / 20);
    sequence += silence;
    at += last + options.gapMs;
    timestamp = (timestamp + (options.stepTicks ?? ((last + options.gapMs) * rate) / 1000)) >>> 0;
  }
  return packets;
}

/** How many presses the receiver makes of these packets. */
export const countNew = (packets: readonly EventPacket[]): number => {
  const receiver = new TelephoneEventReceiver();
  return packets.filter((packet) => receiver.accept(packet) === 'new').length;
};
