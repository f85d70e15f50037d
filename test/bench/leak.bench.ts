import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { heardWord } from '../support/heard-keys.ts';
import { type MaskedLine, throughMaskedLine } from '../support/masked-line.ts';
import { hasCommand } from '../support/sipp.ts';
import { keypad, type PressShape, ToneTrack } from '../support/tone-generator.ts';
import { recordedSpeech } from './leak-speech.ts';

/** What passes of a key at most, in milliseconds, without a line and with one of 40 ms. */
const passesMax = { 0: 10, 40: 0 } as const;
const falseMutesMax = 0.5;
const rounds = 6;
const canDecode = ['sox', 'multimon-ng'].every(hasCommand);

/** Keys that multimon-ng finds in linear 8 kHz sound. */
function decoded(samples: Int16Array): number {
  if (!canDecode) return Number.NaN;
  const input = Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength);
  const from = ['-t', 'raw', '-r', '8000', '-e', 'signed', '-b', '16', '-c', '1', '-'];
  const to = ['-t', 'raw', '-r', '22050', '-e', 'signed', '-b', '16', '-'];
  const options = { maxBuffer: 512_000_000, stdio: ['pipe', 'pipe', 'ignore'] as ['pipe', 'pipe', 'ignore'] };
  const wide = execFileSync('sox', [...from, ...to], { ...options, input });
  const said = execFileSync('multimon-ng', ['-q', '-a', 'DTMF', '-t', 'raw', '-'], { ...options, input: wide });
  return (said.toString().match(/DTMF: /g) ?? []).length;
}

interface Row {
  readonly name: string;
  readonly shape: PressShape;
  readonly snrDb?: number;
  /** Beyond what telephones do: measured, and no promise. */
  readonly beyond?: boolean;
}

const rows: readonly Row[] = [
  { name: '80 ms, −10 dBm0', shape: {} },
  { name: '40 ms', shape: { ms: 40 } },
  { name: '23 ms, no key', shape: { ms: 23 } },
  { name: '0 dBm0', shape: { dbm0: 0 } },
  { name: '−25 dBm0', shape: { dbm0: -25 } },
  { name: '−36 dBm0', shape: { dbm0: -36 } },
  { name: '−45 dBm0', shape: { dbm0: -45 }, beyond: true },
  { name: 'twist +4 dB', shape: { twistDb: 4 } },
  { name: 'twist −8 dB', shape: { twistDb: -8 } },
  { name: 'twist +8 dB', shape: { twistDb: 8 }, beyond: true },
  { name: 'twist −12 dB', shape: { twistDb: -12 }, beyond: true },
  { name: '+1.5 %', shape: { rowOff: 0.015, columnOff: 0.015 } },
  { name: '−1.5 %', shape: { rowOff: -0.015, columnOff: -0.015 } },
  { name: '1.5 % apart', shape: { rowOff: -0.015, columnOff: 0.015 } },
  { name: '+2.5 %', shape: { rowOff: 0.025, columnOff: 0.025 }, beyond: true },
  { name: '+3.5 %', shape: { rowOff: 0.035, columnOff: 0.035 }, beyond: true },
  { name: 'noise 24 dB below', shape: {}, snrDb: 24 },
  { name: 'noise 15 dB below', shape: {}, snrDb: 15 },
  { name: 'noise 10 dB below', shape: {}, snrDb: 10, beyond: true },
  { name: 'noise 8 dB below', shape: {}, snrDb: 8, beyond: true },
];

function trackOf({ shape, snrDb }: Row): ToneTrack {
  const track = new ToneTrack(17).silence(203);
  for (let round = 0; round < rounds; round += 1) {
    // Pauses of odd length: presses begin at every place of a packet.
    for (const [n, key] of [...keypad].entries())
      track.press(key, { ms: 80, ...shape }).silence(81 + (n * 7 + round) / 8);
  }
  if (snrDb !== undefined) track.underNoise((shape.dbm0 ?? -10) + 3 - snrDb);
  return track;
}

/** Milliseconds of each press that reached the agent, least first. */
function passed(track: ToneTrack, { heard, sent }: MaskedLine, delay: number): number[] {
  return track.presses
    .map(({ start, end }) => {
      let count = 0;
      for (let n = start; n < end; n += 1) {
        if (sent[n] !== 0 && heard[n + delay] === sent[n]) count += 1;
      }
      return count / 8;
    })
    .sort((a, b) => a - b);
}

const at = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
const print = (line: string): void => void process.stdout.write(`${line}\n`);

describe.each([0, 40] as const)('masked, a line of %d ms', (lookBackMs) => {
  test.each(rows.map((row) => [row.name, row] as const))('%s', (name, row) => {
    const track = trackOf(row);
    const line = throughMaskedLine(track.samples(), { lookBackMs });
    const leaked = passed(track, line, lookBackMs * 8);
    const presses = track.presses.length;
    const found = decoded(line.heard);
    const ours = heardWord(line.heard).length;
    const figures = [0.5, 0.95, 1].map((share) => at(leaked, share).toFixed(1)).join(' / ');
    print(
      `masked ${String(lookBackMs).padStart(2)} ms  ${name.padEnd(20)} passes ${figures} ms (median / p95 / max); ` +
        `decoded by multimon-ng ${found}, by our own detector ${ours}, leaks found ${line.leaks.length} of ${presses}`,
    );
    if (row.beyond === true) return;
    expect(at(leaked, 1)).toBeLessThanOrEqual(passesMax[lookBackMs]);
    expect([found || 0, ours, line.leaks.length]).toEqual([0, 0, 0]);
  });
});

test.each(['mute', 'agentTalks'] as const)('%s: nothing passes', (secureAudio) => {
  const track = trackOf({ name: '', shape: {} });
  const line = throughMaskedLine(track.samples(), { secureAudio });
  print(`${secureAudio.padEnd(12)}  ${line.keys} keys heard of ${track.presses.length}; of them 0 ms pass`);
  expect(line.heard.every((x) => x === 0)).toBe(true);
  expect(line.keys).toBe(track.presses.length);
});

const speech = recordedSpeech(Number(process.env['TONELOCK_SPEECH_SECONDS'] ?? 600));

describe.skipIf(speech.length === 0)('recorded speech', () => {
  test.each(speech.map(({ set, samples }) => [set, samples] as const))('%s', (set, samples) => {
    const line = throughMaskedLine(samples);
    const minutes = samples.length / 8000 / 60;
    const share = (line.mutedPackets * 160) / samples.length;
    print(
      `${set.padEnd(24)} ${minutes.toFixed(1)} min: ${(line.mutes / minutes).toFixed(2)} false mutes a minute ` +
        `(${(share * 100).toFixed(3)} % of the sound), ${line.keys} false keys, ${line.leaks.length} false leaks`,
    );
    expect(line.mutes / minutes).toBeLessThanOrEqual(falseMutesMax);
  });
});
