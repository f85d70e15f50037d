import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import {
  type DrachtioPeer,
  type PeerOptions,
  realServerIsProgram,
  startReal,
  startStandIn,
} from '../support/drachtio-peer.ts';
import { freeTcpPort } from '../support/free-ports.ts';
import { MainJob } from '../support/main-job.ts';
import { payAndLeave, refuseAndGiveUp } from '../support/server-calls.ts';
import { hasCommand } from '../support/sipp.ts';
import { answering, closeAll } from '../unit/sip-server/rule-bench.ts';

let job: MainJob | undefined;
let peer: DrachtioPeer | undefined;
const folder = mkdtempSync(join(tmpdir(), 'tonelock-outbound-'));

afterEach(async () => {
  await job?.stop();
  await peer?.kill();
  [job, peer] = [undefined, undefined];
  await closeAll();
});

interface Outbound {
  readonly at: MainJob;
  readonly server: DrachtioPeer;
  readonly port: number;
}

/** A server that connects to the gateway for each call, and the gateway that waits for it. */
async function outbound(start: (options: PeerOptions) => Promise<DrachtioPeer>, tls?: object): Promise<Outbound> {
  const port = await freeTcpPort();
  const uri = `127.0.0.1:${port};transport=${tls === undefined ? 'tcp' : 'tls'}`;
  const { url } = await answering({ action: 'route', data: { uri } });
  const server = await start({ handler: url, ...(tls === undefined ? {} : { ca: join(folder, 'gateway.pem') }) });
  peer = server;
  const drachtio = { listen: `127.0.0.1:${port}`, ...(tls === undefined ? {} : { tls }) };
  const at = await MainJob.start({
    settings: { sip: { server: 'drachtio', pingSeconds: 5, drachtio } },
    env: { TONELOCK_DRACHTIO_SECRET: server.secret },
  });
  job = at;
  Object.assign(at.gateway, { sip: server.sip });
  return { at, server, port };
}

/** Links of servers that stand: connections of others to the port where the gateway listens. */
const links = (port: number): number =>
  execFileSync('ss', ['-Htn', 'state', 'established', `sport = :${port}`], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line !== '').length;
const untilLinks = (port: number, count: number): Promise<void> =>
  expect.poll(() => links(port), { timeout: 10_000, interval: 50 }).toBe(count);

const ready = async (at: MainJob): Promise<number> => (await fetch(`${at.gateway.http}/readyz`)).status;

const servers = [
  { name: 'a SIP server of its own process', start: startStandIn },
  ...(realServerIsProgram ? [{ name: 'drachtio-server itself', start: startReal }] : []),
];

describe.each(servers)('$name connects to the gateway for each call', ({ start }) => {
  test('payments on calls both ways, each by a link of its own, which ends with the call', async () => {
    const { at, port } = await outbound(start);
    expect(links(port)).toBe(0);
    const calls = [await at.inbound('1001'), await at.outbound('1002')];
    expect(links(port)).toBe(2);
    for (const call of calls) await payAndLeave(call);
    await at.untilMetric('tonelock_calls_active', 0);
    await untilLinks(port, 0);
    expect(await at.api().metrics()).not.toMatch(/event="(dialog-lost|link-silent|link-refused)"/);
  });

  test('a caller who gives up, an agent who refuses, a re-INVITE and a transfer go by the link of the call', async () => {
    const { at, port } = await outbound(start);
    const { sip } = at.gateway;
    await refuseAndGiveUp(at);
    const call = await at.inbound('1005');
    expect((await call.caller.reinvite(call.caller.rtp.sdp({ version: 3 }))).status).toBe(200);
    const next = at.agents.arrivalFor('1006');
    const refer = { headers: [['Refer-To', `<sip:1006@127.0.0.1:${sip.port}>`]] } as const;
    expect((await call.agent.request('REFER', refer)).status).toBe(202);
    const taken = await next;
    await taken.answered;
    await call.agent.ended;
    await untilLinks(port, 1);
    await taken.bye();
    await call.caller.ended;
    await at.untilMetric('tonelock_calls_active', 0);
    await untilLinks(port, 0);
  });

  test('calls of a server that dies end and are counted; the gateway listens on and is ready, and takes the next call', async () => {
    const { at, server, port } = await outbound(start);
    const call = await at.inbound('1001');
    await call.open();
    await call.lock('pan');
    const since = call.events.mark();
    await server.kill();
    const failed = await call.events.next('capture.failed', ({ callId }) => callId === call.id, { since });
    expect(failed['field']).toBe('pan');
    await at.untilMetric('tonelock_calls_active', 0);
    expect(await at.api().metrics()).toMatch(/tonelock_\w*\{[^}]*event="dialog-lost"[^}]*\} 2/);
    expect(await ready(at)).toBe(200);
    await untilLinks(port, 0);
    await server.restart();
    const next = await at.inbound('1003');
    await next.caller.bye();
    await next.agent.ended;
  });
});

test.skipIf(!hasCommand('openssl'))('The server connects by TLS where the gateway has a certificate', async () => {
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', 'gateway.key'];
  const named = ['-subj', '/CN=gateway', '-addext', 'subjectAltName=IP:127.0.0.1', '-days', '2', '-out', 'gateway.pem'];
  execFileSync('openssl', ['req', '-x509', ...key, ...named], { cwd: folder, stdio: 'ignore' });
  const tls = { cert: join(folder, 'gateway.pem'), key: join(folder, 'gateway.key') };
  const { at, port } = await outbound(startStandIn, tls);
  const call = await at.inbound('1001');
  await call.open();
  expect(await call.take('pan', '4111111111111111')).toMatchObject({ digits: 16 });
  await call.caller.bye();
  await call.agent.ended;
  await untilLinks(port, 0);
  rmSync(folder, { recursive: true, force: true });
});

test('Whoever connects from elsewhere than the servers hears no secret: not one byte, and is counted', async () => {
  const { at, port } = await outbound(startStandIn);
  const heard = await new Promise<number>((done) => {
    let bytes = 0;
    const socket = connect({ host: '127.0.0.1', port, localAddress: '127.0.0.2' });
    socket.on('data', (chunk) => (bytes += chunk.length));
    socket.on('error', () => undefined);
    socket.on('close', () => done(bytes));
  });
  expect(heard).toBe(0);
  expect(await at.api().metrics()).toMatch(/tonelock_\w*\{[^}]*event="link-refused"[^}]*\} 1/);
});
