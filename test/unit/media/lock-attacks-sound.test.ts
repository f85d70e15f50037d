import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { LegSettings } from '../../../src/cde/media/offer-answer/leg-settings.ts';
import { AttackedCall, allWays, silenceMs, toneMs, toneMsMax, type Way } from '../../support/attacked-call.ts';
import { heardWord } from '../../support/heard-keys.ts';
import { sounding } from '../../support/keyed-sound.ts';
import { alawOnly, callerAt, legSettings } from '../../support/paper-legs.ts';
import { samplesOf, ToneTrack } from '../../support/tone-generator.ts';

beforeEach(() => {
  vi.useFakeTimers({ now: 0 });
  vi.advanceTimersByTime(1000);
});

afterEach(() => {
  vi.useRealTimers();
});

function expectNoTone(line: AttackedCall, way: Way, from: number): void {
  const heard = line.call.agentHeard(from + 1);
  expect(heardWord(heard)).toBe('');
  expect(sounding(heard).longestMs).toBeLessThanOrEqual(toneMsMax(way));
}

describe.each(allWays)('%s: no tone of a key reaches the agent', (way) => {
  test('that is held over both edges', async () => {
    const line = await AttackedCall.open(way);
    const held = toneMs('5', 700);
    line.call.play(held.subarray(0, samplesOf(100)));
    const from = line.secure();
    line.call.play(held.subarray(samplesOf(100), samplesOf(300)));
    await line.release(() => line.call.play(held.subarray(samplesOf(300))));
    expectNoTone(line, way, from);
  });

  test('that changes its codec on the way, by itself and by a new description', async () => {
    const line = await AttackedCall.open(way);
    const ulaw = legSettings(callerAt, 101).codecs[0] as LegSettings['codecs'][number];
    const alaw = alawOnly()[0] as LegSettings['codecs'][number];
    const wide = { ...ulaw, name: 'G722/8000/1', receive: 9, send: 9, silence: 'G722' } as const;
    line.configure('caller', 101, { codecs: [ulaw, alaw, wide] });
    const from = line.secure();
    const held = toneMs('8', 800);
    line.call.play(held.subarray(0, samplesOf(200)));
    line.call.play(held.subarray(samplesOf(200), samplesOf(400)), [], 'PCMA');
    line.configure('caller', 101, { codecs: [alaw, ulaw] });
    line.call.play(held.subarray(samplesOf(400), samplesOf(600)), [], 'PCMA');
    for (let n = 0; n < 5; n += 1) {
      line.call.pass(20, false);
      line.call.sound(Buffer.alloc(160, 0x22), 9);
    }
    line.call.play(held.subarray(samplesOf(600)), [], 'PCMA');
    line.call.play(silenceMs(60));
    expectNoTone(line, way, from);
  });

  test('of which packets are lost', async () => {
    const line = await AttackedCall.open(way);
    const from = line.secure();
    const keys = new ToneTrack().silence(60).press('2', { ms: 90 }).silence(70).press('9', { ms: 90 }).silence(100);
    line.call.play(keys.samples(), [4, 5, 9]);
    expectNoTone(line, way, from);
  });
});

test('A secured agent who changes codec has silence in the new one', async () => {
  const line = await AttackedCall.open('mute');
  const { call } = line;
  line.secure();
  const told = (name: string, type: number, clockRate: number, silence: 'G722' | 'OPUS' | 'G729' | 'L16') =>
    ({ name, receive: type, send: type, clockRate, channels: 1, silence }) as const;
  for (const [codec, pattern] of [
    [told('G722/8000/1', 9, 8000, 'G722'), [0xfa, 0xfd]],
    [told('opus/48000/2', 111, 48_000, 'OPUS'), [0xf8, 0xff, 0xfe]],
    [told('G729/8000/1', 18, 8000, 'G729'), [0x78, 0x52]],
    [told('L16/16000/1', 97, 16_000, 'L16'), [0, 0, 0]],
  ] as const) {
    line.configure('agent', 120, { codecs: [codec] });
    const from = performance.now();
    call.pass(200);
    const got = call.toAgent.filter(({ at }) => at > from);
    expect(got.length).toBeGreaterThanOrEqual(9);
    expect(got.every(({ payloadType }) => payloadType === codec.send)).toBe(true);
    for (const { payload } of got) expect([...payload.subarray(0, pattern.length)]).toEqual(pattern);
    const sequences = got.map(({ sequence }) => sequence);
    expect(sequences.slice(1).every((sequence, i) => sequence === (((sequences[i] ?? 0) + 1) & 0xffff))).toBe(true);
  }
  expect(call.leaks).toEqual([]);
});
