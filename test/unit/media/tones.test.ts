import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { RelayOptions } from '../../../src/cde/media/embedded/relay-options.ts';
import { heardWord } from '../../support/heard-keys.ts';
import { keyNames } from '../../support/key-names.ts';
import { card, keyedCard, noise, oneKey, sounding } from '../../support/keyed-sound.ts';
import { PaperCall } from '../../support/paper-call.ts';
import { alawOnly, callerAt, legSettings } from '../../support/paper-legs.ts';
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

describe('keys by tones under the lock', () => {
  test('are each reported once, by the number of the lock, and reach nobody', async () => {
    await open();
    call.secure(7);
    const from = performance.now();
    call.play(keyedCard());
    expect(call.keyed).toBe(card);
    expect(call.presses.every(({ carrier, generation }) => carrier === 'tone' && generation === 7)).toBe(true);
    expect(call.sounding(from)).toHaveLength(0);
    expect(call.leaks).toEqual([]);
  });

  test('tell when they began, which is before they were certain', async () => {
    await open();
    call.secure();
    const from = performance.now();
    call.play(oneKey('5', 100, 101));
    expect(Math.abs((call.presses[0]?.at ?? 0) - from - 101)).toBeLessThanOrEqual(2);
  });

  test.each([[[5]], [[6]], [[7]], [[6, 7]], [[5, 6]], [[6, 8]], [[9]]])(
    'count once though packets %j of them are lost',
    async (lost) => {
      await open();
      call.secure();
      call.play(oneKey('9', 120, 101), lost);
      expect(call.keyed).toBe('9');
    },
  );

  test('the same key after a pause in which a packet was lost counts twice', async () => {
    await open();
    call.secure();
    const track = new ToneTrack().silence(100).press('3', { ms: 60 }).silence(60).press('3', { ms: 60 }).silence(100);
    call.play(track.samples(), [9]);
    expect(call.keyed).toBe('33');
  });

  test('count once when the telephone takes another SSRC in the middle', async () => {
    await open();
    call.secure();
    const samples = oneKey('8', 400, 40);
    call.play(samples.subarray(0, samplesOf(160)));
    call.callerSsrc = 0x9999;
    call.play(samples.subarray(samplesOf(160)));
    expect(call.keyed).toBe('8');
  });

  test('are not looked for outside captures, where nobody wants them', async () => {
    await open();
    call.play(keyedCard());
    expect(call.keyed).toBe('');
    expect(heardWord(call.agentHeard())).toBe(card);
  });

  test('in A-law as well', async () => {
    await open({ secureAudio: 'masked' });
    call.relay.configure('caller', legSettings(callerAt, 101, { codecs: alawOnly() }), performance.now());
    call.secure();
    const from = performance.now() + 1;
    call.play(keyedCard(), [], 'PCMA');
    expect(call.keyed).toBe(card);
    expect(sounding(call.agentHeard(from)).longestMs).toBeLessThanOrEqual(10);
  });
});

describe('a tone across the edges of a lock', () => {
  test('that began before it is no key of the field, and stops reaching the agent with it', async () => {
    await open();
    const samples = oneKey('7', 500);
    call.play(samples.subarray(0, samplesOf(60)));
    call.secure();
    const from = performance.now() + 1;
    call.play(samples.subarray(samplesOf(60)));
    expect(call.keyed).toBe('');
    expect(call.sounding(from)).toHaveLength(0);
  });

  test('holds the release until it has ended', async () => {
    await open();
    call.secure();
    const samples = oneKey('2', 500);
    call.play(samples.subarray(0, samplesOf(100)));
    let released = false;
    void call.release().then(() => {
      released = true;
    });
    call.play(samples.subarray(samplesOf(100), samplesOf(480)));
    await Promise.resolve();
    expect(released).toBe(false);
    call.play(samples.subarray(samplesOf(480)));
    await Promise.resolve();
    expect(released).toBe(true);
    call.pass(300, false);
    expect(call.sounding(1300)).toHaveLength(0);
  });

  test.each(['mute', 'agentTalks', 'masked'] as const)(
    'that begins between the word and the deed of a release reaches nobody: %s',
    async (secureAudio) => {
      await open({ secureAudio });
      call.secure();
      const from = performance.now();
      call.play(noise(200));
      await call.release();
      const told = performance.now() + 1;
      call.play(new ToneTrack().silence(80).press('6', { ms: 400 }).silence(100).samples());
      const heard = call.agentHeard(told);
      expect(heardWord(heard)).toBe('');
      expect(sounding(heard).allMs).toBeLessThanOrEqual(10);
      call.play(noise(200));
      expect(call.sounding(performance.now() - 150).length).toBeGreaterThan(3);
      expect(from).toBeLessThan(told);
    },
  );
});

describe('one press in two ways', () => {
  /** A gateway that lets a little of the tone through before it speaks in events. */
  function toneThenEvent(key: string, toneMs: number): void {
    call.play(
      new ToneTrack()
        .silence(20)
        .press(key, { ms: toneMs })
        .silence(20 - (toneMs % 20))
        .samples(),
    );
    call.press(keyNames.indexOf(key), { durationMs: 100 });
    call.pass(60, false);
  }

  test.each([15, 30, 40, 60, 100])(
    'with %d ms of tone before the event is told no more than twice, with one beginning',
    async (toneMs) => {
      await open();
      call.secure();
      toneThenEvent('4', toneMs);
      expect(call.presses.length).toBeLessThanOrEqual(2);
      expect(new Set(call.presses.map(({ key }) => key))).toEqual(new Set([4]));
      const times = call.presses.map(({ at }) => at);
      expect(Math.max(...times) - Math.min(...times)).toBeLessThanOrEqual(toneMs + 60);
    },
  );

  test('a tone that comes back under an event that goes on is not told again', async () => {
    await open();
    call.secure();
    const tone = new ToneTrack().press('4', { ms: 100 }).silence(100).press('4', { ms: 100 }).silence(60).samples();
    const events = call.packetsOf(4, { durationMs: 380 });
    for (let packet = 0; packet * 160 < tone.length; packet += 1) {
      const event = events[packet];
      if (event !== undefined) call.deliver(event);
      call.play(tone.subarray(packet * 160, packet * 160 + 160));
    }
    expect(call.presses.map(({ carrier }) => carrier)).toEqual(['event', 'tone']);
    expect(call.presses[0]?.at).toBe(call.presses[1]?.at);
  });
});
