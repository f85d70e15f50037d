import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { newCallId } from '../../src/shared/ids.ts';
import { LoopLag } from '../support/loop-lag.ts';
import { type MediaCall, mediaCall, pause, somePorts, type Watched, watchedEngine } from '../support/media-call.ts';
import { RtpPhone } from '../support/rtp-phone.ts';

let watched: Watched;
let call: MediaCall;

const patient = { timeout: 5000, interval: 20 };

describe.each(['auto', 'epoll', 'dgram'] as const)('by %s', (io) => {
  beforeEach(async () => {
    watched = await watchedEngine({ io });
    call = await mediaCall(watched.engine);
  });

  afterEach(async () => {
    await call.hangUp();
    await watched.engine.close();
  });

  test('Both sides hear each other as one unbroken stream', async () => {
    call.caller.talk('tone');
    call.agent.talk('tone');
    await expect
      .poll(() => Math.min(...[call.caller, call.agent].map(({ heard }) => heard.sounding().length)), patient)
      .toBeGreaterThan(15);
    for (const phone of [call.caller, call.agent]) {
      expect(phone.heard.continuity()).toMatchObject({ ssrcs: 1, sequenceJumps: 0, timestampsBack: 0 });
      expect(phone.heard.packets.every(({ ssrc }) => ssrc !== call.caller.ssrc && ssrc !== call.agent.ssrc)).toBe(true);
    }
  });

  test('Outside a capture a press reaches the agent with all its packets, and is reported once', async () => {
    call.caller.talk('tone');
    await call.caller.press('7', { durationMs: 80 });
    await pause(50);
    expect(call.agent.heard.events()).toHaveLength(6);
    expect(call.agent.heard.events().every(({ payload }) => payload[0] === 7)).toBe(true);
    expect(watched.presses.map(({ key, leg, source }) => ({ key, leg, source }))).toEqual([
      { key: 7, leg: 'caller', source: 'event' },
    ]);
    expect(call.agent.heard.continuity()).toMatchObject({ ssrcs: 1, sequenceJumps: 0 });
  });

  test('P-41: from the confirmed lock to the release the agent hears steady silence and no key', async () => {
    using lag = new LoopLag();
    call.caller.talk('tone');
    call.agent.talk('tone');
    await pause(150);
    await watched.engine.secure(call.id);
    const from = performance.now();
    await call.caller.pressAll('41', { durationMs: 80 });
    // A busy machine lets the telephone run ahead of the relay in the same process.
    await expect.poll(() => watched.presses.map(({ key }) => key), patient).toEqual([4, 1]);
    const interval = await watched.engine.release(call.id);
    const to = performance.now();
    await pause(300);
    const { heard } = call.agent;
    expect(heard.events(from, to)).toHaveLength(0);
    // A datagram that left before the lock may still be in the ear's queue; relay and ear are both late by the loop's lag.
    const slackMs = 5 + 2 * lag.worstMs;
    expect(heard.sounding(from + slackMs, to)).toHaveLength(0);
    expect(heard.sounding(to + 120).length).toBeGreaterThan(0);
    expect(heard.largestGapMs(from - 50, to + 150)).toBeLessThanOrEqual(40 + slackMs);
    const { worstSkewMs, ...steady } = heard.continuity();
    expect(steady).toEqual({ ssrcs: 1, sequenceJumps: 0, timestampsBack: 0 });
    expect(worstSkewMs).toBeLessThan(45 + slackMs);
    expect(watched.presses.map(({ key }) => key)).toEqual([4, 1]);
    expect(interval.eventsSuppressed).toBe(12);
    expect(interval.silenceSent).toBeGreaterThan(8);
    expect(interval.audioSuppressed).toBeGreaterThan(0);
    expect(call.caller.heard.sounding(from + slackMs, to)).toHaveLength(0);
  });

  test('A report counts what came, what went and what was refused', async () => {
    call.caller.talk('tone');
    await pause(200);
    call.caller.sendRaw(call.caller.packet(Buffer.alloc(160), { payloadType: 77 }));
    await pause(20);
    const report = await watched.engine.endCall(call.id);
    expect(report.caller.received).toBeGreaterThan(8);
    expect(report.agent.sent).toBe(report.caller.received);
    expect(report.caller.refused).toBe(1);
    expect(report.caller.lost).toBeLessThanOrEqual(1);
  });

  test('IPv6: both sides hear each other, and keys are reported', async () => {
    const other = await watchedEngine({ address: '::1' });
    const six = await mediaCall(other.engine, { address: '::1' }, { address: '::1' });
    six.caller.talk('tone');
    six.agent.talk('tone');
    await six.caller.press('3', { durationMs: 60 });
    await pause(150);
    expect(six.caller.heard.sounding().length).toBeGreaterThan(3);
    expect(six.agent.heard.sounding().length).toBeGreaterThan(3);
    expect(other.presses.map(({ key }) => key)).toEqual([3]);
    await six.hangUp();
    await other.engine.close();
  });

  test('Ports that another program has bound are passed over', async () => {
    const [first] = somePorts();
    const taken = await RtpPhone.open({ port: first });
    const other = await watchedEngine({ ports: [first, first + 9], portQuarantineMs: 0 });
    const two = await mediaCall(other.engine);
    two.caller.talk('tone');
    await pause(100);
    expect(two.agent.heard.sounding().length).toBeGreaterThan(1);
    await two.hangUp();
    await other.engine.close();
    await taken.close();
  });

  test('When every port is taken a call is refused with media-failed, and possible again after one has ended', async () => {
    const [first] = somePorts();
    const small = await watchedEngine({ ports: [first, first + 3], portQuarantineMs: 0 });
    const only = await mediaCall(small.engine);
    await expect(small.engine.createCall(newCallId())).rejects.toMatchObject({ code: 'media-failed' });
    await only.hangUp();
    const next = await mediaCall(small.engine);
    await next.hangUp();
    await small.engine.close();
  });

  test('Whatever is asked of an unknown call is refused as such; ending it gives an empty report', async () => {
    const { engine } = watched;
    const id = newCallId();
    const asked = [
      engine.acceptOffer(id, 'caller', ''),
      engine.describeOffer(id, 'caller'),
      engine.acceptAnswer(id, 'caller', ''),
      engine.describeAnswer(id, 'caller'),
      engine.rollback(id, 'caller'),
      engine.secure(id),
      engine.release(id),
    ];
    for (const each of asked) await expect(each).rejects.toMatchObject({ code: 'call-not-found' });
    await expect(engine.endCall(id)).resolves.toMatchObject({ agent: { sent: 0 } });
  });

  test('A second lock is in force like the first, and a release without one gives an empty interval', async () => {
    const { engine } = watched;
    await expect(engine.release(call.id)).resolves.toMatchObject({ ms: 0 });
    await Promise.all([engine.secure(call.id), engine.secure(call.id)]);
    call.caller.talk('tone');
    await call.caller.press('6', { durationMs: 60 });
    expect(watched.presses.map(({ key }) => key)).toEqual([6]);
    expect(call.agent.heard.events()).toHaveLength(0);
  });
});
