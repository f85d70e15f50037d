import type { EventPacket } from './telephone-event.ts';

/** Names that one press may go by (SSRC and timestamp): its own, those of its segments, of re-stamped ends, of a sender that began anew. */
const namesKept = 6;

/** Stands for an event code that was wiped; matches any code with the right timestamp. */
const forgotten = 0xffff_ffff;
const eventAt = 2 * namesKept;

/** One press as its packets told it. Reused for a later press, so that presses cost no objects. */
export class PressRecord {
  used = false;
  ssrc = 0;
  clockRate = 0;
  /** Start of the newest segment (RFC 4733 §2.5.1.3), and the duration that was told of it last. */
  timestamp = 0;
  duration = 0;
  sequence = 0;
  ended = false;
  lastAt = 0;
  startedAt = 0;
  /**
   * Timestamps, from `namesKept` on the SSRCs that go with them, and the event code: outside of the heap, whose collector
   * moves what is young and leaves copies.
   */
  readonly #names = new Uint32Array(new ArrayBuffer(4 * (eventAt + 1))).fill(forgotten, eventAt);
  #kept = 0;

  get event(): number {
    return this.#names[eventAt] as number;
  }

  start(packet: EventPacket): void {
    this.used = true;
    this.#names[eventAt] = packet.event;
    this.ended = false;
    this.#kept = 0;
    this.startedAt = packet.at;
    this.moveTo(packet);
    this.follow(packet);
  }

  /** Goes on under another timestamp, SSRC or clock rate: a new segment, or a sender that changed in a press. */
  moveTo(packet: EventPacket): void {
    this.ssrc = packet.ssrc;
    this.clockRate = packet.clockRate;
    this.timestamp = packet.timestamp;
    this.sequence = packet.sequence;
    this.duration = 0;
    this.alsoKnownBy(packet);
  }

  alsoKnownBy(packet: EventPacket): void {
    const at = this.#kept % namesKept;
    this.#names[at] = packet.timestamp;
    this.#names[namesKept + at] = packet.ssrc;
    this.#kept += 1;
  }

  /** Takes in a packet that is known to belong to this press. */
  follow(packet: EventPacket): void {
    // A reordered packet tells an older duration; a wrapped one (over 0xFFFF, against §2.5.1.3) looks the same and
    // matters as little, since only nearness to the end of a segment is ever asked of the duration.
    if (packet.duration > this.duration) this.duration = packet.duration;
    if (((packet.sequence - this.sequence) << 16) >> 16 > 0) this.sequence = packet.sequence;
    this.ended ||= packet.end;
    this.lastAt = packet.at;
  }

  /** Whether the packet names this press: by SSRC, timestamp and event, and by nothing less. */
  isNamedBy(packet: EventPacket): boolean {
    if (!this.used) return false;
    if (this.event !== forgotten && this.event !== packet.event) return false;
    for (let i = 0; i < Math.min(this.#kept, namesKept); i += 1) {
      if (this.#names[i] === packet.timestamp && this.#names[namesKept + i] === packet.ssrc) return true;
    }
    return false;
  }

  /** Wipes the event code; the timestamps stay, to recognise late copies by. */
  forgetEvent(): void {
    this.#names[eventAt] = forgotten;
  }
}
