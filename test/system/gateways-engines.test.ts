import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type DrachtioPeer, startStandIn } from '../support/drachtio-peer.ts';
import { freeSipPort } from '../support/free-ports.ts';
import { GatewayPair, hasNoGap, orderOf, taken } from '../support/gateway-pair.ts';
import { LiveCall } from '../support/live-call.ts';
import type { MainJob } from '../support/main-job.ts';
import { hasPostgres } from '../support/postgres-server.ts';
import { hasRedis } from '../support/redis-server.ts';
import { hasRtpengine, type RtpengineDaemon, startRtpengineDaemon } from '../support/rtpengine-daemon.ts';
import { SipPhone } from '../support/sip-phone.ts';

const here = hasPostgres() && hasRedis() && hasRtpengine();
let pair: GatewayPair;
let server: DrachtioPeer;
let media: RtpengineDaemon;
let agents: SipPhone;
let jobs: [MainJob, MainJob];

beforeAll(async () => {
  if (!here) return;
  [pair, server, media, agents] = await Promise.all([
    GatewayPair.open(),
    startStandIn(),
    startRtpengineDaemon(),
    SipPhone.open(),
  ]);
  const events = [await freeSipPort(), await freeSipPort()];
  const control = `${media.control.host}:${media.control.port}`;
  jobs = await pair.start({
    settings: (n) => ({
      sip: { server: 'drachtio', drachtio: { host: server.host, port: server.port } },
      media: { engine: 'rtpengine', rtpengine: { control, events: `127.0.0.1:${events[n - 1]}` } },
    }),
    routes: [{ from: 'carrier', user: '77*', to: `sip:{user}@127.0.0.1:${agents.peer.port}`, agent: '{user}' }],
    env: { TONELOCK_DRACHTIO_SECRET: server.secret },
  });
});

afterAll(async () => {
  await pair?.close();
  await server?.kill();
  await media?.stop();
  await agents?.close();
});

/** A customer calls by the SIP server, which chooses a gateway; the agent's panel is on the second in any case. */
async function answered(agent: string): Promise<LiveCall> {
  const [first, second] = jobs;
  const api = second.api(agent);
  const events = await api.events();
  const arriving = agents.arrivalFor(agent);
  const caller = await first.customers.call(`sip:${agent}@127.0.0.1:${server.sip.port}`, server.sip);
  const far = await arriving;
  await Promise.all([caller.answered, far.answered]);
  const { callId } = await events.next('call.started');
  caller.rtp.talk('tone');
  far.rtp.talk('tone');
  return new LiveCall(String(callId), caller, far, api, events);
}

/** What docker/compose.engines.yaml puts together, but for drachtio-server, for which our own SIP server stands in. */
describe.skipIf(!here)('two gateways on one SIP server, one rtpengine, one Redis and one PostgreSQL', () => {
  test('take payments of agents whose panels are on one of them, whichever has the call', async () => {
    const calls: LiveCall[] = [];
    for (const agent of ['7701', '7702', '7703', '7704']) calls.push(await answered(agent));
    const active = await Promise.all(jobs.map((job) => job.metric('tonelock_calls_active')));
    expect(active[0] ?? 0).toBeGreaterThan(0);
    expect((active[0] ?? 0) + (active[1] ?? 0)).toBe(calls.length);
    await Promise.all(
      calls.map(async (call) => {
        await call.open(orderOf('none:engines'));
        await taken(call);
        expect(await call.authorise()).toMatchObject({ type: 'payment.succeeded' });
        await call.hangUp();
        await call.events.next('call.ended');
        expect((await call.api.transactions(call.id)).body.transactions).toMatchObject([{ outcome: 'succeeded' }]);
        expect(hasNoGap(call.events)).toBe(true);
        call.dispose();
      }),
    );
    expect(pair.psp.asked('none:engines')).toBe(calls.length);
  });
});
