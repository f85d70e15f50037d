import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { newCallId } from '../../src/shared/ids.ts';
import { ContractBench } from '../support/contract-bench.ts';
import { contractEngines } from '../support/contract-engines.ts';
import { mediaCall, pause } from '../support/media-call.ts';
import { RtpPhone } from '../support/rtp-phone.ts';

/** What the rest of the gateway relies on, shown with real packets on every engine. */
describe.each(contractEngines.map((kind) => [kind.name, kind] as const))('%s', (_, kind) => {
  const bench = new ContractBench(kind);

  beforeEach(async (context) => {
    if (!(await bench.start())) context.skip(kind.needs);
  });

  afterEach(() => bench.stop());

  describe('relays', () => {
    test('both ways, in one stream each without a jump, and keys of the open time as events', async () => {
      const call = await mediaCall(bench.engine);
      call.caller.talk('tone');
      call.agent.talk('tone');
      await pause(400);
      await call.caller.press('5', { durationMs: 100 });
      await pause(200);
      expect(call.agent.heard.sounding().length).toBeGreaterThan(20);
      expect(call.caller.heard.sounding().length).toBeGreaterThan(20);
      expect(call.agent.heard.events().length).toBeGreaterThan(4);
      expect(call.agent.heard.continuity()).toMatchObject({ ssrcs: 1, sequenceJumps: 0 });
      expect(call.caller.heard.continuity()).toMatchObject({ ssrcs: 1, sequenceJumps: 0 });
      expect(bench.running.ways.at(-1)).toEqual({ events: true, tones: true });
      const report = await bench.engine.endCall(call.id);
      expect(report.caller.received).toBeGreaterThan(25);
      expect(report.agent.received).toBeGreaterThan(25);
      await call.hangUp();
    });

    test('between the two laws of G.711', async () => {
      const call = await mediaCall(bench.engine, { payloadType: 0 }, { payloadType: 8 });
      call.caller.talk('tone');
      call.agent.talk('tone');
      await pause(400);
      expect(call.agent.heard.sounding().length).toBeGreaterThan(10);
      expect(new Set(call.agent.heard.packets.map(({ payloadType }) => payloadType))).toEqual(new Set([8]));
      expect(new Set(call.caller.heard.packets.map(({ payloadType }) => payloadType))).toEqual(new Set([0]));
      await call.hangUp();
    });

    test('early media: the answer that came first may be taken again', async () => {
      const id = newCallId();
      const [caller, agent] = await Promise.all([RtpPhone.open(), RtpPhone.open()]);
      const { engine } = bench;
      await engine.createCall(id);
      await engine.acceptOffer(id, 'caller', caller.sdp());
      agent.follow(await engine.describeOffer(id, 'agent'));
      await engine.acceptAnswer(id, 'agent', agent.sdp());
      const early = await engine.describeAnswer(id, 'caller');
      caller.follow(early);
      agent.talk('tone');
      await pause(250);
      expect(caller.heard.sounding().length).toBeGreaterThan(5);
      await engine.acceptAnswer(id, 'agent', agent.sdp());
      expect(await engine.describeAnswer(id, 'caller')).toBe(early);
      await engine.endCall(id);
      await Promise.all([caller.close(), agent.close()]);
    });

    test('a call whose INVITE brought no offer', async () => {
      const id = newCallId();
      const [caller, agent] = await Promise.all([RtpPhone.open(), RtpPhone.open()]);
      const { engine } = bench;
      await engine.createCall(id);
      agent.follow(await engine.describeOffer(id, 'agent'));
      await engine.acceptAnswer(id, 'agent', agent.sdp());
      const offer = await engine.describeOffer(id, 'caller');
      expect(offer).toMatch(/telephone-event\/8000/);
      caller.follow(offer);
      await engine.acceptAnswer(id, 'caller', caller.sdp());
      caller.talk('tone');
      await pause(250);
      expect(agent.heard.sounding().length).toBeGreaterThan(5);
      await engine.endCall(id);
      await Promise.all([caller.close(), agent.close()]);
    });

    test('on after a re-INVITE that moves the customer, on the same port of ours', async () => {
      const call = await mediaCall(bench.engine);
      call.agent.talk('tone');
      const moved = await RtpPhone.open();
      const { engine } = bench;
      await engine.acceptOffer(call.id, 'caller', moved.sdp({ version: 2 }));
      await engine.describeOffer(call.id, 'agent');
      await engine.acceptAnswer(call.id, 'agent', call.agent.sdp({ version: 2 }));
      moved.follow(await engine.describeAnswer(call.id, 'caller'));
      expect(moved.remote?.port).toBe(call.caller.remote?.port);
      moved.talk('tone');
      await pause(300);
      expect(moved.heard.sounding().length).toBeGreaterThan(5);
      expect(call.agent.heard.sounding().length).toBeGreaterThan(5);
      await moved.close();
      await call.hangUp();
    });

    test('nothing of a stranger, whose keys are no keys', async () => {
      const call = await mediaCall(bench.engine);
      const stranger = await RtpPhone.open();
      call.caller.talk('silence');
      await pause(100);
      await bench.engine.secure(call.id);
      stranger.sendTo(call.caller.remote ?? { address: '127.0.0.1', port: 9 });
      await stranger.pressAll('12', { durationMs: 80 });
      expect(bench.keys).toEqual([]);
      await call.caller.press('7', { durationMs: 80 });
      await pause(100);
      expect(bench.keys).toEqual([7]);
      expect(stranger.heard.packets).toEqual([]);
      await stranger.close();
      await call.hangUp();
    });

    test('refuses what it cannot secure, and calls that it does not know', async () => {
      const id = newCallId();
      const { engine } = bench;
      await engine.createCall(id);
      await expect(engine.acceptOffer(id, 'caller', '')).rejects.toMatchObject({ code: 'bad-request' });
      await expect(engine.acceptOffer(id, 'caller', 'v=0\r\n')).rejects.toMatchObject({ code: 'not-acceptable-media' });
      await engine.endCall(id);
      await expect(engine.secure(id)).rejects.toMatchObject({ code: 'call-not-found' });
      await expect(engine.endCall(id)).resolves.toMatchObject({ caller: { received: 0 } });
    });
  });

  describe('dies', () => {
    test('P-44: and says which calls went with it; nobody hears anything, and it takes calls again when it is back', async (context) => {
      if (!kind.mayDie) context.skip('it is not ours to kill');
      const call = await mediaCall(bench.engine);
      call.caller.talk('tone');
      await bench.engine.secure(call.id);
      await pause(200);
      const from = performance.now();
      bench.running.kill();
      await expect.poll(() => bench.running.died, { timeout: 30_000, interval: 50 }).toEqual([call.id]);
      expect(call.agent.heard.sounding(from)).toEqual([]);
      await expect(bench.engine.secure(call.id)).rejects.toMatchObject({ code: 'call-not-found' });
      await bench.running.revive();
      await expect.poll(() => bench.running.ready.at(-1), { timeout: 30_000, interval: 50 }).toBe(true);
      const next = await mediaCall(bench.engine);
      next.caller.talk('tone');
      await expect.poll(() => next.agent.heard.sounding().length, { timeout: 10_000, interval: 50 }).toBeGreaterThan(5);
      await next.hangUp();
      await Promise.all([call.caller.close(), call.agent.close()]);
    });

    test('a leg that falls silent is lost, once', async () => {
      await bench.restart({ lossMs: { first: 1500, running: 1500, held: 60_000 } });
      const call = await mediaCall(bench.engine);
      call.caller.talk('tone');
      call.agent.talk('tone');
      await pause(500);
      call.caller.stopTalking();
      await expect
        .poll(() => bench.running.lost, { timeout: 30_000, interval: 100 })
        .toEqual([{ call: call.id, leg: 'caller' }]);
      await pause(2500);
      expect(bench.running.lost).toHaveLength(1);
      await call.hangUp();
    });
  });
});
