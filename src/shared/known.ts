/** Values that are kept at most; then all are forgotten, and those that come again are kept again. */
const knownMax = 64;

/** Values that are the same most of the time: the one that came first stands for all of them, so that it lies in memory once. */
export class Known<T extends object> {
  readonly #byText = new Map<string, T>();

  /** @returns what `make` makes of this text, or made of it before: nobody may change it. @throws what `make` throws, which is not kept. */
  from(text: string, make: () => T): T {
    const known = this.#byText.get(text);
    if (known !== undefined) return known;
    const value = make();
    if (this.#byText.size === knownMax) this.#byText.clear();
    this.#byText.set(text, value);
    return value;
  }
}
