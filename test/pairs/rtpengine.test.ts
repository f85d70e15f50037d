import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startRtpengine } from '../../src/cde/media/rtpengine/rtpengine-engine.ts';
import type { CallId } from '../../src/shared/ids.ts';
import { rtpengineOptions } from '../support/contract-engines.ts';
import { freeSipPort } from '../support/free-ports.ts';
import { MainJob } from '../support/main-job.ts';
import { mediaCall, pause } from '../support/media-call.ts';
import { hasRtpengine, type RtpengineDaemon, startRtpengineDaemon } from '../support/rtpengine-daemon.ts';

const here = hasRtpengine();
let daemons: RtpengineDaemon[] = [];

const startDaemon = async (): Promise<RtpengineDaemon> => {
  const daemon = await startRtpengineDaemon();
  daemons.push(daemon);
  return daemon;
};

afterEach(async () => {
  for (const daemon of daemons) await daemon.stop();
  daemons = [];
});

describe.skipIf(!here)('a gateway on rtpengine', () => {
  let job: MainJob;

  beforeEach(async () => {
    const { control } = await startDaemon();
    const rtpengine = {
      control: `${control.host}:${control.port}`,
      events: `127.0.0.1:${await freeSipPort()}`,
    };
    job = await MainJob.start({ settings: { media: { engine: 'rtpengine', rtpengine }, demo: { enabled: false } } });
  });

  afterEach(async () => {
    await job.stop();
  });

  test.each(['events', 'info'] as const)('takes a payment from keys by %s (P-39…P-64)', async (way) => {
    const call = await job.inbound();
    await call.open();
    expect(await call.take('pan', '4111111111111111', way)).toMatchObject({
      digits: 16,
      brand: 'visa',
      lastFour: '1111',
    });
    expect(await call.take('cvc', '737', way)).toMatchObject({ digits: 3 });
    expect(await call.authorise()).toMatchObject({ type: 'payment.succeeded', amount: 12_300 });
  });

  test('P-44: ends its calls with media-lost when the daemon is killed in the middle of a number, and serves again after', async () => {
    const call = await job.inbound();
    await call.open();
    const since = call.events.mark();
    await call.lock('pan');
    await call.caller.rtp.pressAll('411111', { durationMs: 80 });
    daemons[0]?.child.kill('SIGKILL');
    const failed = await call.events.next('capture.failed', ({ callId }) => callId === call.id, { since });
    expect(failed).toMatchObject({ field: 'pan', reason: 'media-lost' });
    await Promise.all([call.caller.ended, call.agent.ended]);
    expect(await job.api().metrics()).toMatch(/tonelock_/);
    const again = await daemons[0]?.restart();
    if (again !== undefined) daemons.push(again);
    await expect.poll(async () => (await fetch(`${job.gateway.http}/readyz`)).status, { timeout: 10_000 }).toBe(200);
    const next = await job.inbound('1002');
    await next.open();
    expect(await next.take('pan', '4111111111111111', 'events')).toMatchObject({ digits: 16 });
  });
});

describe.skipIf(!here)('several rtpengines', () => {
  const died: CallId[] = [];

  const startEngine = () =>
    startRtpengine(rtpengineOptions(daemons), {
      pressed: () => undefined,
      lost: () => undefined,
      hears: () => undefined,
      secured: () => undefined,
      leaked: () => undefined,
      ready: () => undefined,
      died: (calls) => void died.push(...calls),
    });

  beforeEach(async () => {
    died.length = 0;
    await startDaemon();
    await startDaemon();
  });

  test('share the calls; the death of one takes its own, and new calls go to the other', async () => {
    const engine = await startEngine();
    const calls = [];
    for (let i = 0; i < 4; i += 1) calls.push(await mediaCall(engine));
    daemons[0]?.child.kill('SIGKILL');
    await expect.poll(() => died.length, { timeout: 30_000 }).toBe(2);
    const living = calls.filter(({ id }) => !died.includes(id));
    const next = await mediaCall(engine);
    for (const { caller } of [...living, next]) caller.talk('tone');
    await pause(300);
    for (const { agent } of [...living, next]) expect(agent.heard.sounding().length).toBeGreaterThan(5);
    for (const call of [...calls, next]) await call.hangUp();
    await engine.close();
  });

  test('one that hangs refuses the lock and loses its calls within seconds; a call that begins meanwhile is served by the other', async () => {
    const engine = await startEngine();
    const calls = [await mediaCall(engine), await mediaCall(engine)];
    const [hung, other] = daemons;
    hung?.child.kill('SIGSTOP');
    const locks = await Promise.allSettled(calls.map(({ id }) => engine.secure(id)));
    expect(locks.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const next = await mediaCall(engine);
    next.caller.talk('tone');
    await pause(300);
    expect(next.agent.heard.sounding().length).toBeGreaterThan(5);
    await expect.poll(() => died.length, { timeout: 30_000 }).toBe(1);
    expect(other?.child.exitCode).toBeNull();
    for (const call of [...calls, next]) await call.hangUp();
    await engine.close();
  });

  test('one that is started again at once has forgotten its calls, and that is noticed', async () => {
    const engine = await startEngine();
    await pause(4000);
    const call = await mediaCall(engine);
    const before = daemons.find(({ child }) => child.exitCode === null);
    expect(before).toBeDefined();
    for (const daemon of [...daemons]) {
      await daemon.stop();
      daemons.push(await daemon.restart());
    }
    await expect.poll(() => died, { timeout: 30_000 }).toEqual([call.id]);
    await call.hangUp();
    await engine.close();
  });
});

test.skipIf(here)('skipped: rtpengine-daemon is not installed, so nothing of it was shown', () => {
  expect(here).toBe(false);
});
