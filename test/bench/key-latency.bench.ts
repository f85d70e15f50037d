import { execFileSync } from 'node:child_process';
import { constants } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { askForPriority } from '../../src/shared/priority.ts';
import { processorSeconds } from '../support/child-processes.ts';
import { freeSipPort } from '../support/free-ports.ts';
import type { LiveCall } from '../support/live-call.ts';
import { MainJob } from '../support/main-job.ts';
import { Sipp } from '../support/sipp.ts';

const calls = Number(process.env['BENCH_CALLS'] ?? 100);
const capturing = Number(process.env['BENCH_CAPTURING'] ?? 20);
const rounds = Number(process.env['BENCH_ROUNDS'] ?? 5);
/** From a key's first event packet to its frame, at the 99th percentile. */
const limitMs = 50;
const card = '4111111111111111';
/** Agents open sessions and press their buttons at moments of their own: within this of one another. */
const spreadMs = 1000;

const background = calls - capturing;
/** Long enough for all rounds on a slow machine. */
const backgroundMs = 600_000;

let job: MainJob;
let sipp: Sipp[];

/** The calls that only talk are SIPp's: this process must have time to see the frames of the others come in. */
beforeAll(async () => {
  const [agentPort, customerPort] = await Promise.all([freeSipPort(), freeSipPort()]);
  job = await MainJob.start({
    mediaPorts: calls * 8 + 200,
    settings: { limits: { callsPerSecond: 1000 } },
    trunks: [{ name: 'load', side: 'customer', peers: [`127.0.0.1:${customerPort}`] }],
    routes: [{ from: 'load', to: `sip:load@127.0.0.1:${agentPort}`, agent: 'load' }],
  });
  const generator = join(import.meta.dirname, '..', '..', 'sip-scenarios', 'make-card-pcap.mjs');
  execFileSync(process.execPath, [generator, `${backgroundMs / 1000}s`], { stdio: 'ignore' });
  const each = { calls: background, user: 'load', pauseMs: backgroundMs, timeoutMs: backgroundMs * 2 };
  sipp = [
    new Sipp('agent-answers', { ...each, port: agentPort, mediaPort: 33_000, echo: true }),
    new Sipp('customer-plays', {
      ...each,
      port: customerPort,
      mediaPort: 34_000,
      target: `127.0.0.1:${job.gateway.sip.port}`,
    }),
  ];
  await job.untilMetric('tonelock_calls_active', background, 60_000);
  // What measures must not wait for what it measures, nor for SIPp.
  askForPriority(constants.priority.PRIORITY_HIGHEST);
}, 120_000);

afterAll(async () => {
  for (const one of sipp) one.kill();
  await job.stop();
});

const atOwnMoment = (agent: number): Promise<void> => delay((agent * spreadMs) / capturing);

/** Keys one card and gives back, for each key, the time from its first packet to the frame that counts it. */
async function times(call: LiveCall): Promise<number[]> {
  const since = call.events.mark();
  await call.lock('pan');
  const pressed: number[] = [];
  // The last digit ends the field and has no frame of its own kind: it is keyed and not measured.
  for (const key of card) {
    pressed.push(performance.now());
    await call.caller.rtp.press(key, { durationMs: 60, gapMs: 60 });
  }
  await call.ending('pan', since);
  const frames = call.events.received.slice(since).filter(({ frame }) => frame.type === 'capture.progress');
  return frames.flatMap(({ at, frame }) => {
    const from = pressed[frame['digits'] - 1];
    return from === undefined ? [] : [at - from];
  });
}

test(`${calls} calls, ${capturing} of them capturing: from the first packet of a key to its frame`, async () => {
  const users = Array.from({ length: capturing }, (_, n) => String(7000 + n));
  const keying = await Promise.all(users.map((user) => job.inbound(user)));
  const measured: number[] = [];
  const busyBefore = job.gateway.pids.map(processorSeconds);
  const from = performance.now();
  // What this process is late by itself is in every number below: it says how busy the machine was with other things.
  const own = monitorEventLoopDelay({ resolution: 1 });
  own.enable();
  await Promise.all(
    keying.map(async (call, n) => {
      await atOwnMoment(n);
      await call.open();
    }),
  );
  for (let round = 0; round < rounds; round += 1) {
    const taken = await Promise.all(
      keying.map(async (call, n) => {
        await atOwnMoment(n);
        return times(call);
      }),
    );
    const slowest = Math.max(...taken.flat());
    process.stdout.write(`round ${round + 1}: worst ${slowest.toFixed(1)} ms\n`);
    measured.push(...taken.flat());
  }
  const seconds = (performance.now() - from) / 1000;
  const busy = job.gateway.pids.map((pid, n) => (processorSeconds(pid) - (busyBefore[n] ?? 0)) / seconds);
  const shares = busy.map((share) => `${(100 * share).toFixed(0)} %`).join(', ');
  own.disable();
  process.stdout.write(
    `this process was late by ${(own.percentile(50) / 1e6).toFixed(1)} ms (p50), ${(own.percentile(99) / 1e6).toFixed(1)} ms (p99)\n`,
  );
  process.stdout.write(`processor: gateway, room and media took ${shares} of a core\n`);
  measured.sort((a, b) => a - b);
  const at = (share: number): number =>
    measured[Math.min(measured.length - 1, Math.floor(measured.length * share))] ?? Number.NaN;
  const [p50, p99, worst] = [at(0.5), at(0.99), measured.at(-1) ?? Number.NaN];
  process.stdout.write(
    `${measured.length} keys: p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms, worst ${worst.toFixed(1)} ms\n`,
  );
  expect(measured.length).toBeGreaterThan(capturing * rounds * 14);
  expect(p99).toBeLessThanOrEqual(limitMs);
  await Promise.all(keying.map((call) => call.hangUp()));
});
