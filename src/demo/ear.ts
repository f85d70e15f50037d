import { loudness } from './voice.ts';

/** Two seconds of what was heard, for those who want to listen too. */
export const packetsKept = 100;

export interface Hearing {
  readonly ear: 'nothing' | 'silence' | 'voice';
  /** telephone-event packets since the call began. */
  readonly eventPackets: number;
}

/** A pause between two syllables is no silence, so the loudest of this long counts. */
const memoryMs = 400;
/** Quieter than this, of 32767, nobody hears: −50 dBm0 and less is line noise. */
const audible = 60;

/** What arrives at a telephone, in words for people. Keeps levels, counts and the last sound; of an event not even its number is read. */
export class Ear {
  #packetAt = Number.NEGATIVE_INFINITY;
  #soundAt = Number.NEGATIVE_INFINITY;
  #eventPackets = 0;
  readonly #heard: Uint8Array[] = [];
  #packets = 0;

  audio(payload: Uint8Array, now: number): void {
    this.#packetAt = now;
    this.#packets += 1;
    this.#heard.push(Uint8Array.from(payload));
    if (this.#heard.length > packetsKept) this.#heard.shift();
    for (const byte of payload) if (loudness(byte) > audible) this.#soundAt = now;
  }

  event(): void {
    this.#eventPackets += 1;
  }

  /**
   * What was heard after packet number `after`, as far as it is kept.
   * @returns μ-law at 8 kHz, and the number of the last packet in it.
   */
  sound(after: number): { readonly last: number; readonly sound: Uint8Array } {
    const first = this.#packets - this.#heard.length;
    return { last: this.#packets, sound: Buffer.concat(this.#heard.slice(Math.max(0, after - first))) };
  }

  hearing(now: number): Hearing {
    const fresh = (at: number): boolean => now - at <= memoryMs;
    const ear = fresh(this.#soundAt) ? 'voice' : fresh(this.#packetAt) ? 'silence' : 'nothing';
    return { ear, eventPackets: this.#eventPackets };
  }
}
