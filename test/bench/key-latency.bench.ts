import { afterAll, beforeAll, expect, test } from 'vitest';
import type { LiveCall } from '../support/live-call.ts';
import { MainJob } from '../support/main-job.ts';

const calls = Number(process.env['BENCH_CALLS'] ?? 100);
const capturing = Number(process.env['BENCH_CAPTURING'] ?? 20);
const rounds = Number(process.env['BENCH_ROUNDS'] ?? 5);
/** From a key's first event packet to its frame, at the 99th percentile. */
const limitMs = 50;
const card = '4111111111111111';

let job: MainJob;

beforeAll(async () => {
  job = await MainJob.start({ mediaPorts: calls * 8 + 200, settings: { limits: { callsPerSecond: 1000 } } });
});

afterAll(async () => {
  await job.stop();
});

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
  const live: LiveCall[] = [];
  for (let n = 0; n < calls; n += 1) live.push(await job.inbound(String(7000 + n)));
  const measured: number[] = [];
  const keying = live.slice(0, capturing);
  await Promise.all(keying.map((call) => call.open()));
  for (let round = 0; round < rounds; round += 1) measured.push(...(await Promise.all(keying.map(times))).flat());
  measured.sort((a, b) => a - b);
  const at = (share: number): number =>
    measured[Math.min(measured.length - 1, Math.floor(measured.length * share))] ?? Number.NaN;
  const [p50, p99, worst] = [at(0.5), at(0.99), measured.at(-1) ?? Number.NaN];
  process.stdout.write(
    `${measured.length} keys: p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms, worst ${worst.toFixed(1)} ms\n`,
  );
  expect(measured.length).toBeGreaterThan(capturing * rounds * 14);
  expect(p99).toBeLessThanOrEqual(limitMs);
  await Promise.all(live.map((call) => call.hangUp()));
});
