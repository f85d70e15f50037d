import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ContractBench } from '../support/contract-bench.ts';
import { contractEngines } from '../support/contract-engines.ts';
import { dtmfSound } from '../support/dtmf-sound.ts';
import { LoopLag } from '../support/loop-lag.ts';
import { mediaCall, pause } from '../support/media-call.ts';
import type { RtpCapture } from '../support/rtp-capture.ts';
import { RtpPhone } from '../support/rtp-phone.ts';
import { hasCommand } from '../support/sipp.ts';
import { heardTones } from '../support/wire-capture.ts';

const packetMs = 20;

/**
 * A packet every 20 ms, by their number; a single gap may be what the scheduler of a busy machine made of it, in this
 * process or in the engine's.
 */
function expectSteady(heard: RtpCapture, from: number, to: number): void {
  expect(heard.between(from, to).length).toBeGreaterThanOrEqual(Math.floor((0.9 * (to - from)) / packetMs) - 1);
  expect(heard.largestGapMs(from, to)).toBeLessThanOrEqual(200);
}

/** What the rest of the gateway relies on, shown with real packets on every engine. */
describe.each(contractEngines.map((kind) => [kind.name, kind] as const))('%s', (_, kind) => {
  const bench = new ContractBench(kind);

  beforeEach(async (context) => {
    if (!(await bench.start())) context.skip(kind.needs);
  });

  afterEach(() => bench.stop());

  describe('secures', () => {
    test('P-41, P-42: events are keys, the agent hears a steady silence, and the customer after the release', async () => {
      const call = await mediaCall(bench.engine);
      call.caller.talk('tone');
      call.agent.talk('tone');
      await pause(300);
      using lag = new LoopLag();
      await bench.engine.secure(call.id);
      const from = performance.now();
      await call.caller.pressAll('4111 1111 1111 1111', { durationMs: 60, gapMs: 50 });
      await pause(60);
      const interval = await bench.engine.release(call.id);
      const told = performance.now();
      await pause(500);
      const { heard } = call.agent;
      expect(bench.keys).toEqual([4, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]);
      expect(heard.events(from, told)).toEqual([]);
      expect(heard.sounding(from + 5 + lag.worstMs, told)).toEqual([]);
      expectSteady(heard, from, told);
      expect(heard.continuity(from + 20, told)).toMatchObject({ ssrcs: 1, sequenceJumps: 0, timestampsBack: 0 });
      expect(call.caller.heard.sounding(from + 40 + lag.worstMs, told)).toEqual([]);
      expect(heard.sounding(told + 130 + lag.worstMs).length).toBeGreaterThan(5);
      expectSteady(heard, told, told + 450);
      expect(interval.eventsSuppressed).toBeGreaterThan(60);
      expect(interval.ms).toBeGreaterThan(1500);
      await call.hangUp();
    });

    test('tones are keys once each, and no part of one that could be read reaches the agent', async () => {
      const call = await mediaCall(bench.engine);
      call.caller.talk('silence');
      await pause(200);
      await bench.engine.secure(call.id);
      const from = performance.now();
      // A tone that begins with the lock is taken for one that was there before.
      await pause(150);
      call.caller.talk(dtmfSound('5', 90, 100_000));
      await pause(300);
      call.caller.talk('silence');
      await pause(200);
      const { packets } = call.agent.heard;
      const secured = packets.filter(({ at }) => at >= from);
      expect(bench.keys).toEqual([5]);
      expect(bench.running.presses[0]?.source).toBe('tone');
      expect(call.agent.heard.sounding(from)).toEqual([]);
      if (hasCommand('multimon-ng')) {
        expect(heardTones(0, Buffer.concat(secured.map(({ payload }) => payload)))).toBe('');
      }
      await call.hangUp();
    });

    test('keys one by one, however their packets come: repeated, re-stamped, without ends, without a start', async () => {
      const call = await mediaCall(bench.engine);
      call.caller.talk('silence');
      await pause(100);
      await bench.engine.secure(call.id);
      await call.caller.press('1', { durationMs: 80, copies: 3, gapMs: 100 });
      await call.caller.press('2', { durationMs: 80, restampEnds: true, gapMs: 100 });
      await call.caller.press('3', { durationMs: 80, ends: 0, gapMs: 300 });
      await call.caller.press('4', { durationMs: 120, lost: [0, 1], gapMs: 100 });
      await call.caller.press('4', { durationMs: 80, audioBetween: true, gapMs: 100 });
      await call.caller.press('5', { durationMs: 80, marker: false, gapMs: 100 });
      // FreeSWITCH tells a key by its end: README.
      expect(bench.keys).toEqual(kind.hearsWithoutEnds ? [1, 2, 3, 4, 4, 5] : [1, 2, 4, 4, 5]);
      await call.hangUp();
    });

    test('a steady silence though the customer sends nothing', async () => {
      const call = await mediaCall(bench.engine);
      call.caller.talk('tone');
      await pause(150);
      await bench.engine.secure(call.id);
      call.caller.stopTalking();
      const from = performance.now();
      await pause(500);
      expectSteady(call.agent.heard, from, performance.now());
      expect(call.agent.heard.sounding(from + 20)).toEqual([]);
      await call.hangUp();
    });

    test('twice is once, and a lock that comes while a release waits stays', async () => {
      const call = await mediaCall(bench.engine);
      call.caller.talk('tone');
      await pause(150);
      await bench.engine.secure(call.id);
      await bench.engine.secure(call.id);
      await bench.engine.release(call.id);
      await bench.engine.secure(call.id);
      const from = performance.now();
      await pause(400);
      expect(call.agent.heard.sounding(from + 5)).toEqual([]);
      await call.caller.press('6', { durationMs: 80 });
      expect(bench.keys).toEqual([6]);
      await bench.engine.release(call.id);
      await pause(400);
      expect(call.agent.heard.sounding(from).length).toBeGreaterThan(3);
      await call.hangUp();
    });

    test('a key that is down when the lock comes is no key of the field, and one that is down when it goes holds the release', async () => {
      const call = await mediaCall(bench.engine);
      call.caller.talk('silence');
      await pause(150);
      const first = call.caller.press('8', { durationMs: 400, gapMs: 0 });
      await pause(150);
      await bench.engine.secure(call.id);
      const [from, before] = [performance.now(), bench.keys.length];
      await first;
      await pause(150);
      expect(bench.keys.slice(before)).toEqual([]);
      expect(call.agent.heard.events(from + 5)).toEqual([]);
      const second = call.caller.press('9', { durationMs: 500, gapMs: 0 });
      await pause(100);
      const asked = performance.now();
      await bench.engine.release(call.id);
      expect(performance.now() - asked).toBeGreaterThan(300);
      await second;
      await pause(300);
      expect(bench.keys.slice(before)).toEqual([9]);
      expect(call.agent.heard.events(from)).toEqual([]);
      await call.hangUp();
    });

    test('a key that was over before the lock has passed before it is confirmed, and no part of it after', async () => {
      const call = await mediaCall(bench.engine);
      call.caller.talk('silence');
      await pause(150);
      await call.caller.press('8', { durationMs: 900, gapMs: 0 });
      // FreeSWITCH tells of a key when it is over, and a little later.
      await pause(80);
      await bench.engine.secure(call.id);
      const from = performance.now();
      await pause(1_200);
      expect(call.agent.heard.events(from + 5)).toEqual([]);
      await call.hangUp();
    });

    test('through a re-INVITE of the customer under the lock', async () => {
      const call = await mediaCall(bench.engine);
      const { engine } = bench;
      call.caller.talk('tone');
      await pause(150);
      await engine.secure(call.id);
      const from = performance.now();
      const moved = await RtpPhone.open();
      await engine.acceptOffer(call.id, 'caller', moved.sdp({ version: 2 }));
      await engine.describeOffer(call.id, 'agent');
      await engine.acceptAnswer(call.id, 'agent', call.agent.sdp({ version: 2 }));
      moved.follow(await engine.describeAnswer(call.id, 'caller'));
      call.caller.stopTalking();
      moved.talk('tone');
      await pause(200);
      await moved.pressAll('42', { durationMs: 80 });
      await pause(100);
      expect(bench.keys).toEqual([4, 2]);
      expect(call.agent.heard.sounding(from + 10)).toEqual([]);
      expect(call.agent.heard.events(from)).toEqual([]);
      await moved.close();
      await call.hangUp();
    });

    test('agentTalks: the customer still hears the agent', async () => {
      await bench.restart({ secureAudio: 'agentTalks' });
      const call = await mediaCall(bench.engine);
      call.caller.talk('tone');
      call.agent.talk('tone');
      await pause(150);
      await bench.engine.secure(call.id);
      const from = performance.now();
      await pause(300);
      expect(call.caller.heard.sounding(from).length).toBeGreaterThan(8);
      expect(call.agent.heard.sounding(from + 10)).toEqual([]);
      await call.hangUp();
    });

    test('betweenCaptures: drop lets no event pass in the open either', async () => {
      await bench.restart({ betweenCaptures: 'drop' });
      const call = await mediaCall(bench.engine);
      call.caller.talk('tone');
      await pause(150);
      await call.caller.pressAll('12', { durationMs: 80 });
      await bench.engine.secure(call.id);
      await bench.engine.release(call.id);
      await pause(200);
      await call.caller.pressAll('34', { durationMs: 80 });
      await pause(100);
      expect(call.agent.heard.events()).toEqual([]);
      await call.hangUp();
    });

    test('what is secured is silent to the end, and leaves nothing when it is ended', async () => {
      const call = await mediaCall(bench.engine);
      call.caller.talk('tone');
      await pause(150);
      await bench.engine.secure(call.id);
      await bench.engine.endCall(call.id);
      const from = performance.now();
      await call.caller.press('1', { durationMs: 100 });
      await pause(100);
      expect(call.agent.heard.between(from + 50)).toEqual([]);
      expect(bench.keys).toEqual([]);
      await call.hangUp();
    });
  });
});
