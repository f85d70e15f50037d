import { afterAll, beforeAll, expect, test } from 'vitest';
import { residentBytes } from '../support/child-processes.ts';
import { MainJob } from '../support/main-job.ts';
import { soak, socketsAhead } from '../support/soak.ts';

const calls = Number(process.env['SOAK_CALLS'] ?? 4000);
const atOnce = Number(process.env['SOAK_AT_ONCE'] ?? 20);
/** Memory of the last three tenths of the way, against each other. */
const flatWithin = 1.05;

let job: MainJob;

beforeAll(async () => {
  job = await MainJob.start({ settings: { limits: { callsPerSecond: 1000 } } });
}, 60_000);

afterAll(async () => {
  await job.stop();
});

test(`${calls} calls, ${atOnce} at a time, ended in every way: gauges at zero, memory flat`, async () => {
  const report = await soak(job, calls, atOnce);
  const megabytes = report.memory.map((bytes) => (bytes / 1e6).toFixed(0)).join(' ');
  const each = job.gateway.pids.map((pid) => (residentBytes(pid) / 1e6).toFixed(0)).join(', ');
  process.stdout.write(
    `${report.calls} calls in ${report.seconds.toFixed(1)} s; resident MB by tenths: ${megabytes}; `,
  );
  process.stdout.write(
    `gateway, room and media: ${each}; sockets ${report.socketsBefore} before, ${report.socketsAfter} after\n`,
  );
  expect(report.socketsAfter).toBeLessThanOrEqual(report.socketsBefore + 2 + socketsAhead);
  // What is kept on purpose (frames for those who resume, sessions that have closed, SIP timers) is full by then.
  const full = report.memory.at(-3) ?? 0;
  expect((report.memory.at(-1) ?? 0) / full).toBeLessThan(flatWithin);
});
