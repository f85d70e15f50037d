import { expect, test } from 'vitest';
import { Ear } from '../../../src/demo/ear.ts';
import { encode, hum, keySound, loudness } from '../../../src/demo/voice.ts';

// ITU-T G.711 tables 2a and 2b: the decoded values of silence, the first steps of segments, and the loudest step.
test.each([
  [0, 0xff],
  [-1, 0x7f],
  [32_635, 0x80],
  [-32_635, 0x00],
  [8_316, 0x9f],
  [-16_764, 0x0f],
  [132, 0xef],
])('the sample %i is the μ-law byte %i', (sample, byte) => {
  expect(encode(sample)).toBe(byte);
});

test('every byte comes back from its own loudness', () => {
  for (let byte = 0x80; byte <= 0xff; byte += 1) expect(encode(loudness(byte))).toBe(byte);
  for (let byte = 0; byte < 0x7f; byte += 1) expect(encode(-loudness(byte))).toBe(byte);
});

test('the hum has no seam and is never louder than it was asked to be', () => {
  const packets = hum({ pitchHz: 130, level: 2200 });
  const bytes = packets.flatMap((packet) => [...packet]);
  expect(bytes).toHaveLength(12_800);
  expect(Math.max(...bytes.map(loudness))).toBeLessThan(2200 * 1.45);
  expect(loudness(bytes[0] ?? 0)).toBeLessThan(20);
  expect(loudness(bytes.at(-1) ?? 0)).toBeLessThan(20);
});

test('an ear hears a voice through its pauses, then silence, then nothing', () => {
  const ear = new Ear();
  const silence = new Uint8Array(160).fill(0xff);
  expect(ear.hearing(0).ear).toBe('nothing');
  for (const [index, packet] of hum({ pitchHz: 130, level: 2200 }).entries()) {
    ear.audio(packet, index * 20);
    if (index > 5) expect(ear.hearing(index * 20).ear).toBe('voice');
  }
  for (let now = 1600; now <= 2100; now += 20) ear.audio(silence, now);
  expect(ear.hearing(2100).ear).toBe('silence');
  expect(ear.hearing(3000).ear).toBe('nothing');
});

test('an ear keeps the last two seconds of what it heard for those who listen too', () => {
  const ear = new Ear();
  for (let n = 0; n < 150; n += 1) ear.audio(new Uint8Array(160).fill(n), n * 20);
  expect(ear.sound(148)).toEqual({ last: 150, sound: Buffer.concat([148, 149].map((n) => Buffer.alloc(160, n))) });
  expect(ear.sound(0).sound).toHaveLength(100 * 160);
  expect(ear.sound(150).sound).toHaveLength(0);
});

test('the sound of a key goes on from packet to packet and is as loud as a telephone makes it', () => {
  const bytes = [0, 1, 2, 3, 4].flatMap((age) => [...keySound(5, age)]);
  const loud = Math.max(...bytes.map(loudness));
  expect(loud).toBeGreaterThan(10_000);
  expect(loud).toBeLessThan(15_000);
  expect(keySound(5, 1)).not.toEqual(keySound(5, 0));
});
