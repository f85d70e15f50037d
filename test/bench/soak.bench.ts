import { afterAll, beforeAll, expect, test } from 'vitest';
import { MainJob } from '../support/main-job.ts';
import { soak } from '../support/soak.ts';

const calls = Number(process.env['SOAK_CALLS'] ?? 1000);
const atOnce = Number(process.env['SOAK_AT_ONCE'] ?? 20);

let job: MainJob;

beforeAll(async () => {
  job = await MainJob.start({ settings: { limits: { callsPerSecond: 1000 } } });
});

afterAll(async () => {
  await job.stop();
});

test(`${calls} calls, ${atOnce} at a time, ended in every way: gauges at zero, memory flat`, async () => {
  const report = await soak(job, calls, atOnce);
  const megabytes = report.memory.map((bytes) => (bytes / 1e6).toFixed(0)).join(' ');
  process.stdout.write(
    `${report.calls} calls in ${report.seconds.toFixed(1)} s; resident MB by tenths: ${megabytes}; `,
  );
  process.stdout.write(`sockets ${report.socketsBefore} before, ${report.socketsAfter} after\n`);
  expect(report.socketsAfter).toBeLessThanOrEqual(report.socketsBefore + 2);
  const [warm = 0] = report.memory.slice(3);
  expect((report.memory.at(-1) ?? 0) / warm).toBeLessThan(1.15);
});
