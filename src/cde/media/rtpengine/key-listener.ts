import { alawTable, decodeG711, ulawTable } from '../../dtmf/g711.ts';
import { asKeyCode, type KeyCode } from '../../dtmf/key-code.ts';
import { emptyEventPacket, readEvent, wipeEvent } from '../../dtmf/telephone-event.ts';
import { TelephoneEventReceiver } from '../../dtmf/telephone-event-receiver.ts';
import { lostSamplesMax, ToneDetector } from '../../dtmf/tone-detector.ts';
import {
  markerOf,
  payloadEnd,
  payloadStart,
  payloadTypeOf,
  sequenceOf,
  ssrcOf,
  timestampDistance,
  timestampOf,
} from '../rtp-packet.ts';

/** Payload types of the copy of the customer's stream. */
export interface CopiedFormats {
  readonly ulaw: number | undefined;
  readonly alaw: number | undefined;
  readonly events: readonly { readonly payloadType: number; readonly clockRate: number }[];
}

export interface HeardKey {
  readonly key: KeyCode;
  readonly source: 'event' | 'tone';
  /** Monotonic milliseconds at the beginning of the press. */
  readonly at: number;
}

/** So long after its last packet, or its last sound, a press may still go on. */
const hangoverMs = 40;
/** A press that began so much before the listening is none of its keys: one packet, and the time that its copy takes. */
const earlyMs = 40;
const samplesPerMs = 8;

/** Finds the customer's keys in a copy of his stream, by events and by tones. Time comes with the packets. */
export class KeyListener {
  readonly #formats: CopiedFormats;
  readonly #since: number;
  readonly #heard: (key: HeardKey) => void;
  readonly #receiver = new TelephoneEventReceiver();
  readonly #detector: ToneDetector;
  readonly #event = emptyEventPacket();
  readonly #samples = new Int16Array(1500);
  #expected: number | undefined;
  #now = 0;
  #busyAt = Number.NEGATIVE_INFINITY;
  /** Whether a key was down when the listening began. */
  beganInPress = false;
  audioPackets = 0;
  eventPackets = 0;

  constructor(formats: CopiedFormats, since: number, heard: (key: HeardKey) => void) {
    this.#formats = formats;
    this.#since = since;
    this.#heard = heard;
    this.#detector = new ToneDetector({ onTone: (key, start) => this.#tone(key, start) });
  }

  /** Takes one datagram and wipes the key in it. */
  receive(packet: Buffer, now: number): void {
    const start = payloadStart(packet, packet.length);
    if (start < 0) return;
    const end = payloadEnd(packet, packet.length, start);
    if (end < 0) return;
    this.#now = now;
    const type = payloadTypeOf(packet);
    const event = this.#formats.events.find(({ payloadType }) => payloadType === type);
    if (event !== undefined) this.#eventPacket(packet, start, end, event.clockRate);
    else if (type === this.#formats.ulaw) this.#audio(packet, start, end, ulawTable);
    else if (type === this.#formats.alaw) this.#audio(packet, start, end, alawTable);
    if (this.#isDown(now)) this.#busyAt = now;
  }

  /** Whether no key is down, nor was a moment ago. */
  quiet(now: number): boolean {
    return !this.#isDown(now) && now - this.#busyAt >= hangoverMs && now - this.#receiver.lastAt >= hangoverMs;
  }

  wipe(): void {
    this.#receiver.wipe();
    this.#detector.reset();
    this.#samples.fill(0);
  }

  #isDown(now: number): boolean {
    return this.#receiver.held(now) || this.#detector.sounding !== undefined || this.#detector.suspects;
  }

  #eventPacket(packet: Buffer, start: number, end: number, clockRate: number): void {
    this.eventPackets += 1;
    const event = this.#event;
    if (!readEvent(packet, start, end, event)) return;
    wipeEvent(packet, start);
    event.ssrc = ssrcOf(packet);
    event.sequence = sequenceOf(packet);
    event.timestamp = timestampOf(packet);
    event.marker = markerOf(packet);
    event.clockRate = clockRate;
    event.at = this.#now;
    const isNew = this.#receiver.accept(event) === 'new';
    const key = asKeyCode(event.event);
    if (isNew && key !== undefined) this.#report(key, 'event', this.#now - (event.duration * 1000) / clockRate);
    event.event = 0xff;
  }

  #audio(packet: Buffer, start: number, end: number, table: Int16Array): void {
    this.audioPackets += 1;
    const timestamp = timestampOf(packet);
    const ahead = this.#expected === undefined ? 0 : timestampDistance(this.#expected, timestamp);
    // A packet that comes late has been counted as lost already.
    if (ahead < 0 && ahead > -lostSamplesMax) return;
    if (ahead > 0) this.#detector.lose(Math.min(ahead, lostSamplesMax));
    const count = end - start;
    decodeG711(table, packet, start, count, this.#samples);
    this.#expected = (timestamp + count) >>> 0;
    this.#detector.feed(this.#samples, count);
  }

  #tone(key: KeyCode, startSample: number): void {
    this.#report(key, 'tone', this.#now - (this.#detector.fed - startSample) / samplesPerMs);
  }

  #report(key: KeyCode, source: 'event' | 'tone', at: number): void {
    if (at >= this.#since - earlyMs) this.#heard({ key, source, at });
    else this.beganInPress = true;
  }
}
