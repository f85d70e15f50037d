import { afterEach, expect, test } from 'vitest';
import { descendants } from '../support/child-processes.ts';
import { MainJob } from '../support/main-job.ts';
import { header } from '../support/sip-text.ts';

let job: MainJob | undefined;

afterEach(async () => {
  await job?.stop();
  job = undefined;
});

test('the walled room is killed in the middle of a capture: calls end with BYE, sessions say media-lost, nothing hangs', async () => {
  const running = await MainJob.start();
  job = running;
  const calls = await Promise.all(['6001', '6002', '6003'].map((user) => running.inbound(user)));
  const [first, second, third] = calls;
  if (first === undefined || second === undefined || third === undefined) throw new Error('three calls');
  await Promise.all([first.open(), second.open()]);
  await first.lock('pan');
  await first.key('41111111');
  const since = first.events.mark();
  const from = performance.now();
  process.kill(running.gateway.roomPid, 'SIGKILL');

  expect(await first.events.next('capture.failed', undefined, { since })).toMatchObject({
    field: 'pan',
    reason: 'media-lost',
  });
  await Promise.all(calls.map((call) => call.events.next('call.ended', ({ callId }) => callId === call.id)));
  const byes = await Promise.all(calls.flatMap(({ caller, agent }) => [caller.ended, agent.ended]));
  expect(byes.map((bye) => bye?.method)).toEqual(Array(6).fill('BYE'));
  expect(byes.every((bye) => bye !== undefined && header(bye, 'reason') !== '')).toBe(true);
  expect(performance.now() - from).toBeLessThan(5000);
  expect(first.agent.rtp.heard.events()).toEqual([]);

  // The gateway lives, opens a new room, and takes the next call.
  expect(running.gateway.running).toBe(true);
  await expect.poll(async () => (await fetch(`${running.gateway.http}/readyz`)).status, { timeout: 15_000 }).toBe(200);
  const next = await running.inbound('6004');
  await next.open();
  expect(await next.take('pan', '4111111111111111')).toMatchObject({ type: 'capture.completed' });
  await next.hangUp();
});

test('a media process is killed: its calls end, and the gateway goes on', async () => {
  const running = await MainJob.start();
  job = running;
  const call = await running.inbound('6010');
  await call.open();
  await call.lock('pan');
  await call.key('4111');
  const media = descendants(running.gateway.roomPid);
  expect(media.length).toBeGreaterThan(0);
  for (const { pid } of media) process.kill(pid, 'SIGKILL');
  const readyz = async () => (await fetch(`${running.gateway.http}/readyz`)).json();
  await expect.poll(readyz, { interval: 20 }).toMatchObject({ ready: false, reasons: ['media-lost'] });
  expect(await call.events.next('capture.failed')).toMatchObject({ reason: 'media-lost' });
  const byes = await Promise.all([call.caller.ended, call.agent.ended]);
  expect(byes.map((bye) => bye?.method)).toEqual(['BYE', 'BYE']);
  // Until the new media process is there, calls are refused and not left hanging.
  const taken = async (): Promise<number | undefined> => {
    const probe = await running.customers.call('sip:6010@127.0.0.1', running.gateway.sip);
    const { status } = await probe.final;
    if (status === 200) await probe.bye();
    return status;
  };
  await expect.poll(taken, { timeout: 15_000, interval: 500 }).toBe(200);
  const next = await running.inbound('6011');
  await next.open();
  expect(await next.take('pan', '4111111111111111')).toMatchObject({ type: 'capture.completed' });
});

test('the gateway itself is killed: the room does not outlive it', async () => {
  const running = await MainJob.start();
  job = running;
  const call = await running.inbound('6020');
  await call.open();
  await call.lock('pan');
  const family = descendants(running.gateway.pid);
  running.gateway.signal('SIGKILL');
  await running.gateway.exited;
  const alive = (): string[] =>
    descendants(1)
      .filter(({ pid, command }) => family.some((one) => one.pid === pid && one.command === command))
      .map(({ command }) => command);
  await expect.poll(alive, { timeout: 5000 }).toEqual([]);
});
