import type { KeyCode } from '../../dtmf/key-code.ts';
import { lostSamplesMax, ToneDetector } from '../../dtmf/tone-detector.ts';
import { timestampDistance } from '../rtp-packet.ts';
import type { RelayedPacket } from './relayed-packet.ts';
import type { TakeTone, ToneTap } from './tone-tap.ts';

/**
 * What sounds when the ear begins to listen began before: so much of its start may be hidden. 5 ms; nobody presses a key
 * within them by chance.
 */
const startHidden = 40;
/** Sound is judged in pieces of one packet: the detector tells of the last 35 ms and no more. */
const pieceSamples = 160;
/**
 * Share of the sound's energy in the two tones of a key, over 10 ms, from which it is suspected, and down to which a
 * suspicion holds. See `npm run bench:leak` for what passes and how often a voice is taken for a key.
 */
const suspectShare = 0.88;
const stillShare = 0.6;
/** So long after its last packet nobody knows what a leg sounds like. */
const deafMs = 200;
/** A key's tone and its event are one press when so little lies between them. */
const joinMs = 60;
/** A timestamp that moved by more than this is a clock set anew. */
const jumpSamples = 16_000;
const samplesPerMs = 8;

/** The ear on one customer's leg. It has a detector while it is awake. */
export class ToneEar implements ToneTap {
  wary = false;
  suspects = false;
  early = false;
  readonly #take: TakeTone;
  #detector: ToneDetector | undefined;
  #lastAt = Number.NEGATIVE_INFINITY;
  #epoch = -1;
  #next = 0;
  /** Number of the sample at the end of the packet in hand, which is that of `#lastAt`. */
  #end = 0;
  #lockedAt = 0;
  #downAt = 0;

  constructor(take: TakeTone) {
    this.#take = take;
  }

  get awake(): boolean {
    return this.#detector !== undefined;
  }

  wake(): void {
    if (this.#detector !== undefined) return;
    this.#detector = new ToneDetector({ onTone: (key, start) => this.#heard(key, start) });
    this.#lockedAt = startHidden;
    this.#epoch = -1;
  }

  sleep(): void {
    this.#detector?.reset();
    this.#detector = undefined;
    this.suspects = false;
  }

  lock(): void {
    this.#lockedAt = Math.max(startHidden, this.#detector?.fed ?? 0);
    this.early = true;
  }

  hear({ packet, start, end, timestamp, epoch }: RelayedPacket, law: Int16Array, now: number): void {
    const count = end - start;
    const detector = this.#detector;
    if (detector === undefined) return;
    const gap = this.#gap(timestamp, epoch, count, now);
    this.#lastAt = now;
    if (gap < 0) {
      // Out of order: its sound has no place any more, and what it holds nobody can say.
      this.suspects = true;
      return;
    }
    if (gap > 0) detector.lose(gap);
    this.#end = detector.fed + count;
    this.#judge(detector, law, packet, start, count);
  }

  sounding(now: number): boolean {
    return this.suspects && now - this.#lastAt < deafMs;
  }

  downSince(key: number, now: number): number {
    return this.#detector?.sounding === key && now - this.#lastAt <= joinMs ? this.#downAt : Number.NaN;
  }

  /** Feeds `count` code words at `from` and says whether they may hold sound of a key. */
  #judge(detector: ToneDetector, law: Int16Array, packet: Buffer, from: number, count: number): void {
    let suspects = detector.sounding !== undefined;
    for (let at = 0; at < count; at += pieceSamples) {
      const length = Math.min(pieceSamples, count - at);
      detector.feedG711(law, packet, length, from + at);
      if (detector.sounding !== undefined) suspects = true;
      else if (!this.wary) suspects ||= detector.suspects;
      else if (!suspects) suspects = detector.twoTonesReach(this.suspects ? stillShare : suspectShare);
    }
    this.suspects = suspects;
  }

  #heard(key: KeyCode, start: number): void {
    this.early = start < this.#lockedAt;
    this.#downAt = this.#lastAt - (this.#end - start) / samplesPerMs;
    this.#take(key, this.#downAt, this.early, this.#lastAt);
  }

  /** Samples that are missing before this packet; less than 0 when it comes after its time. */
  #gap(timestamp: number, epoch: number, count: number, now: number): number {
    const ahead = timestampDistance(this.#next, timestamp);
    if (epoch !== this.#epoch || Math.abs(ahead) > jumpSamples) {
      const fresh = this.#epoch === -1;
      this.#epoch = epoch;
      this.#next = (timestamp + count) >>> 0;
      // A stream that begins anew has its own numbers: time says what is missing.
      const missing = Math.round((now - this.#lastAt) * samplesPerMs) - count;
      return fresh ? 0 : Math.max(0, Math.min(lostSamplesMax, missing));
    }
    if (ahead < 0) return ahead;
    this.#next = (timestamp + count) >>> 0;
    return Math.min(ahead, lostSamplesMax);
  }
}
