import { asKeyCode, type KeyCode } from '../../dtmf/key-code.ts';
import type { PressSource } from '../media-engine.ts';
import type { KeyEvent } from './fsmrf.ts';

/** A press as FreeSWITCH told it, put back to where it began. */
export interface ToldPress {
  readonly key: KeyCode;
  readonly source: Exclude<PressSource, 'info'>;
  readonly at: number;
  readonly ms: number;
}

/** From the last packet of an event, or from where a tone is certain, to its word here. Measured as 45 ms; less is safer. */
const eventWayMs = 20;
const toneWayMs = 45;
const ticksPerMs = 8;
/** The longest that FreeSWITCH counts. */
const pressMsMax = 24_000;

const names = '0123456789*#ABCD';

/**
 * An end packet with a timestamp of its own is told as a key of its own, at most this much after the one before it (they come
 * every 20 to 50 ms); the next press of the same key, 40 ms down after 40 ms up, is told after 80 ms.
 */
const repeatMs = 55;

/**
 * One leg's presses. Whether the same key told again is another press is judged by FreeSWITCH's clock: ours may have read
 * the first word late and the second one in time. Event and tone of one press are told apart by their source and named
 * by the same beginning, by which the press merger makes one of them.
 */
export class PressBook {
  #key: KeyCode | undefined;
  #toldAt = Number.NEGATIVE_INFINITY;

  /** @returns undefined for what is no key, or no new press. */
  told(event: KeyEvent, now: number): ToldPress | undefined {
    const key = event.dtmf.length === 1 ? asKeyCode(names.indexOf(event.dtmf.toUpperCase())) : undefined;
    if (key === undefined) return undefined;
    if (event.source === 'INBAND_AUDIO') return { key, source: 'tone', at: now - toneWayMs, ms: toneWayMs };
    if (event.source !== 'RTP') return undefined;
    const ms = Math.min(pressMsMax, Math.max(0, Number(event.duration) / ticksPerMs || 0));
    // A press that was long is not made again any sooner than it took.
    const again = key === this.#key && event.toldAt - this.#toldAt < Math.max(repeatMs, ms / 2);
    this.#key = key;
    this.#toldAt = event.toldAt;
    return again ? undefined : { key, source: 'event', at: now - ms - eventWayMs, ms };
  }

  /** Which key was the last one. */
  wipe(): void {
    this.#key = undefined;
  }
}
