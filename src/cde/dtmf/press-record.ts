import type { EventPacket } from './telephone-event.ts';

/** Names that one press may go by (SSRC and timestamp): its own, those of its segments, of re-stamped ends, of a sender that began anew. */
const namesKept = 6;

/** Stands for an event code that was wiped; matches any code with the right timestamp. */
const forgotten = 0xffff_ffff;
const eventAt = 2 * namesKept;
/** What one press goes by has a cache line of its own. */
const nameWords = 16;

/**
 * The names of so many presses: timestamps, from `namesKept` on the SSRCs that go with them, and the event code. They are outside of
 * the heap, whose collector moves what is young and leaves copies.
 */
export const namesOf = (presses: number): Uint32Array =>
  new Uint32Array(new ArrayBuffer(4 * nameWords * presses)).fill(forgotten);

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
  readonly #names: Uint32Array;
  /** Where its names begin. */
  readonly #at: number;
  #kept = 0;

  /** Press number `place` of those that have {@link namesOf}. */
  constructor(names: Uint32Array, place: number) {
    this.#names = names;
    this.#at = place * nameWords;
  }

  get event(): number {
    return this.#names[this.#at + eventAt] as number;
  }

  /** Whether its event code was wiped. */
  get forgotten(): boolean {
    return this.event === forgotten;
  }

  start(packet: EventPacket): void {
    this.used = true;
    this.#names[this.#at + eventAt] = packet.event;
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
    const at = this.#at + (this.#kept % namesKept);
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
    const end = this.#at + Math.min(this.#kept, namesKept);
    for (let at = this.#at; at < end; at += 1) {
      if (this.#names[at] === packet.timestamp && this.#names[namesKept + at] === packet.ssrc) return true;
    }
    return false;
  }

  /** Wipes the event code; the timestamps stay, to recognise late copies by. */
  forgetEvent(): void {
    this.#names[this.#at + eventAt] = forgotten;
  }
}
