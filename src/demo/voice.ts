/** Samples of one packet: 20 ms at 8 kHz. */
export const samplesPerPacket = 160;
const rate = 8000;
/** 1.6 s, in which every sound below fits whole cycles, so that the loop has no seam. */
const loopPackets = 80;

export interface VoiceOptions {
  readonly pitchHz: number;
  /** Amplitude of the fundamental, of 32767. */
  readonly level: number;
}

/** A low-voiced hum that swells like syllables. All of it lies below 600 Hz: nothing in it can be taken for a key. */
export function hum({ pitchHz, level }: VoiceOptions): readonly Uint8Array[] {
  const sample = (at: number): number => {
    const t = at / rate;
    const swell = Math.sin(Math.PI * 3.125 * t) ** 2;
    const tone = Math.sin(2 * Math.PI * pitchHz * t) + 0.4 * Math.sin(4 * Math.PI * pitchHz * t);
    return level * swell * tone;
  };
  return Array.from({ length: loopPackets }, (_, packet) =>
    Uint8Array.from({ length: samplesPerPacket }, (_, at) => encode(sample(packet * samplesPerPacket + at))),
  );
}

/** Rows and columns of a keypad, in hertz (ITU-T Q.23 §5). */
const rows = [941, 697, 697, 697, 770, 770, 770, 852, 852, 852, 941, 941];
const columns = [1336, 1209, 1336, 1477, 1209, 1336, 1477, 1209, 1336, 1477, 1209, 1477];
/** Some −10 dBm0 each, the higher one a little louder, as telephones send them. */
const [rowLevel, columnLevel] = [6200, 7400];

/** One packet of the sound that a key makes, `age` packets after it went down; keys are numbered as RFC 4733 §3.2 does. */
export function keySound(code: number, age: number): Uint8Array {
  const wave = (hz: number, at: number): number => Math.sin((2 * Math.PI * hz * at) / rate);
  return Uint8Array.from({ length: samplesPerPacket }, (_, n) => {
    const at = age * samplesPerPacket + n;
    return encode(rowLevel * wave(rows[code] ?? 0, at) + columnLevel * wave(columns[code] ?? 0, at));
  });
}

const bias = 0x84;
const clip = 32_635;

/** One sample of 16 bits as G.711 μ-law: sign, three bits of segment, four of step, all inverted. */
export function encode(sample: number): number {
  const sign = sample < 0 ? 0x80 : 0;
  const magnitude = Math.min(Math.abs(Math.round(sample)), clip) + bias;
  const segment = Math.max(0, 31 - Math.clz32(magnitude) - 7);
  return ~(sign | (segment << 4) | ((magnitude >> (segment + 3)) & 0x0f)) & 0xff;
}

/** The absolute value, of 32767, of a μ-law byte. */
export function loudness(byte: number): number {
  const plain = ~byte & 0xff;
  const segment = (plain >> 4) & 0x07;
  return ((((plain & 0x0f) << 3) + bias) << segment) - bias;
}
