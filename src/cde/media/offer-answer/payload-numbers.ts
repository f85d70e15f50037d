const firstDynamic = 96;
const lastDynamic = 127;

interface Numbered {
  readonly key: string;
  readonly payloadType: number;
}

/**
 * Payload types of one leg. A number that once stood for a codec stands for it as long as the session lasts, whoever
 * brought it up (RFC 3264 §8.3.2).
 */
export class PayloadNumbers {
  /** Made anew with each: a list that grows takes places for a dozen more, and a table twice as many. */
  #known: readonly Numbered[] = [];

  /** The peer has used the number in an offer of its own; its word stands. */
  note(key: string, payloadType: number): void {
    if (this.#known.some((one) => one.key === key && one.payloadType === payloadType)) return;
    const others = this.#known.filter((one) => one.key !== key && one.payloadType !== payloadType);
    this.#known = [...others, { key, payloadType }];
  }

  /** @returns the number for an offer of ours, `wanted` where it is free; undefined when there is none left. */
  numberFor(key: string, wanted: number): number | undefined {
    const known = this.#known.find((one) => one.key === key);
    if (known !== undefined) return known.payloadType;
    let payloadType = wanted;
    for (let next = firstDynamic; this.#known.some((one) => one.payloadType === payloadType); next += 1) {
      if (next > lastDynamic) return undefined;
      payloadType = next;
    }
    this.#known = [...this.#known, { key, payloadType }];
    return payloadType;
  }
}
