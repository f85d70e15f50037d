import { connect } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import type { EventSocketAddress } from '../../src/shared/event-socket.ts';
import { freeswitchOn } from '../support/contract-engines.ts';
import { FreeswitchStandIn, type StandInOptions } from '../support/freeswitch-stand-in.ts';
import { MainJob } from '../support/main-job.ts';
import { mediaCall } from '../support/media-call.ts';

let servers: FreeswitchStandIn[] = [];

const startServer = async (options: StandInOptions = {}): Promise<FreeswitchStandIn> => {
  const server = await FreeswitchStandIn.start(options);
  servers.push(server);
  return server;
};

const mediaOf = (server: EventSocketAddress) => ({
  media: { engine: 'freeswitch', freeswitch: { address: server.host, port: server.port } },
  demo: { enabled: false },
});

const killAll = (): void => {
  for (const server of servers) server.kill();
  servers = [];
};

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
