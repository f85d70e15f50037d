import type { Clock, Timer } from '../shared/clock.ts';

/** So far apart messages that others may join are sent, when there are many. */
const apartMs = 40;
/** Together, at most: whoever takes them does nothing else meanwhile, and in a media process sound waits for that. */
const togetherMost = 16;

/**
 * Messages that lose nothing by going together: to wake a process costs more than what most of them ask for. The first one
 * goes at once; those that come within {@link apartMs} after one has gone wait for the end of that time.
 */
export class Coalescer {
  readonly #clock: Clock;
  readonly #send: (messages: readonly unknown[]) => void;
  #waiting: unknown[] = [];
  #timer: Timer | undefined;

  constructor(clock: Clock, send: (messages: readonly unknown[]) => void) {
    this.#clock = clock;
    this.#send = send;
  }

  add(message: unknown): void {
    this.#waiting.push(message);
    if (this.#timer === undefined || this.#waiting.length >= togetherMost) this.flush();
  }

  /** Sends what waits. */
  flush(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    const messages = this.#waiting;
    if (messages.length === 0) return;
    this.#waiting = [];
    this.#timer = this.#clock.after(apartMs, () => this.flush());
    this.#send(messages);
  }

  /** Forgets what waits: nobody is left who would take it. */
  drop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#waiting = [];
  }
}
