const hash = 0x23;
const maxDigits = 7;

/**
 * Cuts what an application sends into payloads: `<length>#<payload>`, length in bytes, nothing in between.
 * Holds at most one unfinished payload of `limitBytes`.
 */
export class ClientFramer {
  readonly #limitBytes: number;
  #chunks: Buffer[] = [];
  #held = 0;
  #wanted: number | undefined;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  /** @returns the payloads that are whole now, or undefined if the stream is no such stream or a payload is too long. */
  push(chunk: Buffer): readonly Buffer[] | undefined {
    this.#chunks.push(chunk);
    this.#held += chunk.length;
    const payloads: Buffer[] = [];
    while (this.#held > 0 && this.#held >= (this.#wanted ?? 0)) {
      if (this.#wanted !== undefined) {
        payloads.push(this.#take(this.#wanted));
        this.#wanted = undefined;
        continue;
      }
      const bytes = this.#joined();
      const at = bytes.subarray(0, maxDigits + 1).indexOf(hash);
      const digits = bytes.toString('latin1', 0, at === -1 ? Math.min(bytes.length, maxDigits + 1) : at);
      if (!/^\d{1,7}$/.test(digits) || Number(digits) > this.#limitBytes || Number(digits) === 0) return undefined;
      if (at === -1) break;
      this.#take(at + 1);
      this.#wanted = Number(digits);
    }
    return payloads;
  }

  #joined(): Buffer {
    const bytes = this.#chunks.length === 1 ? (this.#chunks[0] as Buffer) : Buffer.concat(this.#chunks);
    this.#chunks = [bytes];
    return bytes;
  }

  #take(count: number): Buffer {
    const bytes = this.#joined();
    this.#held -= count;
    this.#chunks = this.#held === 0 ? [] : [bytes.subarray(count)];
    return bytes.subarray(0, count);
  }
}
