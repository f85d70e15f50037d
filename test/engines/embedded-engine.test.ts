import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { openForkedLink } from '../../src/cde/media/embedded/forked-link.ts';
import { LoopLag } from '../support/loop-lag.ts';
import { engineOptions, mediaCall, pause, type Watched, watchedEngine } from '../support/media-call.ts';
import { RtpPhone } from '../support/rtp-phone.ts';

let watched: Watched;

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

/** A room that starts an engine, sets a call up between two telephones and says so by its standard output. */
const room = `
  const { startEmbeddedEngine } = await import(process.argv[1]);
  const { options, caller, agent } = JSON.parse(process.argv[2]);
  const nothing = () => undefined;
  const engine = await startEmbeddedEngine(options, {
    pressed: nothing, lost: nothing, died: nothing, ready: nothing, hears: nothing, secured: nothing, leaked: nothing,
  });
  await engine.createCall('call');
  await engine.acceptOffer('call', 'caller', caller);
  const toAgent = await engine.describeOffer('call', 'agent');
  await engine.acceptAnswer('call', 'agent', agent);
  const toCaller = await engine.describeAnswer('call', 'caller');
  process.stdout.write(JSON.stringify({ toAgent, toCaller }));
`;

describe.each(['auto', 'dgram'] as const)('by %s', (io) => {
  beforeEach(async () => {
    watched = await watchedEngine({ io }, openForkedLink);
  });

  afterEach(async () => {
    await watched.engine.close();
  });

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
    expect(heard.sounding(from + 5 + lag.worstMs, to)).toHaveLength(0);
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
    expect(watched.ready).toEqual([false]);
    await expect(watched.engine.secure(call.id)).rejects.toMatchObject({ code: 'call-not-found' });
    const from = performance.now();
    await pause(100);
    expect(call.agent.heard.between(from)).toHaveLength(0);
    // A process is started a second after the last one died, and how long it takes is the machine's affair.
    await vi.waitFor(() => expect(watched.ready).toEqual([false, true]), { timeout: 30_000, interval: 50 });
    const next = await mediaCall(watched.engine);
    next.caller.talk('tone');
    await expect.poll(() => next.agent.heard.sounding().length, { timeout: 10_000, interval: 50 }).toBeGreaterThan(5);
    await next.hangUp();
    await Promise.all([call.caller.close(), call.agent.close()]);
  });

  test('A media process that hangs is ended within seconds: a lock that cannot be confirmed is refused, and the call dies', async () => {
    const call = await mediaCall(watched.engine);
    const [pid = 0] = mediaProcesses();
    process.kill(pid, 'SIGSTOP');
    await expect(watched.engine.secure(call.id)).rejects.toMatchObject({ code: 'media-failed' });
    expect(watched.died).toEqual([call.id]);
    await expect(watched.engine.endCall(call.id)).resolves.toMatchObject({ caller: { received: 0 } });
    await Promise.all([call.caller.close(), call.agent.close()]);
  });

  test('Calls are spread over the media processes, and each death takes only its own', async () => {
    await watched.engine.close();
    watched = await watchedEngine({ io, processes: 2 }, openForkedLink);
    const calls = [];
    for (let i = 0; i < 4; i += 1) calls.push(await mediaCall(watched.engine));
    const [pid = 0] = mediaProcesses();
    process.kill(pid, 'SIGKILL');
    await pause(300);
    expect(watched.died).toHaveLength(2);
    const living = calls.filter(({ id }) => !watched.died.includes(id));
    for (const { caller } of living) caller.talk('tone');
    await pause(300);
    for (const { agent } of living) expect(agent.heard.sounding().length).toBeGreaterThan(5);
    for (const call of calls) await call.hangUp();
  });

  test('When the room is killed, its media process keeps the agent leg silent, secured before or not, and ends after a while', async () => {
    const [caller, agent] = await Promise.all([RtpPhone.open(), RtpPhone.open()]);
    const engine = new URL('../../dist/cde/media/embedded/embedded-engine.js', import.meta.url).href;
    const told = JSON.stringify({ options: engineOptions({ io }), caller: caller.sdp(), agent: agent.sdp() });
    const child = spawn(process.execPath, ['--input-type=module', '-e', room, engine, told], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    const { toAgent, toCaller } = JSON.parse(line.toString()) as { toAgent: string; toCaller: string };
    agent.follow(toAgent);
    caller.follow(toCaller);
    caller.talk('tone');
    agent.talk('tone');
    await pause(300);
    expect(agent.heard.sounding().length).toBeGreaterThan(5);
    child.kill('SIGKILL');
    await once(child, 'exit');
    const killed = performance.now();
    await caller.press('5', { durationMs: 100 });
    await pause(2000);
    expect(agent.heard.sounding(killed + 100)).toHaveLength(0);
    expect(agent.heard.events(killed + 100)).toHaveLength(0);
    expect(agent.heard.between(killed + 500, killed + 2000).length).toBeGreaterThan(60);
    await pause(9000);
    const late = performance.now();
    await pause(500);
    expect(agent.heard.between(late)).toHaveLength(0);
    await Promise.all([caller.close(), agent.close()]);
  });

  test('A flood of foreign packets and of presses does not stop a call beside it', async () => {
    const call = await mediaCall(watched.engine);
    const victim = await mediaCall(watched.engine);
    const stranger = await RtpPhone.open();
    for (const phone of [call.caller, call.agent, victim.caller, victim.agent]) phone.talk('tone');
    await pause(200);
    await watched.engine.secure(victim.id);
    using lag = new LoopLag();
    const from = performance.now();
    for (let round = 0; round < 40; round += 1) {
      for (let i = 0; i < 50; i += 1) {
        stranger.sendRaw(
          victim.caller.packet(Buffer.from([9, 10, 0, 160]), { payloadType: 101 }),
          victim.caller.remote,
        );
        call.caller.sendRaw(call.caller.packet(Buffer.from([i % 16, 10, 0, 160]), { payloadType: 101 }));
      }
      await pause(20);
    }
    const to = performance.now();
    expect(watched.presses.some(({ call: id }) => id === victim.id)).toBe(false);
    expect(victim.agent.heard.sounding(from, to)).toHaveLength(0);
    expect(victim.agent.heard.largestGapMs(from, to)).toBeLessThanOrEqual(40 + lag.worstMs);
    await stranger.close();
    await call.hangUp();
    await victim.hangUp();
  });

  test('Two hundred calls leave no socket behind', async () => {
    const before = mediaProcesses();
    for (let round = 0; round < 50; round += 1) {
      const calls = await Promise.all(Array.from({ length: 4 }, () => mediaCall(watched.engine)));
      await Promise.all(calls.map(({ id }, i) => (i % 2 === 0 ? watched.engine.secure(id) : undefined)));
      await Promise.all(calls.map((call) => call.hangUp()));
      await pause(round % 10 === 9 ? 1100 : 0);
    }
    expect(mediaProcesses()).toEqual(before);
    const [pid = 0] = before;
    const sockets = readdirSync(`/proc/${pid}/fd`).length;
    expect(sockets).toBeLessThan(40);
  });
});
