import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { keypad, peakOf, samplesOf, seededRandom, ToneTrack } from '../support/tone-generator.ts';

/** CPU time of the built detector for one 8 kHz sample, at most. */
const limitNs = 15;
const seconds = 120;

const folder = mkdtempSync(join(tmpdir(), 'detector-bench-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Builds the peer's meter where Debian's libspandsp-dev and a compiler are; undefined where they are not. */
function buildPeer(): string | undefined {
  const program = join(folder, 'spandsp-cost');
  const source = join(import.meta.dirname, 'spandsp-cost.c');
  const built = spawnSync('cc', ['-O2', '-o', program, source, '-lspandsp', '-lm'], { stdio: 'ignore' });
  return built.status === 0 ? program : undefined;
}
const peer = buildPeer();

/** Keys at the rate of an automatic dialler, which nobody presses faster: each one costs a fit. */
function dialling(): Int16Array {
  const track = new ToneTrack(7);
  while (track.presses.length < seconds * 10) track.press(keypad[track.presses.length % 16] ?? '0').silence(50);
  return track.underNoise(-50).samples();
}

/** Something like a voice: harmonics of a gliding pitch under moving formants, with pauses between the syllables. */
function voice(): Int16Array {
  const random = seededRandom(11);
  const samples = new Int16Array(samplesOf(seconds * 1000));
  for (let from = 0; from < samples.length; ) {
    const length = samplesOf(80 + 250 * random());
    const [pitch, glide, first, second] = [
      90 + 160 * random(),
      random() - 0.5,
      300 + 500 * random(),
      900 + 1400 * random(),
    ];
    const loud = peakOf(-20 + 10 * random());
    for (let n = 0; n < length && from + n < samples.length; n += 1) {
      const turns = (pitch * (1 + (glide * n) / length / 2) * n) / 8000;
      let x = 0;
      for (let h = 1; h * pitch < 3400; h += 1) {
        const near = 1 / (1 + ((h * pitch - first) / 150) ** 2) + 0.5 / (1 + ((h * pitch - second) / 200) ** 2);
        x += near * Math.sin(2 * Math.PI * h * turns);
      }
      samples[from + n] = Math.round(loud * x * Math.sin((Math.PI * n) / length));
    }
    from += length + samplesOf(120 * random());
  }
  return samples;
}

interface Cost {
  readonly ns: number;
  readonly keys: number;
}

/** Both meters are processes that read samples and print nanoseconds and keys. */
function costOf(command: string, words: readonly string[], samples: Int16Array): Cost {
  const input = Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength);
  const [ns = Number.NaN, keys = Number.NaN] = execFileSync(command, words, { input })
    .toString()
    .split(' ')
    .map(Number);
  return { ns, keys };
}

test.each([
  ['silence', () => new Int16Array(samplesOf(seconds * 1000))],
  [
    'noise',
    () =>
      new ToneTrack(5)
        .silence(seconds * 1000)
        .underNoise(-20)
        .samples(),
  ],
  ['voice', voice],
  ['dialling', dialling],
] as const)('%s costs at most 15 ns a sample', (name, make) => {
  const samples = make();
  const mine = costOf(process.execPath, [join(import.meta.dirname, 'detector-cost.mjs')], samples);
  const other = peer === undefined ? undefined : costOf(peer, [], samples);
  const beside = other === undefined ? 'no spandsp here' : `spandsp ${other.ns.toFixed(1)} ns, ${other.keys} keys`;
  process.stdout.write(`${name.padEnd(9)} ${mine.ns.toFixed(1)} ns a sample, ${mine.keys} keys; ${beside}\n`);
  expect(mine.keys).toBe(name === 'dialling' ? seconds * 10 : 0);
  expect(mine.ns).toBeLessThanOrEqual(limitNs);
});
