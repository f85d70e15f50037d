import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { levelled, recordedSpeech } from './leak-speech.ts';

export interface TalkOffSet {
  readonly set: string;
  readonly music: boolean;
  readonly samples: Int16Array;
}

/** Debian's fillets-ng-data-cs and -nl: acted dialogue. */
const acted = '/usr/share/games/fillets-ng/sound';
/** Debian's asterisk-moh-opsound-wav. */
const music = '/usr/share/asterisk';
/** Files that are decoded and brought to one level together. */
const batch = 16;

/** Recorded prompts, acted dialogue and music, as many as are installed. */
export function* talkOffSets(): Generator<TalkOffSet> {
  for (const { set, samples } of recordedSpeech(Number.POSITIVE_INFINITY)) yield { set, music: false, samples };
  for (const language of ['cs', 'nl']) {
    const samples = dialogue(language);
    if (samples.length > 0) yield { set: `fillets-ng ${language}`, music: false, samples };
  }
  const held = recordedSpeech(Number.POSITIVE_INFINITY, music).find(({ set }) => set === 'moh');
  if (held !== undefined) yield { ...held, music: true };
}

function dialogue(language: string): Int16Array {
  if (!existsSync(acted)) return new Int16Array(0);
  const files = readdirSync(acted, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ogg') && name.split('/').includes(language))
    .sort();
  const parts: Int16Array[] = [];
  for (let at = 0; at < files.length; at += batch) {
    const names = files.slice(at, at + batch).map((name) => join(acted, name));
    const wanted = ['-t', 'raw', '-r', '8000', '-c', '1', '-e', 'signed', '-b', '16', '-', 'highpass', '200'];
    const { stdout, status } = spawnSync('sox', ['-G', ...names, ...wanted], { maxBuffer: 256_000_000 });
    if (status === 0)
      parts.push(levelled(Int16Array.from({ length: stdout.length >> 1 }, (_, n) => stdout.readInt16LE(2 * n))));
  }
  const all = new Int16Array(parts.reduce((sum, { length }) => sum + length, 0));
  let filled = 0;
  for (const part of parts) {
    all.set(part, filled);
    filled += part.length;
  }
  return all;
}

/** As if it were spoken so much faster, which raises the voice too. */
export function atSpeed(samples: Int16Array, speed: number): Int16Array {
  if (speed === 1) return samples;
  return Int16Array.from({ length: Math.floor((samples.length - 1) / speed) }, (_, n) => {
    const at = n * speed;
    const from = Math.floor(at);
    const [a = 0, b = 0] = [samples[from], samples[from + 1]];
    return Math.round(a + (b - a) * (at - from));
  });
}
