import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findDigits, pan } from '../support/canary.ts';
import { type DrachtioPeer, realServerIsNamed, startReal, startStandIn } from '../support/drachtio-peer.ts';
import {
  type FreeswitchPeer,
  freeswitchFromStandIn,
  freeswitchIsNamed,
  freeswitchIsProgram,
  startRealFreeswitch,
} from '../support/freeswitch-peer.ts';
import { MainJob } from '../support/main-job.ts';
import { refuseAndGiveUp } from '../support/server-calls.ts';

const card = '4111111111111111';

interface Engines {
  readonly name: string;
  /** Whether the tests may kill them. */
  readonly mayDie: boolean;
  /** Whether all that it writes can be read. */
  readonly writes: boolean;
  media(): Promise<FreeswitchPeer>;
  /** None is the embedded server, in the gateway itself. */
  sip?(): Promise<DrachtioPeer>;
}

const standIn: Engines = {
  name: 'a stand-in for FreeSWITCH',
  mayDie: true,
  writes: false,
  media: freeswitchFromStandIn,
};
const real = { mayDie: freeswitchIsProgram, writes: freeswitchIsProgram, media: startRealFreeswitch };

const kinds: readonly Engines[] = [
  standIn,
  { ...standIn, name: 'stand-ins for FreeSWITCH and drachtio-server', sip: startStandIn },
  ...(freeswitchIsNamed ? [{ ...real, name: 'FreeSWITCH itself' }] : []),
  ...(freeswitchIsNamed && realServerIsNamed
    ? [{ ...real, name: 'FreeSWITCH itself and drachtio-server itself', sip: startReal }]
    : []),
];

describe.each(kinds)('a gateway on $name', ({ mayDie, writes, media, sip }) => {
  let server: FreeswitchPeer;
  let sipServer: DrachtioPeer | undefined;
  let job: MainJob;

  beforeAll(async () => {
    [server, sipServer] = await Promise.all([media(), sip?.()]);
    const freeswitch = { address: server.host, port: server.port };
    job = await MainJob.start({
      settings: {
        media: { engine: 'freeswitch', freeswitch },
        sip:
          sipServer === undefined
            ? { server: 'embedded' }
            : { server: 'drachtio', drachtio: { host: sipServer.host, port: sipServer.port } },
        demo: { enabled: false },
      },
      env: { TONELOCK_FREESWITCH_SECRET: server.secret, TONELOCK_DRACHTIO_SECRET: sipServer?.secret ?? '' },
    });
    Object.assign(job.gateway, { sip: sipServer?.sip ?? job.gateway.sip });
  });

  afterAll(async () => {
    await job?.stop();
    await Promise.all([server?.kill(), sipServer?.kill()]);
  });

  // FreeSWITCH counts its channels in a database of its own, which it writes a moment later.
  const untilChannels = (count: number): Promise<void> =>
    expect.poll(() => server.channels(), { timeout: 10_000, interval: 50 }).toBe(count);
  const untilReady = (status: number): Promise<void> =>
    expect
      .poll(async () => (await fetch(`${job.gateway.http}/readyz`)).status, { timeout: 20_000, interval: 100 })
      .toBe(status);

  test.each(['events', 'info'] as const)('takes a payment from keys by %s (P-39…P-64)', async (way) => {
    const call = await job.inbound();
    await untilChannels(2);
    await call.open();
    expect(await call.take('pan', card, way)).toMatchObject({ digits: 16, brand: 'visa', lastFour: '1111' });
    expect(await call.take('cvc', '737', way)).toMatchObject({ digits: 3 });
    expect(await call.authorise()).toMatchObject({ type: 'payment.succeeded', amount: 12_300 });
    expect(call.agent.rtp.heard.events()).toEqual([]);
    await call.hangUp();
    await untilChannels(0);
  });

  test('takes one of a customer whom the agent calls', async () => {
    const call = await job.outbound('1003');
    await call.open();
    expect(await call.take('pan', '5555555555554444')).toMatchObject({ brand: 'mastercard' });
    await call.hangUp();
    await untilChannels(0);
  });

  test('lets both hear each other before and after a capture (P-48)', async () => {
    const call = await job.inbound('1006');
    await call.hearEachOther();
    await call.open();
    await call.take('pan', card);
    await call.hearEachOther();
    await call.hangUp();
  });

  test('changes a call by re-INVITE and takes the card after it', async () => {
    const call = await job.inbound('1007');
    expect((await call.caller.reinvite(call.caller.rtp.sdp({ version: 3 }))).status).toBe(200);
    expect((await call.agent.reinvite(call.agent.rtp.sdp({ version: 3 }))).status).toBe(200);
    await call.open();
    expect(await call.take('pan', card)).toMatchObject({ digits: 16 });
    await call.hangUp();
    await untilChannels(0);
  });

  test('leaves no channel of a call that nobody answers, of one that is refused, or of one that is given up', async () => {
    await refuseAndGiveUp(job);
    await untilChannels(0);
    await job.untilMetric('tonelock_calls_active', 0);
  });

  test.skipIf(!mayDie)(
    'P-44: ends its calls with media-lost when the server dies in the middle of a number, and serves again after',
    async () => {
      const call = await job.inbound('1004');
      await call.open();
      const since = call.events.mark();
      await call.lock('pan');
      await call.caller.rtp.pressAll('411111', { durationMs: 80 });
      await server.kill();
      const failed = await call.events.next('capture.failed', ({ callId }) => callId === call.id, { since });
      expect(failed).toMatchObject({ field: 'pan', reason: 'media-lost' });
      await Promise.all([call.caller.ended, call.agent.ended]);
      await untilReady(503);
      await server.restart();
      await untilReady(200);
      const next = await job.inbound('1005');
      await next.open();
      expect(await next.take('pan', card)).toMatchObject({ digits: 16 });
      await next.hangUp();
    },
  );

  test.skipIf(!writes)('has had no key written anywhere by its FreeSWITCH (S-10)', () => {
    expect(server.written().map(([where]) => where)).toContain('console');
    const found = server.written().flatMap(([where, content]) => findDigits(where, content, [pan(card)]));
    expect(found).toEqual([]);
  });

  test('takes no calls while the server writes keys into its log, and takes them again when it does not', async () => {
    await server.logAt(7);
    await untilReady(503);
    await server.logAt(3);
    await untilReady(200);
  });
});

test.skipIf(freeswitchIsNamed)('skipped on FreeSWITCH itself: TONELOCK_TEST_FREESWITCH names none', () => {
  expect(process.env['TONELOCK_TEST_FREESWITCH'] ?? '').toBe('');
});
