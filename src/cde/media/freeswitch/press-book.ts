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
 * One leg's presses. FreeSWITCH tells an event once for each end packet that has a timestamp of its own: what begins before
 * the press of the same key had ended is that press. Event and tone of one press are told apart by their source and named
 * by the same beginning, by which the press merger makes one of them.
 */
export class PressBook {
  #key: KeyCode | undefined;
  #until = Number.NEGATIVE_INFINITY;

  /** @returns undefined for what is no key, or no new press. */
  told(event: KeyEvent, now: number): ToldPress | undefined {
    const key = event.dtmf?.length === 1 ? asKeyCode(names.indexOf(event.dtmf.toUpperCase())) : undefined;
    if (key === undefined) return undefined;
    if (event.source === 'INBAND_AUDIO') return { key, source: 'tone', at: now - toneWayMs, ms: toneWayMs };
    if (event.source !== 'RTP') return undefined;
    const ms = Math.min(pressMsMax, Math.max(0, Number(event.duration ?? 0) / ticksPerMs || 0));
    const at = now - ms - eventWayMs;
    const again = key === this.#key && at < this.#until;
    this.#key = key;
    this.#until = now;
    return again ? undefined : { key, source: 'event', at, ms };
  }

  /** Which key was the last one. */
  wipe(): void {
    this.#key = undefined;
  }
}
