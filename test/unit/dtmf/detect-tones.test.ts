import { PassThrough, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { detectTones } from '../../../src/cde/dtmf/detect-tones.ts';
import { ToneTrack } from '../../support/tone-generator.ts';

async function printed(bytes: Buffer, cut: number): Promise<string> {
  const chunks = Array.from({ length: Math.ceil(bytes.length / cut) }, (_, n) =>
    bytes.subarray(n * cut, (n + 1) * cut),
  );
  const output = new PassThrough();
  const all = text(output);
  await detectTones(Readable.from(chunks), output);
  output.end();
  return all;
}

const track = new ToneTrack().silence(50).press('1').silence(50).press('D').silence(50).press('*', { ms: 60 });
const pcm = track.samples();
const recording = Buffer.from(pcm.buffer, pcm.byteOffset, pcm.byteLength);

test('a recording on a pipe gives a line for each key: key, start, end, samples read at the decision', async () => {
  const lines = (await printed(recording, 4096)).trimEnd().split('\n');
  expect(lines.map((line) => line.split(' ')[0])).toEqual(['1', 'D', '*']);
  for (const [n, line] of lines.entries()) {
    const [start = 0, end = 0, decided = 0] = line.split(' ').slice(1).map(Number);
    const press = track.presses[n];
    expect(Math.abs(start - (press?.start ?? 0))).toBeLessThanOrEqual(8);
    expect(Math.abs(end - (press?.end ?? 0))).toBeLessThanOrEqual(16);
    expect(decided - start).toBeLessThanOrEqual(240);
  }
});

test('it does not matter how the pipe cuts the bytes, nor that a sample is cut in two', async () => {
  const whole = await printed(recording, recording.length);
  for (const cut of [1, 3, 333, 16_385]) expect(await printed(recording, cut)).toBe(whole);
});

test('an empty recording, and one of half a sample, have no keys', async () => {
  expect(await printed(Buffer.alloc(0), 1)).toBe('');
  expect(await printed(Buffer.alloc(1), 1)).toBe('');
});
