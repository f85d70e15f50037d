const firstDynamic = 96;
const lastDynamic = 127;

/**
 * Payload types of one leg. A number that once stood for a codec stands for it as long as the session lasts, whoever
 * brought it up (RFC 3264 §8.3.2).
 */
export class PayloadNumbers {
  readonly #byKey = new Map<string, number>();

  /** The peer has used the number in an offer of its own; its word stands. */
  note(key: string, payloadType: number): void {
    for (const [other, number] of this.#byKey) if (number === payloadType && other !== key) this.#byKey.delete(other);
    this.#byKey.set(key, payloadType);
  }

  /** @returns the number for an offer of ours, `wanted` where it is free; undefined when there is none left. */
  numberFor(key: string, wanted: number): number | undefined {
    const known = this.#byKey.get(key);
    if (known !== undefined) return known;
    const used = new Set(this.#byKey.values());
    let number = wanted;
    for (let next = firstDynamic; used.has(number); next += 1) {
      if (next > lastDynamic) return undefined;
      number = next;
    }
    this.#byKey.set(key, number);
    return number;
  }
}
