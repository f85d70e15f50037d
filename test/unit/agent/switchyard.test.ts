import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ForwardedAnswer, ForwardedRequest } from '../../../src/agent/elsewhere.ts';
import { localShelves } from '../../../src/agent/panel-tickets.ts';
import { CodedError } from '../../../src/shared/coded-error.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { ask, callView, type House, openHouse, sessionView } from './fake-house.ts';

const payment = '7c9e6679-7425-40de-944b-e07fc1f90ae7';
const answer: ForwardedAnswer = {
  ...{ status: 202, mediaType: 'application/json', body: '{"from":"elsewhere"}', replayed: false },
};

let here: House;
let there: House;
let asked: [string, ForwardedRequest][];
let holders: Map<string, string>;
let reply: (request: ForwardedRequest) => Promise<ForwardedAnswer>;

beforeAll(async () => {
  there = await openHouse();
  const elsewhere = {
    holderOf: async (id: string) => holders.get(id),
    keeperOf: async (id: string, wanted?: string) => holders.get(`refunds of ${id}`) ?? wanted,
    ask: async (holder: string, request: ForwardedRequest) => {
      // As it goes over a bus: as text.
      const sent = JSON.parse(JSON.stringify(request)) as ForwardedRequest;
      asked.push([holder, sent]);
      return await reply(sent);
    },
  };
  here = await openHouse({ neighbours: { elsewhere, shelves: localShelves(new FakeClock()) } });
});
afterAll(async () => {
  await here.api.close();
  await there.api.close();
});
beforeEach(() => {
  here.reset();
  there.reset();
  asked = [];
  holders = new Map([
    ['c1', 'other'],
    ['s1', 'other'],
    [payment, 'other'],
  ]);
  reply = async () => answer;
});

describe('a request about what another gateway has', () => {
  test.each([
    ['POST /v1/calls/c1/session', 'openSession'],
    ['GET /v1/calls/c1/transactions', 'listTransactions'],
    ['GET /v1/sessions/s1', 'getSession'],
    ['PATCH /v1/sessions/s1/details', 'changeDetails'],
    ['DELETE /v1/sessions/s1/payments/2', 'removePayment'],
    [`POST /v1/transactions/${payment}/resolution`, 'recordAnswer'],
    [`POST /v1/transactions/x/refunds/${payment}/resolution`, 'recordRefund'],
  ])('%s is passed on, and its answer given', async (line, route) => {
    const body = line.startsWith('GET') ? undefined : {};
    const { status, json } = await ask(here, line, body === undefined ? {} : { body });
    expect([status, json]).toEqual([202, { from: 'elsewhere' }]);
    expect(asked).toMatchObject([['other', { route, agent: '1001', scope: '1001', address: line.split(' ')[1] }]]);
    expect(here.desk.commands).toEqual([]);
  });

  test('keeps whose it is, what the token allows, for whom it speaks, and its Idempotency-Key', async () => {
    const options = { token: 'agent-crm~crm.control', body: { amount: 5 }, headers: { 'idempotency-key': 'k1' } };
    await ask(here, 'PATCH /v1/sessions/s1/details?agent=1001', options);
    expect(asked[0]?.[1]).toMatchObject({
      ...{
        agent: 'crm',
        permissions: ['crm.control'],
        scope: '1001',
        key: 'k1',
        path: { id: 's1' },
        body: { amount: 5 },
      },
      origin: expect.stringMatching(/127\.0\.0\.1/),
    });
  });

  test('does not get past the guards of the gateway that it came to', async () => {
    expect((await ask(here, 'GET /v1/sessions/s1', { token: 'nobody' })).status).toBe(401);
    expect((await ask(here, 'POST /v1/sessions/s1/cancel', { token: 'agent-1~calls.read', body: {} })).status).toBe(
      403,
    );
    expect((await ask(here, 'GET /v1/sessions/s1?agent=*', { token: 'agent-1~calls.read' })).status).toBe(403);
    expect(asked).toEqual([]);
  });

  test('is carried out there as if it had come there: once under one key, its body checked, refusals as they are', async () => {
    reply = (request) => there.api.perform(request);
    there.desk.add(sessionView('s1', 'c1', '1001'));
    const send = (body: unknown) =>
      ask(here, 'PATCH /v1/sessions/s1/details', { body, headers: { 'idempotency-key': 'k2' } });
    expect((await send({ amount: 7 })).status).toBe(200);
    const again = await send({ amount: 7 });
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect(there.desk.commands).toHaveLength(1);
    expect((await send({ amount: 8 })).json.code).toBe('idempotency-key-reused');
    const bad = await ask(here, 'POST /v1/sessions/s1/captures', { body: { field: 'wallet' } });
    expect([bad.status, bad.json.about]).toEqual([400, ['field']]);
    there.desk.onCommand = () => {
      throw new CodedError('cvc-before-pan');
    };
    const refused = await ask(here, 'POST /v1/sessions/s1/captures', { body: { field: 'cvc' } });
    expect([refused.status, refused.json.code]).toEqual([409, 'cvc-before-pan']);
    expect(refused.headers.get('content-type')).toContain('application/problem+json');
  });

  test('that comes by two gateways at once under one key is carried out once', async () => {
    reply = (request) => there.api.perform(request);
    there.desk.add(sessionView('s1', 'c1', '1001'));
    there.desk.onCommand = () => new Promise((done) => setImmediate(done));
    const send = (to: House) =>
      ask(to, 'POST /v1/sessions/s1/authorise', { body: {}, headers: { 'idempotency-key': 'k3' } });
    const answers = await Promise.all([send(here), send(there), send(here)]);
    expect(answers.map(({ status }) => status)).toEqual([202, 202, 202]);
    expect(there.desk.commands).toHaveLength(1);
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
  });

  test('of a stranger is not found there either', async () => {
    reply = (request) => there.api.perform(request);
    there.desk.add(sessionView('s1', 'c1', '1001'));
    const { status } = await ask(here, 'GET /v1/sessions/s1', { token: 'agent-1002~calls.read' });
    expect(status).toBe(404);
  });

  test('is answered with 503 and Retry-After when that does not answer, but for a history, which the storage has', async () => {
    reply = async () => {
      throw new CodedError('gateway-unreachable');
    };
    const { status, json, headers } = await ask(here, 'GET /v1/sessions/s1');
    expect([status, json.code, headers.get('retry-after') !== null]).toEqual([503, 'gateway-unreachable', true]);
    here.calls.formerAgents.set('c1', '1001');
    expect((await ask(here, 'GET /v1/calls/c1/transactions')).status).toBe(200);
    expect(here.desk.commands.map(([name]) => name)).toEqual(['history']);
  });

  test('of a route that there is not is refused by who is asked', async () => {
    await ask(here, 'GET /v1/sessions/s1');
    const [, request] = asked[0] as [string, ForwardedRequest];
    await expect(there.api.perform({ ...request, route: 'dropTables' })).rejects.toMatchObject({ code: 'not-found' });
  });
});

describe('money that is given back', () => {
  test.each([['refunds'], ['void']])(
    'is given back by the one gateway that does so for the payment: %s',
    async (what) => {
      holders.set(`refunds of ${payment}`, 'keeper');
      const sent = await ask(here, `POST /v1/transactions/${payment}/${what}`, { body: {} });
      expect([sent.status, asked.map(([holder]) => holder)]).toEqual([202, ['keeper']]);
      expect(here.refunds.asked).toEqual([]);
      holders.clear();
      asked = [];
      await ask(here, `POST /v1/transactions/${payment}/${what}`, { body: {} });
      expect([asked, here.refunds.asked.length]).toEqual([[], 1]);
      here.refunds.asked.length = 0;
      here.refunds.calls.set(payment, 'c-live');
      holders.set('c-live', 'who has the call');
      await ask(here, `POST /v1/transactions/${payment}/${what}`, { body: {} });
      expect([asked.map(([holder]) => holder), here.refunds.asked]).toEqual([['who has the call'], []]);
      here.refunds.calls.clear();
    },
  );
});

describe('a request about what this gateway has, or nobody', () => {
  test('is not passed on, whatever the bus says', async () => {
    here.calls.add(callView('c1', '1001', 's1'));
    here.desk.add(sessionView('s1', 'c1', '1001'));
    expect((await ask(here, 'GET /v1/sessions/s1')).status).toBe(200);
    expect((await ask(here, 'POST /v1/sessions/s1/cancel', { body: {} })).status).toBe(200);
    expect(asked).toEqual([]);
  });

  test('is not found where nobody has it', async () => {
    expect((await ask(here, 'GET /v1/sessions/s2')).json.code).toBe('session-not-found');
    expect((await ask(here, 'POST /v1/calls/c2/session', { body: {} })).json.code).toBe('call-not-found');
    expect(asked).toEqual([]);
  });
});
