import type { Alarm } from './rtp-io.ts';

/** An alarm on a timer of Node's, which counts whole milliseconds. */
export class TimerAlarm implements Alarm {
  readonly #ring: () => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(ring: () => void) {
    this.#ring = ring;
  }

  set(at: number): void {
    clearTimeout(this.#timer);
    this.#timer =
      at === Number.POSITIVE_INFINITY ? undefined : setTimeout(this.#ring, Math.max(0, at - performance.now()));
  }
}
