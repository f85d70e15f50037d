import { loudness } from './voice.ts';

export interface Hearing {
  readonly ear: 'nothing' | 'silence' | 'voice';
  /** telephone-event packets since the call began. */
  readonly eventPackets: number;
}

/** A pause between two syllables is no silence, so the loudest of this long counts. */
const memoryMs = 400;
/** Quieter than this, of 32767, nobody hears: −50 dBm0 and less is line noise. */
const audible = 60;

/** What arrives at a telephone, in words for people. Keeps levels and counts; of an event not even its number is read. */
export class Ear {
  #packetAt = Number.NEGATIVE_INFINITY;
  #soundAt = Number.NEGATIVE_INFINITY;
  #eventPackets = 0;

  audio(payload: Uint8Array, now: number): void {
    this.#packetAt = now;
    for (const byte of payload) if (loudness(byte) > audible) this.#soundAt = now;
  }

  event(): void {
    this.#eventPackets += 1;
  }

  hearing(now: number): Hearing {
    const fresh = (at: number): boolean => now - at <= memoryMs;
    const ear = fresh(this.#soundAt) ? 'voice' : fresh(this.#packetAt) ? 'silence' : 'nothing';
    return { ear, eventPackets: this.#eventPackets };
  }
}
