import { registerWipeable, unregisterWipeable } from '../entry/wipe-registry.ts';
import type { PressSource } from '../media/media-engine.ts';
import type { KeyCode } from './key-code.ts';

/** One press as one way of carrying it reported it. */
export interface Arrival {
  readonly key: KeyCode;
  readonly source: PressSource;
  /** Monotonic milliseconds at the first packet of the press. */
  readonly at: number;
  /** For a report that may come at the end of the press (SIP INFO with a duration): how long the press was. */
  readonly heldMs: number | null;
}

/** A tone is heard, or made into an event by a gateway on the way, this much later at most. */
export const packetWindowMs = 500;
/** SIP INFO over UDP is sent again after 500 ms (RFC 3261 §17.1.2.2, T1), so its copy of a key may come that much later still. */
export const infoWindowMs = 1_000;
/** The newest key may still be held down, and its INFO comes when it is let go. */
export const longestHeldMs = 5_000;
/** No finger presses more keys than this within a window. */
const places = 32;

const nothing = new Uint8Array(0);
const never = new Float64Array(0);

const sourceBit = { event: 1, tone: 2, info: 4 } as const satisfies Record<PressSource, number>;

/**
 * Makes one key of whatever mixture of events, tones and INFOs carries it. Reports are matched one to one: a report
 * belongs to the oldest key of the same name within the window that its own source has not reported yet; where there is
 * none it is a key of its own. So a key pressed twice and sent both ways is two keys.
 *
 * What it remembers is digits, so it remembers as little as it can, in bytes of its own: call {@link forget} when the
 * window after the last key has passed.
 */
export class PressMerger {
  /** There from the first key on: most calls never have one. */
  #keys = nothing;
  /** Which sources have reported the key, as bits; 0 is a free place. */
  #sources = nothing;
  #times = never;
  #count = 0;

  constructor() {
    registerWipeable(this);
  }

  /** Keys still remembered. */
  get size(): number {
    return this.#count;
  }

  /** @returns whether it is a key that no other report has brought before. */
  isNew(arrival: Arrival): boolean {
    this.forget(arrival.at - (arrival.heldMs ?? 0));
    for (let at = 0; at < this.#count; at += 1) {
      if (!this.#isCopy(at, arrival)) continue;
      this.#sources[at] = (this.#sources[at] ?? 0) | sourceBit[arrival.source];
      return false;
    }
    if (this.#keys === nothing) this.#takePlace();
    if (this.#count === places) this.#dropOldest(1);
    this.#keys[this.#count] = arrival.key;
    this.#sources[this.#count] = sourceBit[arrival.source];
    this.#times[this.#count] = arrival.at;
    this.#count += 1;
    return true;
  }

  /** Forgets the keys that no later report can belong to any more; the newest is kept for as long as it may be held. */
  forget(now: number): void {
    let old = 0;
    while (old < this.#count && now - (this.#times[old] ?? 0) > this.#memoryMs(old)) old += 1;
    this.#dropOldest(old);
  }

  wipe(): void {
    this.#dropOldest(this.#count);
  }

  [Symbol.dispose](): void {
    this.wipe();
    unregisterWipeable(this);
  }

  #takePlace(): void {
    // Outside of the heap, whose collector moves what is young and leaves copies.
    this.#keys = new Uint8Array(new ArrayBuffer(places));
    this.#sources = new Uint8Array(places);
    this.#times = new Float64Array(places);
  }

  #memoryMs(at: number): number {
    return at === this.#count - 1 ? infoWindowMs + longestHeldMs : infoWindowMs;
  }

  #isCopy(at: number, { key, source, at: when, heldMs }: Arrival): boolean {
    const seen = this.#sources[at] ?? 0;
    if (this.#keys[at] !== key || (seen & sourceBit[source]) !== 0) return false;
    const window = source === 'info' || seen === sourceBit.info ? infoWindowMs : packetWindowMs;
    const start = this.#times[at] ?? 0;
    return Math.min(Math.abs(when - start), Math.abs(when - (heldMs ?? 0) - start)) <= window;
  }

  #dropOldest(number: number): void {
    if (number === 0) return;
    this.#keys.copyWithin(0, number);
    this.#sources.copyWithin(0, number);
    this.#times.copyWithin(0, number);
    this.#count -= number;
    this.#keys.fill(0, this.#count);
    this.#sources.fill(0, this.#count);
    this.#times.fill(0, this.#count);
  }
}
