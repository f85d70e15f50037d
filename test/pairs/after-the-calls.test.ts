import { afterAll, beforeAll, expect, test } from 'vitest';
import { MainJob } from '../support/main-job.ts';
import { soak, socketsAhead } from '../support/soak.ts';

const calls = 1000;
const atOnce = 20;
/**
 * What a warming process may grow by, a call: frames for those who resume, closed sessions and SIP timers fill up to their
 * limits. That they then stay there takes more calls to see: test/bench/soak.bench.ts.
 */
const bytesMax = 250_000;

let job: MainJob;

beforeAll(async () => {
  job = await MainJob.start({ settings: { limits: { callsPerSecond: 1000 } } });
});

afterAll(async () => {
  await job.stop();
});

test(`after ${calls} calls that ended in every way there is no dialog, socket, session or capture left`, async () => {
  const report = await soak(job, calls, atOnce);
  expect(report.socketsAfter).toBeLessThanOrEqual(report.socketsBefore + 2 + socketsAhead);
  const [first = 0] = report.memory;
  expect(((report.memory.at(-1) ?? 0) - first) / calls).toBeLessThan(bytesMax);
});
