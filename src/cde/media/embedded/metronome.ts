import type { Alarm } from './rtp-io.ts';

/** Something that must be called when its time has come; {@link tick} says when that is next, infinity for never. */
export interface Ticking {
  tick(now: number): number;
}

/** What is due within this much is done now. */
const slackMs = 0.5;
/** Rounds are no closer together than this, so that many calls share one: half of it is how late a tick is on average. */
const roundMs = 2;

/** Calls everything that ticks at its own absolute times, so that no delay adds up, from one alarm of the process. */
export class Metronome {
  readonly #due = new Map<Ticking, number>();
  readonly #alarm: Alarm;
  #armedFor = Number.POSITIVE_INFINITY;
  #lastRound = Number.NEGATIVE_INFINITY;

  constructor(alarm: (ring: () => void) => Alarm) {
    this.#alarm = alarm(() => this.#run());
  }

  /** Calls `ticking` soon and from then on whenever it asks. */
  wake(ticking: Ticking): void {
    this.#due.set(ticking, 0);
    this.#arm(performance.now());
  }

  remove(ticking: Ticking): void {
    this.#due.delete(ticking);
  }

  stop(): void {
    this.#alarm.set(Number.POSITIVE_INFINITY);
    this.#due.clear();
  }

  #run(): void {
    this.#armedFor = Number.POSITIVE_INFINITY;
    const now = performance.now();
    this.#lastRound = now;
    let next = Number.POSITIVE_INFINITY;
    for (const [ticking, due] of this.#due) {
      let then = due;
      if (due <= now + slackMs) {
        then = ticking.tick(now + slackMs);
        if (then === Number.POSITIVE_INFINITY) this.#due.delete(ticking);
        else this.#due.set(ticking, then);
      }
      if (then < next) next = then;
    }
    this.#arm(next);
  }

  #arm(at: number): void {
    const then = Math.max(at, this.#lastRound + roundMs);
    if (then >= this.#armedFor || at === Number.POSITIVE_INFINITY) return;
    this.#armedFor = then;
    this.#alarm.set(then);
  }
}
