const everyMs = 2;

/** How late this process was with its own timers: what a test measures in real time may be off by as much. */
export class LoopLag {
  worstMs = 0;
  #due = performance.now() + everyMs;
  readonly #timer: NodeJS.Timeout;

  constructor() {
    this.#timer = setInterval(() => {
      const now = performance.now();
      this.worstMs = Math.max(this.worstMs, now - this.#due);
      this.#due = now + everyMs;
    }, everyMs);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}
