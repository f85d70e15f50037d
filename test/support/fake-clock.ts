import type { Clock, Timer } from '../../src/shared/clock.ts';

interface Waiting {
  readonly at: number;
  readonly order: number;
  readonly fire: () => void;
}

/** Rounds of the event loop given to promises between two steps of {@link FakeClock.run}. */
const settleRounds = 5;

/** A clock whose hands the test turns. Timers fire in the order of their times, those of one time in order of starting. */
export class FakeClock implements Clock {
  #elapsed = 0;
  #epoch: number;
  #order = 0;
  readonly #waiting = new Set<Waiting>();

  constructor(epoch = Date.UTC(2026, 0, 1)) {
    this.#epoch = epoch;
  }

  /** Timers that have neither fired nor been cancelled: zero when everything was put away. */
  get pending(): number {
    return this.#waiting.size;
  }

  now(): number {
    return this.#epoch + this.#elapsed;
  }

  monotonic(): number {
    return this.#elapsed;
  }

  after(ms: number, fire: () => void): Timer {
    const waiting = { at: this.#elapsed + ms, order: this.#order++, fire };
    this.#waiting.add(waiting);
    return { cancel: () => void this.#waiting.delete(waiting) };
  }

  /** Turns the wall clock alone, as an operator or NTP does; monotonic time and timers do not notice. */
  step(ms: number): void {
    this.#epoch += ms;
  }

  /** Turns the hands by `ms`, firing on the way what is due, also timers that a firing one starts. Synchronous. */
  advance(ms: number): void {
    const end = this.#elapsed + ms;
    for (let next = this.#next(end); next !== undefined; next = this.#next(end)) this.#fire(next);
    this.#elapsed = end;
  }

  /** As {@link advance}, but lets promises settle before and after every timer. */
  async run(ms: number): Promise<void> {
    const end = this.#elapsed + ms;
    await settle();
    for (let next = this.#next(end); next !== undefined; next = this.#next(end)) {
      this.#fire(next);
      await settle();
    }
    this.#elapsed = end;
    await settle();
  }

  #fire(due: Waiting): void {
    this.#waiting.delete(due);
    this.#elapsed = Math.max(this.#elapsed, due.at);
    due.fire();
  }

  #next(end: number): Waiting | undefined {
    let next: Waiting | undefined;
    for (const one of this.#waiting) {
      if (one.at > end) continue;
      if (next === undefined || one.at < next.at || (one.at === next.at && one.order < next.order)) next = one;
    }
    return next;
  }
}

/** Lets everything that waits for nothing but promises and immediates come to its end. */
export async function settle(): Promise<void> {
  for (let round = 0; round < settleRounds; round += 1) await new Promise<void>((resolve) => setImmediate(resolve));
}
