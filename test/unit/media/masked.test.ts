import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { RelayOptions } from '../../../src/cde/media/embedded/relay-options.ts';
import { heardWord } from '../../support/heard-keys.ts';
import { card, keyedCard, noise, oneKey, sounding } from '../../support/keyed-sound.ts';
import { PaperCall } from '../../support/paper-call.ts';
import { agentAt, callerAt, legSettings } from '../../support/paper-legs.ts';
import { samplesOf, ToneTrack } from '../../support/tone-generator.ts';

let call: PaperCall;

beforeEach(() => {
  vi.useFakeTimers({ now: 0 });
  vi.advanceTimersByTime(1000);
});

afterEach(() => {
  vi.useRealTimers();
});

async function open(changes: Partial<RelayOptions> = {}, agentEvent: number | null = 120): Promise<void> {
  call = await PaperCall.open(changes, agentEvent);
  call.pass(200);
}

describe('masked: both talk on, tones are taken out', () => {
  test('the customer is heard, the agent is heard, and of a whole card nothing can be decoded', async () => {
    await open({ secureAudio: 'masked' });
    call.secure();
    const from = performance.now();
    call.play(noise(300));
    expect(call.sounding(from).length).toBeGreaterThanOrEqual(14);
    const keys = performance.now() + 1;
    call.play(keyedCard());
    expect(call.keyed).toBe(card);
    const heard = call.agentHeard(keys);
    expect(heardWord(heard)).toBe('');
    expect(sounding(heard).longestMs).toBeLessThanOrEqual(10);
    expect(call.leaks).toEqual([]);
    call.agentSays();
    expect(call.toCaller.at(-1)?.payload[0]).toBe(0x33);
    call.play(noise(300));
    expect(call.sounding(performance.now() - 290).length).toBeGreaterThanOrEqual(13);
  });

  test('with a line of 40 ms not a moment of it passes', async () => {
    await open({ secureAudio: 'masked', lookBackMs: 40 });
    call.secure();
    call.play(noise(300));
    const keys = performance.now() + 80;
    call.play(new ToneTrack().silence(100).samples());
    call.play(keyedCard());
    expect(call.keyed).toBe(card);
    expect(sounding(call.agentHeard(keys)).allMs).toBe(0);
    call.play(noise(300));
    expect(call.sounding(performance.now() - 200).length).toBeGreaterThanOrEqual(9);
  });

  test('the stream keeps its numbers and its pace, with a line and without', async () => {
    for (const lookBackMs of [0, 40]) {
      await open({ secureAudio: 'masked', lookBackMs });
      call.play(noise(100));
      call.secure();
      call.play(keyedCard());
      await call.release();
      call.play(noise(300));
      const sequences = call.toAgent.map(({ sequence }) => sequence);
      expect(sequences.slice(1).every((sequence, i) => sequence === (((sequences[i] ?? 0) + 1) & 0xffff))).toBe(true);
      const gaps = call.toAgent.slice(1).map(({ at }, i) => at - (call.toAgent[i]?.at ?? 0));
      expect(Math.max(...gaps)).toBeLessThanOrEqual(40);
    }
  });

  test('an event, which comes in place of sound, leaves silence of our own', async () => {
    await open({ secureAudio: 'masked' });
    call.play(noise(100));
    call.secure();
    const from = performance.now();
    call.press(5, { durationMs: 200 });
    call.play(noise(200));
    const stream = call.toAgent.filter(({ at }) => at >= from - 20);
    const gaps = stream.slice(1).map(({ at }, i) => at - (stream[i]?.at ?? 0));
    expect(Math.max(...gaps)).toBeLessThanOrEqual(40);
    expect(call.agentEvents).toHaveLength(0);
    expect(call.sounding(performance.now() - 100).length).toBeGreaterThan(3);
    expect(call.keyed).toBe('5');
  });

  test('sound in a codec that cannot be judged does not pass, and comes back when the call is open', async () => {
    await open({ secureAudio: 'masked' });
    const wide = { name: 'G722/8000/1', receive: 9, send: 9, clockRate: 8000, channels: 1, silence: 'G722' } as const;
    call.relay.configure('caller', legSettings(callerAt, 101, { codecs: [wide] }), performance.now());
    call.relay.configure('agent', legSettings(agentAt, 120, { codecs: [wide] }), performance.now());
    const talk = (ms: number): void => {
      for (let at = 0; at < ms; at += 20) {
        call.pass(20, false);
        call.sound(Buffer.alloc(160, 0x22), 9);
      }
    };
    const loud = (from: number): number =>
      call.toAgent.filter(({ at, payload }) => at > from && payload[0] === 0x22).length;
    const before = performance.now();
    talk(200);
    expect(loud(before)).toBe(10);
    call.secure();
    const from = performance.now();
    talk(400);
    expect(loud(from)).toBe(0);
    expect(call.toAgent.filter(({ at }) => at > from).length).toBeGreaterThanOrEqual(19);
    expect(call.leaks).toEqual([]);
    await call.release();
    talk(300);
    expect(loud(from)).toBeGreaterThan(5);
  });

  test('a customer of whom nothing was heard yet leaves a steady silence', async () => {
    call = await PaperCall.open({ secureAudio: 'masked' });
    call.pass(100, false);
    call.secure();
    call.pass(500, false);
    expect(call.toAgent.length).toBeGreaterThanOrEqual(24);
  });

  test('when the room is gone nothing passes any more', async () => {
    await open({ secureAudio: 'masked' });
    call.relay.seal(0xffff, performance.now());
    const from = performance.now();
    call.play(noise(300));
    expect(call.sounding(from)).toHaveLength(0);
    expect(call.toAgent.filter(({ at }) => at > from).length).toBeGreaterThanOrEqual(14);
  });
});

describe('betweenCaptures drop: tones are taken out always', () => {
  test('outside a capture too, and with a line of 40 ms to the last sample', async () => {
    for (const lookBackMs of [0, 40]) {
      await open({ betweenCaptures: 'drop', lookBackMs });
      call.play(noise(200));
      const keys = performance.now() + 80;
      call.play(new ToneTrack().silence(100).samples());
      call.play(keyedCard());
      const heard = sounding(call.agentHeard(keys));
      expect(heard.longestMs).toBeLessThanOrEqual(lookBackMs === 0 ? 10 : 0);
      expect(call.presses.map(({ generation }) => generation)).toEqual(Array.from(card, () => 0));
      call.play(noise(200));
      expect(call.sounding(performance.now() - 150).length).toBeGreaterThan(4);
    }
  });
});

describe('what is heard in place of a key', () => {
  test.each(['tone', 'noise'] as const)('%s, without a break between packets of ours and filled ones', async (fill) => {
    await open({ secureAudio: 'masked', fill });
    call.secure();
    const from = performance.now() + 20;
    call.play(oneKey('1', 400));
    const heard = call.agentHeard(from).subarray(0, samplesOf(300));
    expect(heardWord(heard)).toBe('');
    expect(sounding(heard).allMs).toBeLessThan(fill === 'tone' ? 300 : 150);
    expect(heard.filter((x) => x !== 0).length).toBeGreaterThan(samplesOf(250));
  });

  test('under a lock that mutes it is heard all the time, in packets of ours', async () => {
    await open({ fill: 'tone' });
    call.secure();
    const from = performance.now() + 40;
    call.pass(500);
    const heard = call.agentHeard(from);
    // A sine of 400 Hz goes through zero 20 times in a packet of 20 ms, also at the joints.
    const crossings = heard.subarray(1).filter((x, n) => x > 0 !== (heard[n] ?? 0) > 0).length;
    expect(Math.abs(crossings - (heard.length / 8000) * 800)).toBeLessThanOrEqual(4);
  });
});

describe('the leak detector', () => {
  const deaf = () => ({
    awake: true,
    wary: false,
    suspects: false,
    early: false,
    wake: () => undefined,
    sleep: () => undefined,
    lock: () => undefined,
    hear: () => undefined,
    sounding: () => false,
    downSince: () => Number.NaN,
  });

  test('finds a tone that nobody took out', async () => {
    call = await PaperCall.open({ secureAudio: 'masked' }, 120, deaf);
    call.pass(200);
    call.secure();
    call.play(keyedCard());
    expect(call.leaks).toEqual(Array.from(card, () => 'tone'));
    const { leaks } = await call.release();
    expect(leaks).toBe(card.length);
  });

  test('hears 20 ms of a tone, and tones of which no key can be made', async () => {
    call = await PaperCall.open({ secureAudio: 'masked' }, 120, deaf);
    call.pass(200);
    call.secure();
    call.play(oneKey('5', 22, 50));
    expect(call.leaks).toHaveLength(1);
    call.play(new ToneTrack().silence(60).press('5', { ms: 60, rowOff: 0.03, columnOff: -0.03 }).silence(60).samples());
    expect(call.leaks).toHaveLength(2);
  });

  test('is silent outside a lock, and says how much it found of one that ends with the call', async () => {
    call = await PaperCall.open({ secureAudio: 'masked' }, 120, deaf);
    call.pass(200);
    call.play(keyedCard());
    expect(call.leaks).toEqual([]);
    call.secure();
    call.play(oneKey('5', 60));
    expect(call.end().secured).toMatchObject({ leaks: 1 });
  });
});
