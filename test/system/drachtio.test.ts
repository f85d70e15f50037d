import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import {
  type DrachtioPeer,
  realServerIsNamed,
  realServerIsProgram,
  startReal,
  startStandIn,
} from '../support/drachtio-peer.ts';
import { MainJob } from '../support/main-job.ts';
import { payAndLeave, refuseAndGiveUp } from '../support/server-calls.ts';
import { SilentProxy } from '../support/silent-proxy.ts';

const program = join(import.meta.dirname, '..', '..', 'dist', 'main.js');
let job: MainJob | undefined;
const peers: DrachtioPeer[] = [];

afterEach(async () => {
  await job?.stop();
  job = undefined;
  for (const peer of peers.splice(0)) await peer.kill();
});

const keep = async (starting: Promise<DrachtioPeer>): Promise<DrachtioPeer> => {
  const peer = await starting;
  peers.push(peer);
  return peer;
};
/** A server that a test may kill: the real one where it can be started. */
const startPeer = (): Promise<DrachtioPeer> => keep(realServerIsProgram ? startReal() : startStandIn());

/** A gateway whose SIP is that of the servers; telephones call the first. */
async function startJob(...servers: readonly DrachtioPeer[]): Promise<MainJob> {
  const drachtio = servers.map(({ host, port }) => ({ host, port }));
  const started = await MainJob.start({
    settings: { sip: { server: 'drachtio', pingSeconds: 5, drachtio: drachtio.length === 1 ? drachtio[0] : drachtio } },
    env: { TONELOCK_DRACHTIO_SECRET: servers[0]?.secret ?? '' },
  });
  Object.assign(started.gateway, { sip: servers[0]?.sip });
  job = started;
  return started;
}

const readiness = async (at: MainJob): Promise<{ status: number; text: string }> => {
  const answer = await fetch(`${at.gateway.http}/readyz`);
  return { status: answer.status, text: await answer.text() };
};

const servers = [
  { name: 'a SIP server of its own process', start: () => keep(startStandIn()) },
  ...(realServerIsNamed ? [{ name: 'drachtio-server itself', start: () => keep(startReal()) }] : []),
];

describe.each(servers)('on $name', ({ start }) => {
  test('a payment is taken on calls both ways', async () => {
    const at = await startJob(await start());
    for (const call of [await at.inbound('1001'), await at.outbound('1002')]) await payAndLeave(call);
    await at.untilMetric('tonelock_calls_active', 0);
  });

  test('a caller who gives up, an agent who refuses, and a re-INVITE are what they are on the embedded server', async () => {
    const at = await startJob(await start());
    await refuseAndGiveUp(at);
    const call = await at.inbound('1005');
    expect((await call.caller.reinvite(call.caller.rtp.sdp({ version: 3 }))).status).toBe(200);
    await call.agent.bye();
    await call.caller.ended;
    await at.untilMetric('tonelock_calls_active', 0);
  });
});

test('Calls of a server that is lost end and are counted, wherever they are; the link comes back by itself', async () => {
  const peer = await startPeer();
  const at = await startJob(peer);
  const call = await at.inbound('1001');
  await call.open();
  await call.lock('pan');
  at.agents.answers = { ringMs: 'never' };
  const arriving = at.agents.arrivalFor('1002');
  const ringing = await at.customers.call(`sip:1002@127.0.0.1:${at.gateway.sip.port}`, at.gateway.sip);
  ringing.answered.catch(() => undefined);
  (await arriving).answered.catch(() => undefined);
  await at.untilMetric('tonelock_calls_active', 2);
  const since = call.events.mark();
  await peer.kill();
  const failed = await call.events.next('capture.failed', ({ callId }) => callId === call.id, { since });
  expect(failed['field']).toBe('pan');
  await at.untilMetric('tonelock_calls_active', 0);
  expect(await at.api().metrics()).toMatch(/tonelock_\w*\{[^}]*event="dialog-lost"[^}]*\} 2/);
  expect(await readiness(at)).toMatchObject({ status: 503, text: expect.stringContaining('sip-server-lost') });
  await peer.restart();
  await expect.poll(async () => (await readiness(at)).status, { timeout: 15_000, interval: 100 }).toBe(200);
  at.agents.answers = {};
  const next = await at.inbound('1003');
  await next.caller.bye();
  await next.agent.ended;
});

test('A link on which nothing answers any more is dropped and counted, its calls end, and it comes back with the server', async () => {
  const peer = await startPeer();
  const proxy = await SilentProxy.before(peer);
  const at = await startJob({ ...peer, port: proxy.port });
  try {
    const call = await at.inbound('1001');
    await call.open();
    await call.lock('pan');
    const since = call.events.mark();
    proxy.silent = true;
    const failed = await call.events.next('capture.failed', ({ callId }) => callId === call.id, {
      since,
      withinMs: 30_000,
    });
    expect(failed['field']).toBe('pan');
    await at.untilMetric('tonelock_calls_active', 0);
    const metrics = await at.api().metrics();
    expect(metrics).toMatch(/tonelock_\w*\{[^}]*event="link-silent"[^}]*\} 1/);
    expect(metrics).toMatch(/tonelock_\w*\{[^}]*event="dialog-lost"[^}]*\} 2/);
    expect(await readiness(at)).toMatchObject({ status: 503, text: expect.stringContaining('sip-server-lost') });
    proxy.silent = false;
    await expect.poll(async () => (await readiness(at)).status, { timeout: 30_000, interval: 100 }).toBe(200);
    const next = await at.inbound('1003');
    await next.caller.bye();
    await next.agent.ended;
  } finally {
    await at.stop();
    job = undefined;
    await proxy.close();
  }
});

test('Of two servers the loss of one takes its dialogs only; calls go on by the other, and the gateway stays ready', async () => {
  const [first, second] = [await startPeer(), await startPeer()];
  const at = await startJob(first, second);
  await second.kill();
  await new Promise((done) => setTimeout(done, 300));
  expect((await readiness(at)).status).toBe(200);
  const call = await at.inbound('1001');
  await call.open();
  expect(await call.take('pan', '4111111111111111')).toMatchObject({ digits: 16 });
  await call.caller.bye();
  await call.agent.ended;
  await second.restart();
  Object.assign(at.gateway, { sip: second.sip });
  await first.kill();
  await expect.poll(async () => (await at.metric('tonelock_calls_active')) === 0, { timeout: 5000 }).toBe(true);
  await new Promise((done) => setTimeout(done, 6000));
  const next = await at.inbound('1002');
  await next.caller.bye();
  await next.agent.ended;
});

test.each([
  ['none', undefined, /must be in the environment/],
  ['the one that drachtio-server comes with', 'cymru', /choose another/],
])('Starts nothing at all with a secret that is none: %s', (_, secret, said) => {
  const folder = mkdtempSync(join(tmpdir(), 'tonelock-test-'));
  writeFileSync(
    join(folder, 'tonelock.yaml'),
    JSON.stringify({ sip: { server: 'drachtio' }, storage: { path: join(folder, 'data') } }),
  );
  const env = { ...process.env, ...(secret === undefined ? {} : { TONELOCK_DRACHTIO_SECRET: secret }) };
  const { status, stderr } = spawnSync(process.execPath, [program, '--config', join(folder, 'tonelock.yaml')], {
    env,
    encoding: 'utf8',
    timeout: 60_000,
  });
  const begun = existsSync(join(folder, 'data'));
  rmSync(folder, { recursive: true, force: true });
  expect(begun).toBe(false);
  expect(stderr).toMatch(/^sip\.drachtio: /m);
  expect(stderr).toMatch(said);
  expect(status).toBe(2);
});

test.skipIf(realServerIsNamed)('skipped on drachtio-server itself: TONELOCK_TEST_DRACHTIO names none', () => {
  expect(process.env['TONELOCK_TEST_DRACHTIO'] ?? '').toBe('');
});
