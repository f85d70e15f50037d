import { asKeyCode, type KeyCode } from '../../dtmf/key-code.ts';
import type { RedundantPayload } from '../../dtmf/redundant-payload.ts';
import { type EventPacket, emptyEventPacket, readEvent, wipeEvent } from '../../dtmf/telephone-event.ts';
import { type EventVerdict, TelephoneEventReceiver } from '../../dtmf/telephone-event-receiver.ts';
import { ssrcOf } from '../rtp-packet.ts';
import type { PayloadRoutes } from './payload-routes.ts';
import type { RelayedPacket } from './relayed-packet.ts';
import type { Suppression } from './suppression.ts';
import type { ToneTap } from './tone-tap.ts';

/** How a media process saw a key. */
export const carriers = ['event', 'tone'] as const;
export type Carrier = (typeof carriers)[number];

/**
 * Where a call's presses go. `generation` is the lock under which the press began, 0 in the open; `at` is when it began,
 * whichever carrier told of it first.
 */
export type TakePress = (key: KeyCode, generation: number, at: number, carrier: Carrier) => void;

/** The event in hand that a packet repeats. One for all calls: they are served one after another. */
const repeated = emptyEventPacket();

/**
 * The customer's keys, by events and by tones. Entry makes one key of the two reports of one press; here it is seen to that
 * they are no more than two, and that both name its beginning when one is under way as the other comes.
 */
export class CallerKeys {
  /** When the last packet of any press came. */
  lastAt = Number.NEGATIVE_INFINITY;
  readonly #receiver = new TelephoneEventReceiver();
  readonly #suppression: Suppression;
  readonly #take: TakePress;
  /** Whether the newest event belongs to the field, and whether its tone has been told of. */
  #owned = false;
  #paired = false;

  constructor(suppression: Suppression, take: TakePress) {
    this.#suppression = suppression;
    this.#take = take;
  }

  /** Whether an event says that a key is down. */
  held(now: number): boolean {
    return this.#receiver.held(now);
  }

  /** `begunAt`: when the press began, where that is known. */
  event(packet: EventPacket, ear: ToneTap, begunAt = Number.NaN): EventVerdict {
    const verdict = this.#receiver.accept(packet);
    if (verdict !== 'other') this.lastAt = packet.at;
    if (verdict !== 'new') return verdict;
    const since = ear.downSince(packet.event, packet.at);
    this.#paired = !Number.isNaN(since);
    const dated = !Number.isNaN(begunAt);
    const owned = dated ? this.#suppression.ownsSince(begunAt) : this.#suppression.ownsPress(packet);
    this.#owned = owned && !(this.#paired && ear.early);
    const key = asKeyCode(packet.event);
    if (this.#owned && key !== undefined) {
      this.#take(key, this.#suppression.generation, this.#paired ? since : dated ? begunAt : packet.at, 'event');
    }
    return verdict;
  }

  /** Events that a later packet repeats (RFC 2198): news only where every packet of a press was lost. */
  repeated(red: RedundantPayload, packet: RelayedPacket, routes: PayloadRoutes, now: number, ear: ToneTap): void {
    for (let n = 0; n < red.count; n += 1) {
      if (routes.find(red.types[n] as number) && routes.isEvent) {
        this.#earlier(red, n, packet, routes.clockRate, now, ear);
      }
    }
  }

  #earlier(
    red: RedundantPayload,
    n: number,
    packet: RelayedPacket,
    clockRate: number,
    now: number,
    ear: ToneTap,
  ): void {
    const event = repeated;
    const start = red.starts[n] as number;
    event.ssrc = ssrcOf(packet.packet);
    event.sequence = (packet.sequence - red.count + n) & 0xffff;
    event.timestamp = (packet.timestamp - (red.offsets[n] as number)) >>> 0;
    event.marker = false;
    event.clockRate = clockRate;
    event.at = now;
    const begunAt = now - ((red.offsets[n] as number) * 1000) / clockRate;
    if (readEvent(packet.packet, start, red.ends[n] as number, event)) {
      // An old press may be told of now, but it does not hold anything back.
      const { lastAt } = this;
      this.#suppression.eventPasses(this.event(event, ear, begunAt), event);
      this.lastAt = lastAt;
    }
    wipeEvent(packet.packet, start);
    event.event = 0xff;
  }

  tone(key: KeyCode, at: number, early: boolean, now: number): void {
    if (early && this.#suppression.state !== 'open') return;
    const since = this.#receiver.downSince(key, now);
    const beside = !Number.isNaN(since);
    // A tone that breaks off and comes back under one event is one key.
    if (beside && (this.#paired || !this.#owned)) return;
    if (beside) this.#paired = true;
    this.#take(key, this.#suppression.generation, beside ? since : at, 'tone');
  }

  expire(now: number): void {
    this.#receiver.expire(now);
  }

  wipe(): void {
    this.#receiver.wipe();
  }
}
