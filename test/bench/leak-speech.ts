import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Debian's recorded prompts (asterisk-core-sounds-*-wav and the like), where they are installed. */
const folder = process.env['TONELOCK_SPEECH'] ?? '/usr/share/asterisk/sounds';
/** Active level to which each recording is brought, as the power of its louder parts. */
const activeDbm0 = -15;
const active = 200;

/** The samples of an 8 kHz, 16-bit, mono WAV file; undefined for any other. */
function samplesOfWav(path: string): Int16Array | undefined {
  const bytes = readFileSync(path);
  for (let at = 12, fits = false; at + 8 <= bytes.length; ) {
    const id = bytes.toString('latin1', at, at + 4);
    const length = bytes.readUInt32LE(at + 4);
    if (id === 'fmt ') {
      fits =
        bytes.readUInt16LE(at + 8) === 1 &&
        bytes.readUInt16LE(at + 10) === 1 &&
        bytes.readUInt32LE(at + 12) === 8000 &&
        bytes.readUInt16LE(at + 22) === 16;
    }
    if (id === 'data' && fits) {
      const count = Math.min(length, bytes.length - at - 8) >> 1;
      return Int16Array.from({ length: count }, (_, n) => bytes.readInt16LE(at + 8 + 2 * n));
    }
    at += 8 + length + (length & 1);
  }
  return undefined;
}

export function levelled(samples: Int16Array): Int16Array {
  let power = 0;
  let count = 0;
  for (const x of samples) {
    if (Math.abs(x) <= active) continue;
    power += x * x;
    count += 1;
  }
  const wanted = (32_767 * 10 ** ((activeDbm0 - 3.14) / 20)) / Math.SQRT2;
  const gain = count === 0 ? 1 : wanted / Math.sqrt(power / count);
  return samples.map((x) => Math.max(-32_768, Math.min(32_767, Math.round(x * gain))));
}

/** Recorded speech by set, `secondsMax` of each at most; empty where none is installed. */
export function recordedSpeech(secondsMax: number, from = folder): { set: string; samples: Int16Array }[] {
  if (!existsSync(from)) return [];
  return readdirSync(from)
    .sort()
    .map((set) => {
      const files = readdirSync(join(from, set), { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.wav') && !name.includes('silence'))
        .sort();
      const parts: Int16Array[] = [];
      let length = 0;
      for (const name of files) {
        if (length >= secondsMax * 8000) break;
        const samples = samplesOfWav(join(from, set, name));
        if (samples === undefined) continue;
        parts.push(levelled(samples));
        length += samples.length;
      }
      const all = new Int16Array(length);
      let at = 0;
      for (const part of parts) {
        all.set(part, at);
        at += part.length;
      }
      return { set, samples: all };
    })
    .filter(({ samples }) => samples.length > 0);
}
