/** A timer that was started; `cancel` is harmless after it fired and when called twice. */
export interface Timer {
  cancel(): void;
}

/** The one source of time. Rooms take it as a parameter, so that tests turn the hands themselves and never sleep. */
export interface Clock {
  /** Wall clock, milliseconds since 1970; for records that people read. */
  now(): number;
  /** Milliseconds that never jump; for measuring and ordering. */
  monotonic(): number;
  /** Calls `fire` once after `ms` milliseconds. The process may end while it waits. */
  after(ms: number, fire: () => void): Timer;
}

class SystemTimer implements Timer {
  readonly #handle: NodeJS.Timeout;

  constructor(ms: number, fire: () => void) {
    this.#handle = setTimeout(fire, ms);
  }

  cancel(): void {
    clearTimeout(this.#handle);
  }
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after: (ms, fire) => new SystemTimer(ms, fire),
};
