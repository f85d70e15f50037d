import { afterEach, beforeEach, expect, test } from 'vitest';
import { LoopLag } from '../../support/loop-lag.ts';
import { type MediaCall, mediaCall, pause, type Watched, watchedEngine } from '../../support/media-call.ts';

let watched: Watched;
let call: MediaCall;

beforeEach(async () => {
  watched = await watchedEngine();
  call = await mediaCall(watched.engine);
});

afterEach(async () => {
  await call.hangUp();
  await watched.engine.close();
});

test('Both sides hear each other as one unbroken stream', async () => {
  call.caller.talk('tone');
  call.agent.talk('tone');
  await pause(400);
  for (const phone of [call.caller, call.agent]) {
    expect(phone.heard.sounding().length).toBeGreaterThan(15);
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
  call.caller.talk('tone');
  call.agent.talk('tone');
  await pause(150);
  using lag = new LoopLag();
  await watched.engine.secure(call.id);
  const from = performance.now();
  await call.caller.pressAll('41', { durationMs: 80 });
  const interval = await watched.engine.release(call.id);
  const to = performance.now();
  await pause(300);
  const { heard } = call.agent;
  expect(heard.events(from, to)).toHaveLength(0);
  // A datagram that left before the lock may still be in the ear's queue.
  expect(heard.sounding(from + 5, to)).toHaveLength(0);
  expect(heard.sounding(to + 120).length).toBeGreaterThan(3);
  expect(heard.largestGapMs(from - 50, to + 150)).toBeLessThanOrEqual(40 + lag.worstMs);
  const { worstSkewMs, ...steady } = heard.continuity();
  expect(steady).toEqual({ ssrcs: 1, sequenceJumps: 0, timestampsBack: 0 });
  expect(worstSkewMs).toBeLessThan(45 + lag.worstMs);
  expect(watched.presses.map(({ key }) => key)).toEqual([4, 1]);
  expect(interval.eventsSuppressed).toBe(12);
  expect(interval.silenceSent).toBeGreaterThan(8);
  expect(interval.audioSuppressed).toBeGreaterThan(0);
  expect(call.caller.heard.sounding(from + 5, to)).toHaveLength(0);
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
