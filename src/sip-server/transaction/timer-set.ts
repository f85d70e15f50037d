import type { Clock, Timer } from '../../shared/clock.ts';
import type { TimerEffect } from './machine.ts';
import type { TimerName } from './timer-values.ts';

interface Running {
  readonly name: TimerName;
  readonly timer: Timer;
  next: Running | undefined;
}

/** The running timers of one transaction: one or two, for which a chain needs a fraction of a table's memory. */
export class TimerSet {
  readonly #clock: Clock;
  readonly #fire: (timer: TimerName) => void;
  #first: Running | undefined;

  constructor(clock: Clock, fire: (timer: TimerName) => void) {
    this.#clock = clock;
    this.#fire = fire;
  }

  apply(effect: TimerEffect): void {
    const name = effect.timer;
    this.#take(name)?.cancel();
    if (effect.kind === 'stop-timer') return;
    const timer = this.#clock.after(effect.ms, () => {
      this.#take(name);
      this.#fire(name);
    });
    this.#first = { name, timer, next: this.#first };
  }

  stopAll(): void {
    for (let one = this.#first; one !== undefined; one = one.next) one.timer.cancel();
    this.#first = undefined;
  }

  /** The running timer of that name, which is no longer one of the set. */
  #take(name: TimerName): Timer | undefined {
    let before: Running | undefined;
    for (let one = this.#first; one !== undefined; one = one.next) {
      if (one.name === name) {
        if (before === undefined) this.#first = one.next;
        else before.next = one.next;
        return one.timer;
      }
      before = one;
    }
    return undefined;
  }
}
