import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ApiClient } from '../support/api-client.ts';
import { cvc, findDigits, pan } from '../support/canary.ts';
import { freeSipPort } from '../support/free-ports.ts';
import { GatewayPair, hasNoGap, orderOf, pairCard, taken } from '../support/gateway-pair.ts';
import type { MainJob } from '../support/main-job.ts';
import { hasPostgres } from '../support/postgres-server.ts';
import { hasRedis } from '../support/redis-server.ts';
import { hasCommand, Sipp } from '../support/sipp.ts';

describe.skipIf(!hasPostgres() || !hasRedis())('two gateways', () => {
  let pair: GatewayPair;
  let first: MainJob;
  let second: MainJob;

  // One pair for all: each test has agents and references of its own.
  beforeAll(async () => {
    pair = await GatewayPair.open();
    [first, second] = await pair.start();
  });
  afterAll(() => pair?.close());

  test('an agent whose panel is on one takes a payment on a call of the other, and reads it on both (P-04, P-69)', async () => {
    const bus = await pair.redis.monitor();
    const call = await first.inbound('1001');
    expect((await call.api.calls()).body.calls).toMatchObject([{ callId: call.id, agent: '1001' }]);
    await call.open(orderOf('none:across'));
    await taken(call);
    expect(await call.authorise()).toMatchObject({ type: 'payment.succeeded' });
    expect((await call.api.session(call.sessionId)).body).toMatchObject({ state: 'succeeded' });
    expect(hasNoGap(call.events)).toBe(true);
    const here = await call.api.transactions(call.id);
    const there = await new ApiClient(first.gateway.http, 'agent-1001').transactions(call.id);
    expect(here.body).toEqual(there.body);
    expect(here.body.transactions).toMatchObject([{ outcome: 'succeeded', lastFour: pairCard.slice(-4) }]);
    await call.hangUp();
    await call.events.next('call.ended');
    expect((await call.api.transactions(call.id)).body).toEqual(here.body);
    expect(pair.psp.asked('none:across')).toBe(1);
    // Nobody else's, and nothing that is not: the same answers as on one gateway.
    const stranger = new ApiClient(second.gateway.http, 'agent-1002~calls.read+payments.take');
    expect((await stranger.send('GET', `/v1/sessions/${call.sessionId}`)).status).toBe(404);
    expect((await stranger.send('GET', '/v1/sessions/7c9e6679-7425-40de-944b-e07fc1f90ae7')).status).toBe(404);
    const left = [
      { where: 'Redis', content: Buffer.from(bus.text()) },
      { where: 'answers', content: Buffer.from(call.api.answers.join('\n')) },
      { where: 'frames', content: Buffer.from(call.events.received.map(({ raw }) => raw).join('\n')) },
    ];
    expect(bus.text().length).toBeGreaterThan(100_000);
    expect(bus.text()).toContain('capture.progress');
    expect(left.flatMap(({ where, content }) => findDigits(where, content, [pan(pairCard), cvc('737')]))).toEqual([]);
  });

  test('a call that is transferred takes its history to the new agent, whose panel is on the other (P-70)', async () => {
    const call = await first.inbound('1011');
    await call.open(orderOf('none:moved'));
    await taken(call);
    await call.authorise();
    await call.api.closeSession(call.sessionId);
    const colleague = second.api('1012');
    const events = await colleague.events();
    const arriving = first.agents.arrivalFor('1012');
    const refer = { headers: [['Refer-To', '<sip:1012@127.0.0.1>']] as const };
    expect((await call.agent.request('REFER', refer)).status).toBe(202);
    await (await arriving).answered;
    expect(await events.next('call.transferred')).toMatchObject({ callId: call.id, from: '1011' });
    await call.events.next('call.transferred');
    expect((await colleague.calls()).body.calls).toMatchObject([{ callId: call.id, agent: '1012' }]);
    expect((await call.api.calls()).body.calls).toEqual([]);
    const history = async () => (await colleague.transactions(call.id)).body.transactions;
    expect(await history()).toMatchObject([{ outcome: 'succeeded', agent: '1011' }]);
    await call.caller.bye();
    await events.next('call.ended');
    expect(await history()).toHaveLength(1);
    events.close();
  });

  test.skipIf(!hasCommand('sipp'))('SIPp calls SIPp on one, and the agent takes the card on the other', async () => {
    const api = second.api('8801');
    const events = await api.events();
    const agent = new Sipp('agent-answers', { port: pair.sippPort, echo: true });
    await agent.listening();
    const keys = ['-key', 'keys', `pppppp${pairCard}pppppp737pp`];
    const customer = new Sipp('customer-keys-info', {
      ...{ port: await freeSipPort(), user: '8801', more: keys, echo: true },
      target: `127.0.0.1:${first.gateway.sip.port}`,
    });
    const { callId } = await events.next('call.answered', undefined, { withinMs: 30_000 });
    const id = await api.openSession(String(callId));
    await api.details(id, orderOf('none:sipp'));
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

  test('money is given back once, whichever gateway is asked, and however many at one time', async () => {
    const call = await first.inbound('1021');
    await call.open(orderOf('none:back'));
    await taken(call);
    const { payment } = await call.authorise();
    const both = [first, second].map(({ gateway }) => new ApiClient(gateway.http, 'agent-9001'));
    const give = (api: ApiClient, amount: number, key: string) =>
      api.send('POST', `/v1/transactions/${payment.id}/refunds`, { amount }, { 'idempotency-key': key });
    const refunds = () => pair.psp.received.filter(({ document }) => document.operation === 'refund').length;
    const same = await Promise.all([...both, ...both].map((api) => give(api, 250, 'one-refund')));
    expect(same.map(({ status }) => status)).toEqual([201, 201, 201, 201]);
    expect(new Set(same.map(({ body }) => body.id)).size).toBe(1);
    expect(refunds()).toBe(1);
    // 1,000 is left: of two who would give it all back at one time one does.
    const all = await Promise.all(both.map((api, n) => give(api, 1_000, `rest-${n}`)));
    expect(all.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(refunds()).toBe(2);
    await pair.redis.kill();
    await first.untilMetric('tonelock_gateways_alive', 0);
    expect((await give(both[0] as ApiClient, 1, 'later')).body.code).toBe('gateway-unreachable');
    expect(refunds()).toBe(2);
    await pair.redis.run();
    for (const job of [first, second]) await job.untilMetric('tonelock_gateways_alive', 2);
    await call.hangUp();
  });

  test('a link that one has made opens the panel on the other, once (P-08)', async () => {
    const api = new ApiClient(first.gateway.http, 'agent-1031');
    const { ticket } = (await api.expect(201, 'POST', '/v1/tickets', {})).body;
    const exchange = () => new ApiClient(second.gateway.http, 'none').send('POST', '/v1/tickets/exchange', { ticket });
    const { token } = (await exchange()).body;
    expect((await exchange()).status).toBe(401);
    for (const { gateway } of [first, second])
      expect((await new ApiClient(gateway.http, token).send('GET', '/v1/calls')).status).toBe(200);
  });
});
