import type { KeyRecord } from './key-pipe.ts';

/** Presses that may wait for the confirmation of a lock; it takes a millisecond, so more are a fault. */
const earlyMax = 8;
const generationMax = 0xfffe;

/**
 * The room's side of a call's lock. Keys and answers come from the media process by different pipes, so their order says
 * nothing: each press carries the number of the lock under which it began, and only those of the lock in force are let in.
 */
export class CallLock {
  #generation = 0;
  #last = 0;
  #confirmed = false;
  #early: KeyRecord[] = [];

  /** Number of the lock that was asked for last and not released; 0 in the open. */
  get generation(): number {
    return this.#generation;
  }

  /** A lock is asked for, by a new number: presses of an earlier one are no longer let in. */
  ask(): number {
    this.#last = (this.#last % generationMax) + 1;
    this.#generation = this.#last;
    this.#confirmed = false;
    this.#early = [];
    return this.#last;
  }

  /** @returns the presses that came before the confirmation, in order. */
  confirm(generation: number): KeyRecord[] {
    if (generation !== this.#generation) return [];
    this.#confirmed = true;
    const early = this.#early;
    this.#early = [];
    return early;
  }

  /** The lock with that number is no longer in force; a later one stays. */
  release(generation: number): void {
    if (generation !== this.#generation) return;
    this.#generation = 0;
    this.wipe();
  }

  /** Whether the press belongs to what is in force now. One that came too early is kept for {@link confirm}. */
  admits(record: KeyRecord): boolean {
    if (record.generation !== this.#generation) return false;
    if (this.#generation === 0 || this.#confirmed) return true;
    if (this.#early.length < earlyMax) this.#early.push(record);
    return false;
  }

  wipe(): void {
    this.#early = [];
  }
}
