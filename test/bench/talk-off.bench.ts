import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { ulawTable } from '../../src/cde/dtmf/g711.ts';
import { ulaw } from '../support/rtp-phone.ts';
import { atSpeed, type TalkOffSet, talkOffSets } from './talk-off-sets.ts';

/*
 * Keys that are heard in recordings in which there is none, by the detector and by spandsp on the same samples: what
 * Debian has of recorded prompts, acted dialogue and music (see talk-off-sets.ts), through µ-law, at several speeds.
 * TONELOCK_SPEEDS=1 takes one of them. Speeds of one recording are not independent of each other.
 */
const speeds = (process.env['TONELOCK_SPEEDS'] ?? '0.9,0.95,1,1.05,1.1').split(',').map(Number);
const perHour = 8000 * 3600;

const folder = mkdtempSync(join(tmpdir(), 'talk-off-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function buildPeer(): string | undefined {
  const program = join(folder, 'spandsp');
  const source = join(import.meta.dirname, 'spandsp-cost.c');
  return spawnSync('cc', ['-O2', '-o', program, source, '-lspandsp', '-lm']).status === 0 ? program : undefined;
}

const heardOnLine = Int16Array.from({ length: 65_536 }, (_, n) => ulawTable[ulaw(n - 32_768)] ?? 0);
const overLine = (samples: Int16Array): Int16Array => samples.map((x) => heardOnLine[x + 32_768] ?? 0);

/** Both are programs that read samples and print their cost and the number of keys. */
function keysBy(command: string, words: readonly string[], samples: Int16Array): number {
  const input = Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength);
  const { stdout } = spawnSync(command, words, { input });
  return Number(stdout.toString().split(' ')[1]);
}

interface Count {
  hours: number;
  mine: number;
  other: number;
}

test('in recordings without keys it hears no more of them than spandsp does', () => {
  const peer = buildPeer();
  const counts = { speech: { hours: 0, mine: 0, other: 0 }, music: { hours: 0, mine: 0, other: 0 } };
  const say = (name: string, { hours, mine, other }: Count): void => {
    const beside = peer === undefined ? 'no spandsp here' : `spandsp ${other}`;
    process.stdout.write(`${name.padEnd(20)} ${hours.toFixed(2).padStart(6)} h: ${mine} keys; ${beside}\n`);
  };
  const play = ({ samples }: TalkOffSet): Count => {
    const count: Count = { hours: 0, mine: 0, other: 0 };
    for (const speed of speeds) {
      const heard = overLine(atSpeed(samples, speed));
      count.hours += heard.length / perHour;
      count.mine += keysBy(process.execPath, [join(import.meta.dirname, 'detector-cost.mjs'), '1'], heard);
      if (peer !== undefined) count.other += keysBy(peer, ['1'], heard);
    }
    return count;
  };
  for (const one of talkOffSets()) {
    const count = play(one);
    say(one.set, count);
    const sum = one.music ? counts.music : counts.speech;
    for (const key of ['hours', 'mine', 'other'] as const) sum[key] += count[key];
  }
  say('all speech', counts.speech);
  say('music', counts.music);
  expect(counts.speech.hours).toBeGreaterThan(0);
  if (peer !== undefined) expect(counts.speech.mine).toBeLessThanOrEqual(counts.speech.other);
  if (peer !== undefined) expect(counts.music.mine).toBeLessThanOrEqual(counts.music.other);
});
