import { connect } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { freeswitchOn } from '../support/contract-engines.ts';
import { type DrachtioPeer, startStandIn } from '../support/drachtio-peer.ts';
import { FreeswitchStandIn, type StandInOptions } from '../support/freeswitch-stand-in.ts';
import { MainJob } from '../support/main-job.ts';
import { mediaCall } from '../support/media-call.ts';

let servers: FreeswitchStandIn[] = [];

const startServer = async (options: StandInOptions = {}): Promise<FreeswitchStandIn> => {
  const server = await FreeswitchStandIn.start(options);
  servers.push(server);
  return server;
};

const mediaOf = (server: FreeswitchStandIn) => ({
  media: { engine: 'freeswitch', freeswitch: { address: server.host, port: server.port } },
  demo: { enabled: false },
});

const killAll = (): void => {
  for (const server of servers) server.kill();
  servers = [];
};

describe('a gateway on a stand-in for FreeSWITCH', () => {
  let job: MainJob;
  let server: FreeswitchStandIn;

  beforeAll(async () => {
    server = await startServer();
    job = await MainJob.start({ settings: mediaOf(server), env: { TONELOCK_FREESWITCH_SECRET: server.secret } });
  });

  afterAll(async () => {
    await job?.stop();
    killAll();
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
    await call.hangUp();
    await expect.poll(() => server.channels, { timeout: 10_000, interval: 50 }).toBe(0);
  });

  test('takes one of a customer whom the agent calls', async () => {
    const call = await job.outbound('1003');
    await call.open();
    expect(await call.take('pan', '5555555555554444')).toMatchObject({ brand: 'mastercard' });
    await call.hangUp();
  });

  test('P-44: ends its calls with media-lost when the server dies in the middle of a number, and serves again after', async () => {
    const call = await job.inbound('1004');
    await call.open();
    const since = call.events.mark();
    await call.lock('pan');
    await call.caller.rtp.pressAll('411111', { durationMs: 80 });
    const { ports } = server;
    server.kill();
    const failed = await call.events.next('capture.failed', ({ callId }) => callId === call.id, { since });
    expect(failed).toMatchObject({ field: 'pan', reason: 'media-lost' });
    await Promise.all([call.caller.ended, call.agent.ended]);
    server = await startServer({ ports });
    await expect
      .poll(async () => (await fetch(`${job.gateway.http}/readyz`)).status, { timeout: 20_000, interval: 100 })
      .toBe(200);
    const next = await job.inbound('1005');
    await next.open();
    expect(await next.take('pan', '4111111111111111')).toMatchObject({ digits: 16 });
    await next.hangUp();
  });

  test('takes no calls while the server writes keys into its log, and takes them again when it does not', async () => {
    const ready = async (): Promise<number> => (await fetch(`${job.gateway.http}/readyz`)).status;
    server.logLevel = 7;
    await expect.poll(ready, { timeout: 10_000, interval: 100 }).toBe(503);
    server.logLevel = 3;
    await expect.poll(ready, { timeout: 10_000, interval: 100 }).toBe(200);
  });
});

describe('a gateway on drachtio-server and FreeSWITCH, for both of which something stands in', () => {
  let sip: DrachtioPeer;
  let job: MainJob | undefined;

  afterAll(async () => {
    await job?.stop();
    await sip?.kill();
    killAll();
  });

  test('has the room speak to the SIP server for itself', async () => {
    const server = await startServer();
    sip = await startStandIn();
    const drachtio = { server: 'drachtio', drachtio: { host: sip.host, port: sip.port } };
    job = await MainJob.start({
      settings: { ...mediaOf(server), sip: drachtio },
      env: { TONELOCK_FREESWITCH_SECRET: server.secret, TONELOCK_DRACHTIO_SECRET: sip.secret },
    });
    const [api, events] = [job.api(), await job.api().events()];
    const arriving = job.agents.arrivalFor('1001');
    const caller = await job.customers.call(`sip:1001@127.0.0.1:${sip.sip.port}`, sip.sip);
    await Promise.all([caller.answered, (await arriving).answered]);
    expect(await events.next('call.started')).toMatchObject({ agent: '1001' });
    await expect.poll(() => server.channels, { timeout: 10_000, interval: 50 }).toBe(2);
    await caller.bye();
    await expect.poll(() => server.channels, { timeout: 10_000, interval: 50 }).toBe(0);
    expect(await api.metrics()).toMatch(/tonelock_/);
  });
});

describe('a gateway does not start', () => {
  afterEach(killAll);

  const refusal = async (options: StandInOptions, secret?: string): Promise<string> => {
    const server = await startServer(options);
    const env = secret === undefined ? {} : { TONELOCK_FREESWITCH_SECRET: secret };
    return MainJob.start({ settings: mediaOf(server), env }).then(
      async (job) => `it started, and stopped: ${await job.stop()}`,
      (error: unknown) => String(error),
    );
  };
  const own = 'a secret of these tests';

  test.each([
    [
      'on a FreeSWITCH that writes keys into its log',
      { logLevel: 7 },
      own,
      /media\.freeswitch.*writes keys into its log/s,
    ],
    ['on one that tells no keys', { sensitive: true }, own, /media\.freeswitch.*sensitive_dtmf/s],
    ['on one without its profile', { profile: 'internal' }, own, /media\.freeswitch.*drachtio_mrf/s],
    ['with a wrong secret', {}, 'another', /media\.freeswitch.*the secret is refused/s],
    ['with the secret that everybody knows', {}, 'ClueCon', /media\.freeswitch.*TONELOCK_FREESWITCH_SECRET/s],
    ['without a secret', {}, undefined, /media\.freeswitch.*TONELOCK_FREESWITCH_SECRET/s],
  ])('%s', async (_, options, secret, why) => {
    expect(await refusal(options, secret)).toMatch(why);
  });
});

describe('the engine', () => {
  let running: Awaited<ReturnType<typeof freeswitchOn>>;

  const start = async (...options: StandInOptions[]): Promise<void> => {
    for (const one of options) await startServer(one);
    running = await freeswitchOn(servers);
  };

  afterEach(async () => {
    await running.stop();
    killAll();
  });

  const server = (at = 0): FreeswitchStandIn => servers[at] as FreeswitchStandIn;

  test('gives calls to the server with most room, and only those of a dead one die', async () => {
    await start({ maxSessions: 4 }, { maxSessions: 100 });
    await expect.poll(() => server().channels).toBe(0);
    // Heartbeats tell of the room.
    await new Promise((done) => setTimeout(done, 600));
    const calls = [await mediaCall(running.engine), await mediaCall(running.engine)];
    expect(servers.map(({ channels }) => channels)).toEqual([0, 4]);
    server(1).kill();
    await expect.poll(() => running.died.length, { timeout: 10_000 }).toBe(2);
    expect(running.ready).toEqual([]);
    const next = await mediaCall(running.engine);
    expect(server().channels).toBe(2);
    await next.hangUp();
    for (const call of calls) await call.hangUp();
  });

  test('dies with a channel that ends by itself, and leaves none behind', async () => {
    await start({});
    const call = await mediaCall(running.engine);
    const [uuid = ''] = server().uuids;
    server().hangUp(uuid);
    await expect.poll(() => running.died).toEqual([call.id]);
    await expect.poll(() => server().channels).toBe(0);
    await call.hangUp();
  });

  test.each(['uuid_audio', 'uuid_buglist'])(
    'a lock that %s does not confirm ends the call: nobody may hear it',
    async (command) => {
      await start({});
      const call = await mediaCall(running.engine);
      call.caller.talk('tone');
      server().faults.refuse.add(command);
      await expect(running.engine.secure(call.id)).rejects.toMatchObject({ code: 'media-failed' });
      expect(running.died).toEqual([call.id]);
      await expect.poll(() => server().channels).toBe(0);
      const from = performance.now() + 50;
      await new Promise((done) => setTimeout(done, 150));
      expect(call.agent.heard.between(from)).toEqual([]);
      await call.hangUp();
    },
  );

  test('a lock that nobody answers is a failed one, in time', async () => {
    await start({});
    const call = await mediaCall(running.engine);
    server().faults.ignore.add('uuid_audio');
    const since = performance.now();
    await expect(running.engine.secure(call.id)).rejects.toMatchObject({ code: 'media-failed' });
    expect(performance.now() - since).toBeLessThan(4500);
    await call.hangUp();
  });

  test('a re-INVITE that is refused does not hang, nor do those of other calls after it', async () => {
    await start({});
    const [call, other] = [await mediaCall(running.engine), await mediaCall(running.engine)];
    server().faults.reinvite = 491;
    const { engine } = running;
    await engine.acceptOffer(call.id, 'agent', call.agent.sdp({ version: 2 }).replace(/m=audio \d+/, 'm=audio 40000'));
    await expect(engine.describeAnswer(call.id, 'agent')).rejects.toMatchObject({ code: 'media-failed' });
    expect(running.died).toEqual([call.id]);
    server().faults.reinvite = 0;
    await engine.acceptOffer(other.id, 'caller', other.caller.sdp({ version: 2 }));
    await expect(engine.describeAnswer(other.id, 'caller')).resolves.toContain('m=audio');
    for (const one of [call, other]) await one.hangUp();
  });

  test('keeps no channel of a call that could not be opened', async () => {
    await start({});
    server().faults.refuse.add('uuid_bridge');
    await expect(mediaCall(running.engine)).rejects.toMatchObject({ code: 'media-failed' });
    await expect.poll(() => server().channels).toBe(0);
  });

  test('believes nobody who connects from elsewhere, nor one who sends it nonsense', async () => {
    await start({});
    const call = await mediaCall(running.engine);
    const [to] = server().called;
    const socket = connect({ host: '127.0.0.1', port: Number(to?.split(':')[1]), localAddress: '127.0.0.9' });
    socket.on('error', () => undefined);
    const closed = new Promise((done) => socket.once('close', done));
    socket.write('Content-Type: command/reply\nEvent-Name: %\n\n');
    await closed;
    await running.engine.secure(call.id);
    await call.hangUp();
  });

  test('many calls at once leave nothing', async () => {
    await start({});
    const calls = await Promise.all(Array.from({ length: 8 }, () => mediaCall(running.engine)));
    expect(server().channels).toBe(16);
    await Promise.all(calls.map((call) => running.engine.secure(call.id)));
    await Promise.all(calls.map((call) => call.hangUp()));
    expect(running.died).toEqual([]);
    await expect.poll(() => server().channels).toBe(0);
  });
});
