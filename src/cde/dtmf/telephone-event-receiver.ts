import { namesOf, PressRecord } from './press-record.ts';
import type { EventPacket } from './telephone-event.ts';

/**
 * What a packet is:
 * - `new`: the first packet seen of a press. This, and nothing else, is a press to report.
 * - `current`: another packet of the newest press.
 * - `earlier`: a late or repeated packet of a press before the newest.
 * - `other`: an event that is no key (flash, fax tones …).
 */
export type EventVerdict = 'new' | 'current' | 'earlier' | 'other';

/** Presses that are remembered, to recognise late packets by. */
const pressesKept = 8;
/** A press of which nothing came for so long has ended, though no end packet told so. */
export const pressTimeoutMs = 200;
/** Within so long of its last packet a press may go on under another name (segment, new SSRC, re-stamped end). */
const joinMs = 250;
/** So long after its end the tone of a press may still be heard. */
const tailMs = 60;
/** So long after its last packet the event code of a press is wiped: no network delays a packet for longer. */
const forgetMs = 1000;
/** Sequence numbers that lie between a packet and its re-stamped repeat: none, or one that was lost. */
const adjacentPackets = 2;

const keyEvents = 16;
const segmentTicks = 0xffff;
/** A segment may be cut a little early, at a whole number of packets. */
const segmentSlackTicks = 0x1000;
const signed16 = (n: number): number => (n << 16) >> 16;

/**
 * Tells presses apart in the telephone-event packets of one leg (RFC 4733 §2.5). Pure: time comes with the packets. It is
 * a mutable object, unlike other machines here, because it stands in the path of every packet.
 *
 * A press is named by SSRC, timestamp and event. The marker bit is not asked (some gateways never set it, others set it on
 * every packet), nor is the end packet (all three may be lost). Senders that break the rules are known by these tables:
 * `#joins` says where a packet with an unknown name still belongs to the press before it.
 */
export class TelephoneEventReceiver {
  /** One more with each press, up to `pressesKept`: most calls never have a key pressed. */
  readonly #records: PressRecord[] = [];
  /** Where the newest press is; the last one as long as there are fewer. */
  #newest = -1;
  #namesKept: Uint32Array | undefined;
  /** No event code has to be wiped before. */
  #forgetAt = Number.POSITIVE_INFINITY;
  /** Whether a key may be down: audio asks for it with every packet, and there is none nearly always. */
  #maybeHeld = false;

  accept(packet: EventPacket): EventVerdict {
    if (packet.event >= keyEvents) return 'other';
    this.expire(packet.at);
    this.#maybeHeld = true;
    const known = this.#records.length;
    for (let back = 0; back < known; back += 1) {
      const at = (this.#newest - back + known) % known;
      const record = this.#records[at] as PressRecord;
      if (!record.isNamedBy(packet)) continue;
      if (startsOver(record, packet)) {
        record.used = false;
        break;
      }
      record.follow(packet);
      return back === 0 ? 'current' : 'earlier';
    }
    const newest = this.#records[this.#newest];
    if (newest !== undefined && joins(newest, packet)) return 'current';
    this.#newest = (this.#newest + 1) % pressesKept;
    if (this.#newest === known) this.#records.push(new PressRecord(this.#names(), known));
    (this.#records[this.#newest] as PressRecord).start(packet);
    this.#forgetAt = Math.min(this.#forgetAt, packet.at + forgetMs);
    return 'new';
  }

  /** What all presses go by, side by side: it is there from the first press on. */
  #names(): Uint32Array {
    this.#namesKept ??= namesOf(pressesKept);
    return this.#namesKept;
  }

  /** Whether a key is down: its end was not told, and its packets still come. */
  held(at: number): boolean {
    if (!this.#maybeHeld) return false;
    for (const record of this.#records) {
      if (record.used && !record.ended && at - record.lastAt < pressTimeoutMs) return true;
    }
    this.#maybeHeld = false;
    return false;
  }

  /** When the first packet came of the press of `key` that is down, or ended a moment ago; NaN where there is none. */
  downSince(key: number, at: number): number {
    const newest = this.#records[this.#newest];
    if (newest === undefined || !newest.used || newest.event !== key) return Number.NaN;
    return at - newest.lastAt <= (newest.ended ? tailMs : pressTimeoutMs) ? newest.startedAt : Number.NaN;
  }

  /** When the last packet of any press came; 0 before the first. */
  get lastAt(): number {
    let last = 0;
    for (const record of this.#records) if (record.used && record.lastAt > last) last = record.lastAt;
    return last;
  }

  /** Wipes the event codes of presses that are over. */
  expire(at: number): void {
    if (at <= this.#forgetAt) return;
    this.#forgetAt = Number.POSITIVE_INFINITY;
    for (const record of this.#records) {
      if (!record.used || record.forgotten) continue;
      if (at - record.lastAt > forgetMs) record.forgetEvent();
      else this.#forgetAt = Math.min(this.#forgetAt, record.lastAt + forgetMs);
    }
  }

  /** Forgets everything. */
  wipe(): void {
    for (const record of this.#records) {
      record.forgetEvent();
      record.used = false;
    }
  }
}

/**
 * The name of an old press, but from its beginning again and long after: a player that sends the same recorded packets for
 * each press of a key (SIPp's stock pcaps). No network repeats a packet so late.
 */
const startsOver = (record: PressRecord, packet: EventPacket): boolean =>
  packet.at - record.lastAt > forgetMs && !packet.end && packet.duration < record.duration;

/** Whether a packet with a name of its own still belongs to `last`; if so `last` takes it in. */
function joins(last: PressRecord, packet: EventPacket): boolean {
  if (!last.used || last.event !== packet.event || packet.at - last.lastAt > joinMs) return false;
  const sameStream = last.ssrc === packet.ssrc && last.clockRate === packet.clockRate;
  if (!sameStream) {
    if (!goesOnElsewhere(last, packet)) return false;
    last.moveTo(packet);
  } else if (isNextSegment(last, packet)) {
    last.moveTo(packet);
  } else if (isRestamped(last, packet)) {
    last.alsoKnownBy(packet);
  } else {
    return false;
  }
  last.follow(packet);
  return true;
}

/** RFC 4733 §2.5.1.3: a long press goes on as a new segment, its timestamp moved by the length of the old one. */
function isNextSegment(last: PressRecord, packet: EventPacket): boolean {
  if (last.ended || packet.marker) return false;
  const moved = (packet.timestamp - last.timestamp) >>> 0;
  return moved >= segmentTicks - segmentSlackTicks && moved <= segmentTicks + 1;
}

/**
 * A sender or relay that moves the timestamp within a press: each repeated end with one of its own (rtpengine #1812,
 * #1929), or every packet (peers #7). A press of its own would begin with a small duration, and further on in sequence:
 * three end packets of the press before and its own first packets lie between.
 */
function isRestamped(last: PressRecord, packet: EventPacket): boolean {
  const ahead = signed16(packet.sequence - last.sequence);
  if (packet.marker || ahead < 1 || ahead > adjacentPackets) return false;
  const grown = packet.duration - last.duration;
  const moved = (packet.timestamp - last.timestamp) >>> 0;
  // A short press of the same length may follow with its first packet lost: it began after the end of this one.
  if (last.ended) return packet.end && grown === 0 && (ahead === 1 || moved < last.duration);
  return packet.end ? grown >= 0 && moved <= segmentTicks : grown > 0 && moved <= 2 * (last.duration + grown);
}

/** A press that goes on under another SSRC or clock rate (restart of the sender, re-INVITE): its duration goes on too. */
function goesOnElsewhere(last: PressRecord, packet: EventPacket): boolean {
  const before = (last.duration * 1000) / last.clockRate;
  const now = (packet.duration * 1000) / packet.clockRate;
  if (last.ended) return packet.end && now === before;
  return !packet.marker && now >= before && now - before <= joinMs;
}
