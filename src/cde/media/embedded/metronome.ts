/** Something that must be called when its time has come; {@link tick} says when that is next, infinity for never. */
export interface Ticking {
  tick(now: number): number;
}

/** Node's timers count whole milliseconds; what is due within this much is done now. */
const slackMs = 0.5;

/** Calls everything that ticks at its own absolute times, so that no delay adds up, from one timer of the process. */
export class Metronome {
  readonly #due = new Map<Ticking, number>();
  #timer: NodeJS.Timeout | undefined;
  #armedFor = Number.POSITIVE_INFINITY;

  /** Calls `ticking` at once and from then on whenever it asks. */
  wake(ticking: Ticking): void {
    this.#due.set(ticking, 0);
    this.#arm(performance.now());
  }

  remove(ticking: Ticking): void {
    this.#due.delete(ticking);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#due.clear();
  }

  #run(): void {
    this.#armedFor = Number.POSITIVE_INFINITY;
    const now = performance.now();
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
    if (at >= this.#armedFor) return;
    clearTimeout(this.#timer);
    this.#armedFor = at;
    this.#timer = setTimeout(() => this.#run(), Math.max(0, at - performance.now()));
  }
}
