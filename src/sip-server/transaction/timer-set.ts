import type { Clock, Timer } from '../../shared/clock.ts';
import type { TimerEffect } from './machine.ts';
import type { TimerName } from './timer-values.ts';

/** The running timers of one transaction. */
export class TimerSet {
  readonly #clock: Clock;
  readonly #fire: (timer: TimerName) => void;
  readonly #running = new Map<TimerName, Timer>();

  constructor(clock: Clock, fire: (timer: TimerName) => void) {
    this.#clock = clock;
    this.#fire = fire;
  }

  apply(effect: TimerEffect): void {
    this.#running.get(effect.timer)?.cancel();
    this.#running.delete(effect.timer);
    if (effect.kind === 'stop-timer') return;
    const timer = this.#clock.after(effect.ms, () => {
      this.#running.delete(effect.timer);
      this.#fire(effect.timer);
    });
    this.#running.set(effect.timer, timer);
  }

  stopAll(): void {
    for (const timer of this.#running.values()) timer.cancel();
    this.#running.clear();
  }
}
