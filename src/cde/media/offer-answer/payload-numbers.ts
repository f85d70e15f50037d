const firstDynamic = 96;
const lastDynamic = 127;

/**
 * Payload types of one leg. A number that once stood for a codec stands for it as long as the session lasts, whoever
 * brought it up (RFC 3264 §8.3.2).
 */
export class PayloadNumbers {
  /** There are few: names and numbers side by side take half the memory of a table. */
  readonly #keys: string[] = [];
  readonly #numbers: number[] = [];

  /** The peer has used the number in an offer of its own; its word stands. */
  note(key: string, payloadType: number): void {
    for (let at = this.#keys.length - 1; at >= 0; at -= 1) {
      if (this.#numbers[at] !== payloadType || this.#keys[at] === key) continue;
      this.#keys.splice(at, 1);
      this.#numbers.splice(at, 1);
    }
    this.#set(key, payloadType);
  }

  /** @returns the number for an offer of ours, `wanted` where it is free; undefined when there is none left. */
  numberFor(key: string, wanted: number): number | undefined {
    const known = this.#keys.indexOf(key);
    if (known >= 0) return this.#numbers[known];
    let number = wanted;
    for (let next = firstDynamic; this.#numbers.includes(number); next += 1) {
      if (next > lastDynamic) return undefined;
      number = next;
    }
    this.#set(key, number);
    return number;
  }

  #set(key: string, number: number): void {
    const known = this.#keys.indexOf(key);
    const at = known >= 0 ? known : this.#keys.length;
    this.#keys[at] = key;
    this.#numbers[at] = number;
  }
}
