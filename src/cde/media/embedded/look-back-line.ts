import type { FillLoop } from './comfort-fill.ts';

const samplesPerMs = 8;

/**
 * Holds the customer's sound back for a moment, so that what turns out to be a key can still be taken out from its
 * beginning. Only the sound goes through it: packets keep their numbers and times, and each carries what came so long before.
 */
export class LookBackLine {
  readonly #bytes: Uint8Array;
  #at = 0;
  #sample = 0;

  constructor(ms: number) {
    this.#bytes = new Uint8Array(ms * samplesPerMs);
  }

  /** Empties the line: what comes out of it first is `fill`. */
  begin(fill: FillLoop): void {
    this.#at = 0;
    fill.write(this.#bytes, 0, this.#bytes.length, 0);
  }

  /** Puts bytes `start` to `end` of `packet` into the line and in their place what comes out. With `mute` all of the line, and they too, become `fill`. */
  exchange(packet: Uint8Array, start: number, end: number, mute: boolean, fill: FillLoop): void {
    const line = this.#bytes;
    const length = line.length;
    if (mute) {
      // What comes out next of the line is sample number `#sample`, what goes in now comes out after all of that.
      const tail = length - this.#at;
      fill.write(line, this.#at, tail, this.#sample);
      fill.write(line, 0, this.#at, this.#sample + tail);
      fill.write(packet, start, end - start, this.#sample + length);
    }
    this.#sample += end - start;
    let at = this.#at;
    for (let n = start; n < end; n += 1) {
      const out = line[at] as number;
      line[at] = packet[n] as number;
      packet[n] = out;
      at += 1;
      if (at === length) at = 0;
    }
    this.#at = at;
  }

  wipe(): void {
    this.#bytes.fill(0);
  }
}
