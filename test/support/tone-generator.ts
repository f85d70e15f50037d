import { alawTable, ulawTable } from '../../src/cde/dtmf/g711.ts';

/** Sound for detectors of keys: presses of every shape, what may lie over them, and what may become of them on the way. */
const rate = 8000;
const rows = [697, 770, 852, 941];
const columns = [1209, 1336, 1477, 1633];
export const keypad = '123A456B789C*0#D';

export interface PressShape {
  readonly ms?: number;
  /** Level of the stronger tone. */
  readonly dbm0?: number;
  /** High over low. */
  readonly twistDb?: number;
  /** Deviations of the two tones, as shares of their frequency, and in Hz beside. */
  readonly rowOff?: number;
  readonly columnOff?: number;
  readonly offHz?: number;
  /** A break in the press: from, and how long. */
  readonly pause?: readonly [atMs: number, ms: number];
}

export interface PlacedPress {
  readonly key: string;
  readonly start: number;
  readonly end: number;
}

/** Peak of a sine of a level; 0 dBm0 lies 3.14 dB below full scale (G.711). */
export const peakOf = (dbm0: number): number => 32767 * 10 ** ((dbm0 - 3.14) / 20);
export const samplesOf = (ms: number): number => Math.round((ms * rate) / 1000);

/** Numbers between 0 and 1 that are the same in each run (xorshift32). */
export function seededRandom(seed: number): () => number {
  let state = seed | 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

/** A track that is put together from left to right, then laid over with other sound, then taken as samples. */
export class ToneTrack {
  readonly presses: PlacedPress[] = [];
  readonly #random: () => number;
  #sound: number[] = [];

  constructor(seed = 1) {
    this.#random = seededRandom(seed);
  }

  silence(ms: number): this {
    const length = this.#sound.length + samplesOf(ms);
    while (this.#sound.length < length) this.#sound.push(0);
    return this;
  }

  /** A sine alone. */
  sine(hz: number, ms: number, dbm0: number): this {
    const phase = this.#random() * 2 * Math.PI;
    const count = samplesOf(ms);
    for (let n = 0; n < count; n += 1) {
      this.#sound.push(peakOf(dbm0) * Math.sin((2 * Math.PI * hz * n) / rate + phase));
    }
    return this;
  }

  press(key: string, shape: PressShape = {}): this {
    const { ms = 50, dbm0 = -10, twistDb = 0, rowOff = 0, columnOff = 0, offHz = 0, pause } = shape;
    const place = keypad.indexOf(key);
    const tones = [
      { hz: (rows[place >> 2] ?? 0) * (1 + rowOff) + offHz, dbm0: dbm0 - Math.max(0, twistDb) },
      { hz: (columns[place & 3] ?? 0) * (1 + columnOff) + offHz, dbm0: dbm0 + Math.min(0, twistDb) },
    ].map((tone) => ({ turn: (2 * Math.PI * tone.hz) / rate, peak: peakOf(tone.dbm0), phase: this.#random() * 7 }));
    const start = this.#sound.length;
    const from = samplesOf(pause?.[0] ?? 0);
    const to = from + samplesOf(pause?.[1] ?? 0);
    for (let n = 0; n < samplesOf(ms); n += 1) {
      const heard = n >= from && n < to ? 0 : 1;
      this.#sound.push(heard * tones.reduce((sum, t) => sum + t.peak * Math.sin(t.turn * n + t.phase), 0));
    }
    this.presses.push({ key, start, end: this.#sound.length });
    return this;
  }

  /** Lays white noise of a power over the whole track. */
  underNoise(dbm0: number): this {
    const deviation = peakOf(dbm0) / Math.SQRT2;
    return this.#over(() => {
      const radius = Math.sqrt(-2 * Math.log(1 - this.#random()));
      return deviation * radius * Math.cos(2 * Math.PI * this.#random());
    });
  }

  underSine(hz: number, dbm0: number): this {
    return this.#over((n) => peakOf(dbm0) * Math.sin((2 * Math.PI * hz * n) / rate));
  }

  withEcho(delayMs: number, db: number): this {
    const dry = [...this.#sound];
    return this.#over((n) => (dry[n - samplesOf(delayMs)] ?? 0) * 10 ** (db / 20));
  }

  /** Loses the 20 ms packets that are named by number: silence, or the packet before it at 0.8 of its size. */
  losing(packets: readonly number[], fill: 'silence' | 'repeat'): this {
    for (const packet of packets) {
      for (let n = packet * 160; n < (packet + 1) * 160; n += 1) {
        this.#sound[n] = fill === 'silence' ? 0 : 0.8 * (this.#sound[n - 160] ?? 0);
      }
    }
    return this;
  }

  /** The track as it comes out of the line's codec. */
  samples(law: 'ulaw' | 'alaw' | 'linear' = 'ulaw'): Int16Array {
    const linear = Int16Array.from(this.#sound, (x) => Math.max(-32768, Math.min(32767, Math.round(x))));
    if (law === 'linear') return linear;
    const heard = law === 'ulaw' ? heardByUlaw : heardByAlaw;
    return linear.map((x) => heard[x + 32768] ?? 0);
  }

  #over(sound: (n: number) => number): this {
    this.#sound = this.#sound.map((x, n) => x + sound(n));
    return this;
  }
}

/** What is heard of each 16-bit sample: the value of the code table that lies nearest. */
function nearestOf(table: Int16Array): Int16Array {
  const values = [...new Set(table)].sort((a, b) => a - b);
  const heard = new Int16Array(65536);
  let at = 0;
  for (let x = -32768; x < 32768; x += 1) {
    while (at + 1 < values.length && Math.abs((values[at + 1] ?? 0) - x) <= Math.abs((values[at] ?? 0) - x)) at += 1;
    heard[x + 32768] = values[at] ?? 0;
  }
  return heard;
}
const heardByUlaw = nearestOf(ulawTable);
const heardByAlaw = nearestOf(alawTable);
