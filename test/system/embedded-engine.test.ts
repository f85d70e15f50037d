import { readdirSync, readFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openForkedLink } from '../../src/cde/media/embedded/forked-link.ts';
import { LoopLag } from '../support/loop-lag.ts';
import { mediaCall, pause, type Watched, watchedEngine } from '../support/media-call.ts';

let watched: Watched;

beforeEach(async () => {
  watched = await watchedEngine({}, openForkedLink);
});

afterEach(async () => {
  await watched.engine.close();
});

/** Media processes that this test process has forked. */
function mediaProcesses(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        const parent = /^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
        return (
          Number(parent) === process.pid && readFileSync(`/proc/${pid}/cmdline`, 'utf8').startsWith('tonelock-media')
        );
      } catch {
        return false;
      }
    });
}

test('P-41: a media process relays, keeps the agent leg silent under the lock and reports each key once', async () => {
  const call = await mediaCall(watched.engine);
  call.caller.talk('tone');
  call.agent.talk('tone');
  await pause(300);
  using lag = new LoopLag();
  await watched.engine.secure(call.id);
  const from = performance.now();
  await call.caller.pressAll('4111', { durationMs: 80 });
  const interval = await watched.engine.release(call.id);
  const to = performance.now();
  await pause(300);
  const { heard } = call.agent;
  expect(heard.events(from, to)).toHaveLength(0);
  expect(heard.sounding(from + 5, to)).toHaveLength(0);
  expect(heard.largestGapMs(from - 100, to + 200)).toBeLessThanOrEqual(40 + lag.worstMs);
  expect(heard.continuity()).toMatchObject({ ssrcs: 1, sequenceJumps: 0, timestampsBack: 0 });
  expect(watched.presses.map(({ key }) => key)).toEqual([4, 1, 1, 1]);
  expect(interval.eventsSuppressed).toBe(24);
  await call.hangUp();
});

test('The key of a fast customer, pressed before the lock was confirmed to the room, is reported after it', async () => {
  const call = await mediaCall(watched.engine);
  call.caller.talk('silence');
  await pause(100);
  let secured = false;
  const asked = watched.engine.secure(call.id).then(() => {
    secured = true;
  });
  await asked;
  expect(watched.presses).toHaveLength(0);
  await call.caller.press('9', { durationMs: 60 });
  expect(secured).toBe(true);
  expect(watched.presses.map(({ key }) => key)).toEqual([9]);
  await call.hangUp();
});

test('A killed media process ends its calls by name, and the next call gets a new process', async () => {
  const call = await mediaCall(watched.engine);
  call.caller.talk('tone');
  await watched.engine.secure(call.id);
  const [pid] = mediaProcesses();
  expect(pid).toBeDefined();
  process.kill(pid ?? 0, 'SIGKILL');
  await pause(200);
  expect(watched.died).toEqual([call.id]);
  await expect(watched.engine.secure(call.id)).rejects.toMatchObject({ code: 'call-not-found' });
  const from = performance.now();
  await pause(100);
  expect(call.agent.heard.between(from)).toHaveLength(0);
  await pause(1000);
  const next = await mediaCall(watched.engine);
  next.caller.talk('tone');
  await pause(200);
  expect(next.agent.heard.sounding().length).toBeGreaterThan(5);
  await next.hangUp();
  await Promise.all([call.caller.close(), call.agent.close()]);
});
