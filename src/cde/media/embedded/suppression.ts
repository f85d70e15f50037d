import type { EventPacket } from '../../dtmf/telephone-event.ts';
import type { EventVerdict } from '../../dtmf/telephone-event-receiver.ts';

/** So long after the last packet of a press its sound is taken to go on. */
export const hangoverMs = 40;
/** A release waits no longer than this for a key that is held down; its packets stay suppressed after that too. */
export const releaseLimitMs = 5000;
/**
 * A release is told first and done so much later: the word that the call is open again travels through other processes, and
 * nobody may hear the customer before it.
 */
export const leavingMs = 100;
/** Late packets of so many presses are told from new ones; as many must begin in the open before they are passed on. */
const pressesRemembered = 8;
/** A first packet that tells of more than this has lost its predecessors, and its duration tells when the key went down. */
const lostStartMs = 100;
/** So long after the opening a press of which nothing but an end is seen is taken for one of the lock: its name was changed on the way, or its packets were lost. */
const lateEndMs = 2000;

type State = 'open' | 'secured' | 'releasing' | 'leaving';

/**
 * The lock of one call: what may pass from the customer to the agent, and which presses belong to the field. Time comes
 * from outside. Whatever is not certainly of the open time is suppressed: the press that was in progress when the lock
 * came, every press that began under it, and their late and repeated packets, also after the release.
 */
export class Suppression {
  #state: State = 'open';
  #generation = 0;
  #since = 0;
  #renewedAt = 0;
  #limitAt = 0;
  #openAt = Number.NEGATIVE_INFINITY;
  #shadowed = false;
  #openPresses = pressesRemembered;

  get state(): State {
    return this.#state;
  }

  /** Number of the lock in force, by which the presses under it are known; 0 in the open. */
  get generation(): number {
    return this.#state === 'open' ? 0 : this.#generation;
  }

  /** Whether a lock is in force and its release has not been told. */
  get locked(): boolean {
    return this.#state === 'secured' || this.#state === 'releasing';
  }

  get since(): number {
    return this.#since;
  }

  /** @returns false when the call was secured already: nothing changes but the generation, which is renewed. */
  secure(generation: number, now: number): boolean {
    const fresh = this.#state === 'open' || this.#state === 'leaving';
    this.#state = 'secured';
    this.#generation = generation;
    this.#shadowed = true;
    this.#openPresses = 0;
    if (fresh) this.#since = now;
    this.#renewedAt = now;
    return fresh;
  }

  askRelease(now: number): void {
    if (this.#state !== 'secured') return;
    this.#state = 'releasing';
    this.#limitAt = now + releaseLimitMs;
  }

  /** @returns `told` when a release that was asked for is certain now, `done` when the call is open from now on. */
  releases(now: number, held: boolean, lastPressAt: number): 'told' | 'done' | undefined {
    if (this.#state === 'releasing' && (now >= this.#limitAt || (!held && now - lastPressAt >= hangoverMs))) {
      this.#state = 'leaving';
      this.#openAt = now + leavingMs;
      return 'told';
    }
    if (this.#state !== 'leaving' || now < this.#openAt) return undefined;
    this.#state = 'open';
    return 'done';
  }

  /** Whether customer audio may pass. After a release whose limit was reached, a key still held keeps it back. */
  audioPasses(held: boolean): boolean {
    return this.#state === 'open' && !(this.#shadowed && held);
  }

  /** Whether a telephone-event packet may pass, which moves the memory on: to be asked once for every packet. */
  eventPasses(verdict: EventVerdict, packet: EventPacket): boolean {
    const open = this.#state === 'open';
    if (verdict === 'new') {
      this.#shadowed = !open || this.#isLate(packet);
      this.#openPresses = this.#shadowed ? 0 : Math.min(pressesRemembered, this.#openPresses + 1);
    }
    if (!open) return false;
    if (verdict === 'earlier') return this.#openPresses >= pressesRemembered;
    return verdict === 'other' || !this.#shadowed;
  }

  /** Whether a press that is seen for the first time in the open began before it. */
  #isLate({ at, duration, clockRate, end }: EventPacket): boolean {
    const since = at - this.#openAt;
    return (duration * 1000) / clockRate > since + lostStartMs || (end && since < lateEndMs);
  }

  /** Whether a press that began at `at` did so under the lock, if there is one. */
  ownsSince(at: number): boolean {
    return this.#state === 'open' || at >= this.#renewedAt;
  }

  /** Whether a press seen for the first time began under the lock, if there is one: else it is no key of the field. */
  ownsPress(packet: EventPacket): boolean {
    const heldMs = (packet.duration * 1000) / packet.clockRate;
    return heldMs < lostStartMs || this.ownsSince(packet.at - heldMs);
  }
}
