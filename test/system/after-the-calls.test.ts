import { afterAll, beforeAll, expect, test } from 'vitest';
import { MainJob } from '../support/main-job.ts';
import { soak } from '../support/soak.ts';

/** The long run of 1,000 calls is test/bench/soak.bench.ts. */
const calls = 240;
const atOnce = 12;
/** What a warm process may still grow by while it makes its last calls: caches and the collector's slack. */
const growthMax = 1.25;

let job: MainJob;

beforeAll(async () => {
  job = await MainJob.start({ settings: { limits: { callsPerSecond: 1000 } } });
});

afterAll(async () => {
  await job.stop();
});

test(`after ${calls} calls that ended in every way there is no dialog, socket, session or capture left`, async () => {
  const report = await soak(job, calls, atOnce);
  expect(report.socketsAfter).toBeLessThanOrEqual(report.socketsBefore + 2);
  const [warm = 0] = report.memory.slice(3);
  expect((report.memory.at(-1) ?? 0) / warm).toBeLessThan(growthMax);
});
