/** Values that are kept at most; then the one that has been kept longest goes. */
const knownMax = 64;

interface Kept<T> {
  readonly parts: readonly unknown[];
  readonly value: T;
}

/** As {@link Known}, for what follows from parts that are the same objects most of the time: these are not looked into. */
export class KnownOf<T> {
  readonly #kept: Kept<T>[] = [];

  /** @returns what `make` makes of these parts, or made of them before: nobody may change it. @throws what `make` throws, which is not kept. */
  from(parts: readonly unknown[], make: () => T): T {
    const known = this.#kept.find((one) => one.parts.every((part, n) => part === parts[n]));
    if (known !== undefined) return known.value;
    const value = make();
    if (this.#kept.length === knownMax) this.#kept.shift();
    this.#kept.push({ parts, value });
    return value;
  }
}
