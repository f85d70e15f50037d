import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ApiClient } from '../support/api-client.ts';
import { bringTo } from '../support/crash-wave.ts';
import { EventStream } from '../support/event-stream.ts';
import { freeSipPort } from '../support/free-ports.ts';
import { GatewayPair, killGateway } from '../support/gateway-pair.ts';
import { GatewayProcess } from '../support/gateway-process.ts';
import type { LiveCall } from '../support/live-call.ts';
import type { MainJob } from '../support/main-job.ts';
import { hasPostgres } from '../support/postgres-server.ts';
import { hasRedis } from '../support/redis-server.ts';
import { hasCommand, Sipp } from '../support/sipp.ts';

const card = '4111111111111111';
/** A lease, and what a busy machine adds. */
const burialWithinMs = 30_000;
const enquiryWithinMs = 60_000;

const order = (reference: string) => ({
  ...{ type: 'charge', amount: 1250, currency: 'EUR', cardholder: 'Test', expiry: '12/30' },
  reference,
});

/** Numbers from a snapshot on go up by one. */
function hasNoGap(events: EventStream): boolean {
  const frames = events.frames.filter(({ type }) => type !== 'pong');
  return frames.every(({ seq, type }, n) => n === 0 || type === 'snapshot' || seq === (frames[n - 1]?.seq ?? 0) + 1);
}

describe.skipIf(!hasPostgres() || !hasRedis())('two gateways', () => {
  let pair: GatewayPair;
  let first: MainJob;
  let second: MainJob;

  beforeAll(async () => {
    pair = await GatewayPair.open();
  });
  beforeEach(async () => {
    [first, second] = await pair.start();
  });
  afterAll(() => pair?.close());

  const taken = async (call: LiveCall): Promise<void> => {
    expect(await call.take('pan', card)).toMatchObject({ type: 'capture.completed', lastFour: '1111' });
    expect(await call.take('cvc', '737')).toMatchObject({ type: 'capture.completed', digits: 3 });
  };

  test('an agent whose panel is on one takes a payment on a call of the other, and reads it on both (P-04, P-69)', async () => {
    const call = await first.inbound('1001');
    expect((await call.api.calls()).body.calls).toMatchObject([{ callId: call.id, agent: '1001' }]);
    await call.open(order('none:across'));
    await taken(call);
    expect(await call.authorise()).toMatchObject({ type: 'payment.succeeded' });
    expect((await call.api.session(call.sessionId)).body).toMatchObject({ state: 'succeeded' });
    expect(hasNoGap(call.events)).toBe(true);
    const here = await call.api.transactions(call.id);
    const there = await new ApiClient(first.gateway.http, 'agent-1001').transactions(call.id);
    expect(here.body).toEqual(there.body);
    expect(here.body.transactions).toMatchObject([{ outcome: 'succeeded', lastFour: '1111' }]);
    await call.hangUp();
    await call.events.next('call.ended');
    expect((await call.api.transactions(call.id)).body).toEqual(here.body);
    expect(pair.psp.asked('none:across')).toBe(1);
    // Nobody else's, and nothing that is not: the same answers as on one gateway.
    const stranger = new ApiClient(second.gateway.http, 'agent-1002~calls.read+payments.take');
    expect((await stranger.send('GET', `/v1/sessions/${call.sessionId}`)).status).toBe(404);
    expect((await stranger.send('GET', '/v1/sessions/7c9e6679-7425-40de-944b-e07fc1f90ae7')).status).toBe(404);
    const answers = [...call.api.answers, ...call.events.received.map(({ raw }) => raw)].join('\n');
    expect(answers).not.toContain(card);
  });

  test.skipIf(!hasCommand('sipp'))('SIPp calls SIPp on one, and the agent takes the card on the other', async () => {
    const api = second.api('8801');
    const events = await api.events();
    const agent = new Sipp('agent-answers', { port: pair.sippPort, mediaPort: 34_000, echo: true });
    const keys = ['-key', 'keys', `pppppp${card}pppppp737pp`];
    const customer = new Sipp('customer-keys-info', {
      ...{ port: await freeSipPort(), mediaPort: 34_010, user: '8801', more: keys, echo: true },
      target: `127.0.0.1:${first.gateway.sip.port}`,
    });
    const { callId } = await events.next('call.answered', undefined, { withinMs: 30_000 });
    const id = await api.openSession(String(callId));
    await api.details(id, order('none:sipp'));
    for (const field of ['pan', 'cvc']) {
      await api.capture(id, field);
      await events.next('capture.unlocked', (frame) => frame['field'] === field, { withinMs: 30_000 });
    }
    await api.authorise(id);
    await events.next('payment.succeeded');
    await events.next('call.ended', undefined, { withinMs: 30_000 });
    expect([(await agent.finished).status, (await customer.finished).status]).toEqual([0, 0]);
    expect(hasNoGap(events)).toBe(true);
    events.close();
  });

  test('kill -9 of one: the other tells media-lost once, and what was at the provider is unknown, asked about and charged once (P-80…P-82, O-10)', async () => {
    const before = pair.psp.books.attempts.length;
    const points = ['details', 'keying', 'ready', 'hold-before-commit', 'hold-after-commit', 'none'] as const;
    const wave = await Promise.all(points.map((at, n) => bringTo(at, 'g', n, first, pair.psp)));
    const crm = await EventStream.open(second.gateway.http, 'agent-crm', '?agent=*');
    const killedAt = performance.now();
    await killGateway(first.gateway);
    await Promise.all(
      wave.map(({ call }) =>
        call.events.next('call.ended', ({ callId }) => callId === call.id, { withinMs: burialWithinMs }),
      ),
    );
    const buriedMs = performance.now() - killedAt;
    const held = wave.filter(({ point }) => point.startsWith('hold'));
    for (const { call } of held) await call.events.next('payment.unknown', undefined, { withinMs: burialWithinMs });
    for (const { reference } of held) pair.psp.release(reference);
    for (const { call } of held)
      expect(await call.events.next('payment.resolved', undefined, { withinMs: enquiryWithinMs })).toMatchObject({
        answer: 'paid',
      });

    const told = (type: string, stream = crm): string[] =>
      stream.frames.filter((frame) => frame.type === type).map(({ callId }) => String(callId));
    const calls = wave.map(({ call }) => call.id).sort();
    await expect.poll(() => told('payment.resolved').length).toBe(held.length);
    expect(told('call.ended').sort()).toEqual(calls);
    expect(told('session.closed').sort()).toEqual(calls);
    expect(told('payment.unknown').sort()).toEqual(held.map(({ call }) => call.id).sort());
    expect(told('payment.resolved').sort()).toEqual(held.map(({ call }) => call.id).sort());
    const keying = wave.find(({ point }) => point === 'keying')?.call;
    const failed = crm.frames.filter(({ type }) => type === 'capture.failed');
    expect(failed).toMatchObject([{ callId: keying?.id, field: 'pan', reason: 'media-lost' }]);
    expect(hasNoGap(crm)).toBe(true);
    for (const { call } of wave) expect(hasNoGap(call.events)).toBe(true);

    const history = async ({ call, agent }: (typeof wave)[number]) =>
      (await second.api(agent).send('GET', `/v1/calls/${call.id}/transactions`)).body.transactions ?? [];
    for (const one of wave) {
      const paid = one.point === 'none' || one.point.startsWith('hold');
      expect(
        (await history(one)).map(({ outcome }: { outcome: string }) => outcome),
        one.point,
      ).toEqual(paid ? ['succeeded'] : []);
      expect(pair.psp.asked(one.reference), one.point).toBe(paid ? 1 : 0);
    }
    const attempts = pair.psp.books.attempts.slice(before);
    expect(attempts.map((attempt) => pair.psp.books.commits(attempt))).toEqual([1, 1, 1]);
    expect((await new ApiClient(second.gateway.http, 'agent-crm').send('GET', '/v1/calls?agent=*')).body.calls).toEqual(
      [],
    );
    expect(await second.metric('tonelock_gateways_alive')).toBe(1);
    process.stdout.write(`a dead gateway's calls were told of after ${Math.round(buriedMs)} ms\n`);
    crm.close();
  });

  test('kill -9 of one in the middle of a command: whoever gave it is told at once that nobody answers', async () => {
    const call = await first.inbound('1001');
    await call.open(order('none:command'));
    first.gateway.signal('SIGSTOP');
    const since = performance.now();
    const answer = call.api.send('POST', `/v1/sessions/${call.sessionId}/captures`, { field: 'pan' });
    await expect.poll(() => second.metric('tonelock_gateways_alive'), { timeout: burialWithinMs }).toBe(1);
    await killGateway(first.gateway);
    expect((await answer).body.code).toBe('gateway-unreachable');
    expect(performance.now() - since).toBeLessThan(20_000);
    await call.events.next('session.closed', undefined, { withinMs: burialWithinMs });
    expect((await call.api.send('GET', `/v1/sessions/${call.sessionId}`)).body.code).toMatch(
      /^(?:session-not-found|gateway-unreachable)$/,
    );
  });

  test('kill -9 of both: the one that comes back first tells what became of the calls of both', async () => {
    const call = await first.inbound('1001');
    await second.inbound('1002');
    await call.open(order('none:both'));
    expect(pair.redis.cli('keys', 'tonelock:held:*').split('\n')).toHaveLength(2);
    await Promise.all([killGateway(first.gateway), killGateway(second.gateway)]);
    first.gateway = await GatewayProcess.startAgain(first.gateway, pair.env);
    first.desktops = undefined;
    await expect.poll(() => first.metric('tonelock_gateways_alive'), { timeout: burialWithinMs }).toBe(1);
    await expect.poll(() => pair.redis.cli('hlen', 'tonelock:gateways'), { timeout: burialWithinMs }).toBe('1');
    expect(pair.redis.cli('keys', 'tonelock:held:*')).toBe('');
    expect(pair.redis.cli('keys', 'tonelock:calls:*')).toBe('');
    expect((await first.api('1002').calls()).body.calls).toEqual([]);
    const again = await first.inbound('1002');
    await again.hangUp();
  });

  test('kill -9 of the one with the panel: it comes back on the other, with every number that it missed (O-10)', async () => {
    const call = await first.inbound('1001');
    await call.open(order('none:back'));
    await call.lock('pan');
    await call.key(card.slice(0, 5));
    await call.events.next('capture.progress', ({ digits }) => digits === 5);
    const seen = call.events.lastSeq;
    await killGateway(second.gateway);
    await call.key(card.slice(5));
    const api = new ApiClient(first.gateway.http, 'agent-1001');
    const back = await api.events();
    const state = back.frames[0];
    expect(state?.seq).toBeGreaterThan(seen);
    expect(state?.['sessions']).toMatchObject([{ id: call.sessionId }]);
    const since = back.mark();
    back.send({ type: 'resume', after: seen });
    await back.next('capture.unlocked');
    const missed = back.frames.slice(since);
    expect(missed.map(({ seq }) => seq)).toEqual(missed.map((_, n) => seen + 1 + n));
    const counts = missed.filter(({ type }) => type === 'capture.progress').map(({ digits }) => digits);
    expect(counts).toEqual([6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]);
    expect(missed.map(({ type }) => type)).toContain('capture.completed');
    await api.closeSession(call.sessionId);
    back.close();
  });

  test('without Redis each goes on with its own calls and agents; with a new and empty one everything is known again', async () => {
    [first, second] = await pair.start({ leaseSeconds: 60 });
    const across = await first.inbound('1001');
    await across.open(order('none:later'));
    await across.lock('pan');
    await across.key(card.slice(0, 5));
    await pair.redis.kill();
    await first.untilMetric('tonelock_gateways_alive', 0);
    await second.untilMetric('tonelock_gateways_alive', 0);
    await across.key(card.slice(5));

    const refused = await across.api.send('GET', `/v1/sessions/${across.sessionId}`);
    expect([refused.status, refused.body.code]).toEqual([503, 'gateway-unreachable']);
    expect((await fetch(`${first.gateway.http}/readyz`)).status).toBe(200);
    first.desktops = undefined;
    const own = await first.inbound('1002');
    await own.open(order('none:alone'));
    await taken(own);
    expect(await own.authorise()).toMatchObject({ type: 'payment.succeeded' });
    expect(hasNoGap(own.events)).toBe(true);

    const since = across.events.mark();
    await pair.redis.run();
    await first.untilMetric('tonelock_gateways_alive', 2);
    await second.untilMetric('tonelock_gateways_alive', 2);
    const complete = ({ sessions }: { sessions?: { fields: { pan: { state: string } } }[] }) =>
      sessions?.[0]?.fields.pan.state === 'complete';
    await across.events.next('snapshot', complete as never, { since });
    await across.take('cvc', '737');
    expect(await across.authorise()).toMatchObject({ type: 'payment.succeeded' });
    expect(pair.psp.asked('none:later') + pair.psp.asked('none:alone')).toBe(2);
    expect(hasNoGap(across.events)).toBe(true);
  });

  test('cut off for longer than its lease, a gateway ends the sessions that only others show, and no others', async () => {
    const across = await first.inbound('1001');
    await across.open();
    await across.lock('pan');
    first.desktops = undefined;
    const own = await first.inbound('1002');
    await own.open();
    await own.lock('pan');
    await pair.redis.kill();
    const api = new ApiClient(first.gateway.http, 'agent-1001');
    await expect
      .poll(async () => (await api.session(across.sessionId)).body.state, { timeout: burialWithinMs })
      .toBe('closed');
    const { body } = await api.session(across.sessionId);
    expect(body.fields.pan).toMatchObject({ state: 'failed', reason: 'media-lost' });
    expect((await own.api.session(own.sessionId)).body).toMatchObject({ state: 'locked' });
    await pair.redis.run();
    const again = await across.api.events();
    await expect
      .poll(async () => (await across.api.calls()).body.calls, { timeout: burialWithinMs })
      .toMatchObject([{ callId: across.id, sessionId: null }]);
    again.close();
  });

  test('one that hangs is buried by the other, wakes, and neither sends nor books anything twice', async () => {
    const { call, reference } = await bringTo('hold-after-commit', 'h', 0, first, pair.psp);
    first.gateway.signal('SIGSTOP');
    await call.events.next('call.ended', undefined, { withinMs: burialWithinMs });
    expect(call.events.frames.filter(({ type }) => type === 'session.closed')).toHaveLength(1);
    first.gateway.signal('SIGCONT');
    pair.psp.release(reference);
    const history = () => call.api.send('GET', `/v1/calls/${call.id}/transactions`);
    await expect
      .poll(async () => (await history()).body.transactions?.map(({ outcome }: { outcome: string }) => outcome), {
        timeout: enquiryWithinMs,
      })
      .toEqual(['succeeded']);
    expect(pair.psp.asked(reference)).toBe(1);
    await first.untilMetric('tonelock_gateways_alive', 2);
  });

  test('a link that one has made opens the panel on the other, once (P-08)', async () => {
    const api = new ApiClient(first.gateway.http, 'agent-1001');
    const { ticket } = (await api.expect(201, 'POST', '/v1/tickets', {})).body;
    const exchange = () => new ApiClient(second.gateway.http, 'none').send('POST', '/v1/tickets/exchange', { ticket });
    const { token } = (await exchange()).body;
    expect((await exchange()).status).toBe(401);
    for (const { gateway } of [first, second])
      expect((await new ApiClient(gateway.http, token).send('GET', '/v1/calls')).status).toBe(200);
  });
});
