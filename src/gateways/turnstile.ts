/** Lets so many through at one time, in the order of their coming; the others wait. */
export class Turnstile {
  readonly #places: number;
  readonly #waiting: (() => void)[] = [];
  #inside = 0;

  constructor(places: number) {
    this.#places = places;
  }

  async pass<T>(run: () => Promise<T>): Promise<T> {
    if (this.#inside >= this.#places) await new Promise<void>((enter) => this.#waiting.push(enter));
    else this.#inside += 1;
    try {
      return await run();
    } finally {
      const next = this.#waiting.shift();
      // Who goes out gives the place to the next.
      if (next === undefined) this.#inside -= 1;
      else next();
    }
  }
}
