import { afterEach, describe, expect, test } from 'vitest';
import { MainJob } from '../support/main-job.ts';
import { header, sipRequest } from '../support/sip-text.ts';

let job: MainJob | undefined;

afterEach(async () => {
  await job?.stop();
  job = undefined;
});

const start = async (drainSeconds: number): Promise<MainJob> => {
  job = await MainJob.start({ settings: { drainSeconds } });
  return job;
};

const options = (of: MainJob) => (branch: string) =>
  sipRequest('OPTIONS', `sip:127.0.0.1:${of.gateway.sip.port}`, {
    via: of.customers.hostPort,
    branch,
    from: '<sip:probe@127.0.0.1>;tag=probe',
    to: '<sip:gateway@127.0.0.1>',
    callId: `${branch}@test`,
    cseq: 1,
  });

describe('SIGTERM', () => {
  test('takes no new call, lets a running one pay and end, then exits with 0', async () => {
    const running = await start(30);
    expect((await running.customers.request(options(running), running.gateway.sip)).status).toBe(200);
    const call = await running.inbound();
    await call.open();
    running.gateway.signal('SIGTERM');
    await expect.poll(async () => (await fetch(`${running.gateway.http}/readyz`)).status).toBe(503);
    expect((await fetch(`${running.gateway.http}/healthz`)).status).toBe(200);

    const refused = await running.customers.call('sip:1002@127.0.0.1', running.gateway.sip);
    const answer = await refused.final;
    expect(answer.status).toBe(503);
    expect(Number(header(answer, 'retry-after'))).toBeGreaterThan(0);
    expect((await running.customers.request(options(running), running.gateway.sip)).status).toBe(503);

    expect(await call.take('pan', '4111111111111111')).toMatchObject({ type: 'capture.completed' });
    expect(await call.take('cvc', '737')).toMatchObject({ type: 'capture.completed' });
    expect(await call.authorise()).toMatchObject({ type: 'payment.succeeded' });
    expect(running.gateway.running).toBe(true);
    await call.hangUp();
    expect(await running.gateway.exited).toBe(0);
  });

  test('ends what still runs when its time is over: both sides hear BYE, exit 0, no process is left', async () => {
    const running = await start(1);
    const call = await running.inbound();
    running.gateway.signal('SIGTERM');
    const [caller, agent] = await Promise.all([call.caller.ended, call.agent.ended]);
    expect([caller?.method, agent?.method]).toEqual(['BYE', 'BYE']);
    expect(await running.gateway.exited).toBe(0);
    await running.gateway.stop();
    expect(running.gateway.leftBehind).toEqual([]);
  });

  test('a second one exits at once', async () => {
    const running = await start(60);
    await running.inbound();
    running.gateway.signal('SIGTERM');
    await expect.poll(async () => (await fetch(`${running.gateway.http}/readyz`)).status).toBe(503);
    const from = performance.now();
    running.gateway.signal('SIGTERM');
    await running.gateway.exited;
    expect(performance.now() - from).toBeLessThan(2000);
  });

  test('with no call there is nothing to wait for, and nothing in the log is an error', async () => {
    const running = await start(60);
    const from = performance.now();
    running.gateway.signal('SIGTERM');
    expect(await running.gateway.exited).toBe(0);
    expect(performance.now() - from).toBeLessThan(3000);
    expect(running.gateway.output).toContain('gateway stopped');
    expect(running.gateway.output).not.toMatch(/"level":"?(50|60|error|fatal)/);
  });
});
