import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { CodedError } from '../../../src/shared/coded-error.ts';
import { ask, callView, type House, openHouse, sessionView } from './fake-house.ts';

const actor = { agent: '1001', permissions: expect.any(Set), origin: '127.0.0.1' };
let house: House;

beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.api.close());
beforeEach(() => {
  house.reset();
  house.calls.add(callView('c-1', '1001'));
  house.calls.add(callView('c-2', '1002'));
  house.desk.add(sessionView('s-2', 'c-2', '1002'));
});

const openSession = (): void => {
  house.desk.add(sessionView('s-1', 'c-1', '1001'));
};

describe('calls', () => {
  test("an agent's list has only its own calls", async () => {
    const { status, json, headers } = await ask(house, 'GET /v1/calls');
    expect(status).toBe(200);
    expect(json).toEqual({ calls: [callView('c-1', '1001')] });
    expect(headers.get('cache-control')).toBe('no-store');
  });

  test('a session opens with 201 and the masked state', async () => {
    const answer = await ask(house, 'POST /v1/calls/c-1/session', { body: { details: { amount: 1250 } } });
    expect(answer.status).toBe(201);
    expect(answer.json).toMatchObject({ id: 's-c-1', callId: 'c-1', state: 'details' });
    expect(house.desk.commands).toEqual([['open', 'c-1', actor, { control: 'agent', details: { amount: 1250 } }]]);
  });

  test('a session opens without any body', async () => {
    expect((await ask(house, 'POST /v1/calls/c-1/session')).status).toBe(201);
    expect(house.desk.commands[0]?.[3]).toEqual({ control: 'agent', details: {} });
  });

  test('an empty body that calls itself JSON is no body', async () => {
    const headers = { 'content-type': 'application/json' };
    expect((await ask(house, 'POST /v1/calls/c-1/session', { headers })).status).toBe(201);
  });

  test('a second session on a call is a 409', async () => {
    openSession();
    const answer = await ask(house, 'POST /v1/calls/c-1/session');
    expect(answer.status).toBe(409);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    expect(answer.json).toMatchObject({ code: 'session-exists', status: 409, title: 'Session exists' });
  });

  test("a CRM's control of a session needs crm.control", async () => {
    const body = { control: 'crm' };
    const token = 'agent-1001~calls.read+payments.take';
    expect((await ask(house, 'POST /v1/calls/c-1/session', { body, token })).status).toBe(403);
    expect((await ask(house, 'POST /v1/calls/c-1/session', { body })).json).toMatchObject({ control: 'crm' });
  });

  test("the history is open to the call's former agent and to nobody else (P-70)", async () => {
    house.calls.formerAgents.set('c-2', '1001');
    expect((await ask(house, 'GET /v1/calls/c-2/transactions')).json).toMatchObject({ transactions: [] });
    expect((await ask(house, 'GET /v1/calls/c-2/transactions', { token: 'agent-1003' })).status).toBe(404);
  });

  test.each([
    ['agent-1001', ['refunds', 'void']],
    ['agent-1001~calls.read+payments.take', []],
  ])('the history says to %s what may be given back: %j (S-07)', async (token, can) => {
    expect((await ask(house, 'GET /v1/calls/c-1/transactions', { token })).json).toEqual({ transactions: [], can });
  });
});

describe('sessions', () => {
  beforeEach(openSession);

  const commands: [string, unknown, number, unknown[]][] = [
    ['PUT /v1/sessions/s-1/psp', { psp: 'other' }, 200, ['commitPsp', 's-1', 'other', actor]],
    [
      'PATCH /v1/sessions/s-1/details',
      { amount: 100, cardholder: null },
      200,
      ['changeDetails', 's-1', { amount: 100, cardholder: null }, actor],
    ],
    [
      'POST /v1/sessions/s-1/payments',
      { type: 'authorise', amount: 5 },
      200,
      ['addPayment', 's-1', { type: 'authorise', amount: 5 }, actor],
    ],
    ['DELETE /v1/sessions/s-1/payments/2', undefined, 200, ['removePayment', 's-1', 2, actor]],
    ['POST /v1/sessions/s-1/captures', { field: 'pan' }, 202, ['requestCapture', 's-1', 'pan', actor]],
    ['DELETE /v1/sessions/s-1/captures/current', undefined, 200, ['stopCapture', 's-1', actor]],
    ['POST /v1/sessions/s-1/authorise', undefined, 202, ['authorise', 's-1', actor]],
    ['POST /v1/sessions/s-1/surcharge', { accept: true }, 202, ['answerSurcharge', 's-1', true, actor]],
    ['POST /v1/sessions/s-1/retry', undefined, 200, ['retry', 's-1', actor]],
    ['POST /v1/sessions/s-1/new-payment', {}, 200, ['newPayment', 's-1', actor]],
    ['POST /v1/sessions/s-1/cancel', undefined, 200, ['cancel', 's-1', actor]],
    ['POST /v1/sessions/s-1/enquiry', undefined, 202, ['enquire', 's-1', actor]],
  ];

  test.each(commands)('%s reaches the desk and answers with the session', async (line, body, status, command) => {
    const answer = await ask(house, line, { body });
    expect(answer.status).toBe(status);
    expect(answer.json).toMatchObject({ id: 's-1', callId: 'c-1' });
    expect(house.desk.commands).toEqual([command]);
  });

  test.each([
    ...commands.map(([line, body]) => [line, body] as const),
    ['DELETE /v1/sessions/s-1', undefined] as const,
  ])('%s is a 404 for another agent and a 403 without payments.take', async (line, body) => {
    expect((await ask(house, line, { body, token: 'agent-1002' })).status).toBe(404);
    expect((await ask(house, line, { body, token: 'agent-1001~calls.read' })).status).toBe(403);
    expect(house.desk.commands).toEqual([]);
  });

  test('closing answers with the session as it ended', async () => {
    const answer = await ask(house, 'DELETE /v1/sessions/s-1');
    expect(answer.status).toBe(200);
    expect(answer.json).toMatchObject({ id: 's-1', state: 'closed', can: [] });
    expect((await ask(house, 'GET /v1/sessions/s-1')).status).toBe(404);
  });

  test('a capture is answered only once the desk has confirmed the lock', async () => {
    let confirm = (): void => {};
    house.desk.onCommand = () => new Promise<void>((resolve) => (confirm = resolve));
    let answered = false;
    const answer = ask(house, 'POST /v1/sessions/s-1/captures', { body: { field: 'pan' } }).finally(() => {
      answered = true;
    });
    await vi.waitFor(() => expect(house.desk.commands).toHaveLength(1));
    expect(answered).toBe(false);
    confirm();
    expect((await answer).status).toBe(202);
  });

  test('missing fields are named in a 422 (P-57, P-72)', async () => {
    house.desk.onCommand = () => Promise.reject(new CodedError('missing-fields', undefined, ['pan', 'expiry']));
    const { status, json } = await ask(house, 'POST /v1/sessions/s-1/authorise');
    expect(status).toBe(422);
    expect(json).toMatchObject({ code: 'missing-fields', missing: ['pan', 'expiry'], about: ['pan', 'expiry'] });
  });

  test('a command that hangs is answered 504 after a minute', async () => {
    house.desk.onCommand = () => new Promise(() => {});
    const answer = ask(house, 'POST /v1/sessions/s-1/authorise');
    await vi.waitFor(() => expect(house.desk.commands).toHaveLength(1));
    house.clock.advance(60_000);
    expect((await answer).json).toMatchObject({ code: 'timed-out', status: 504 });
  });

  test('an exception of ours is a 500 that says nothing of itself', async () => {
    house.desk.onCommand = () => Promise.reject(new TypeError('4111111111111111 is not iterable'));
    const { status, text, json } = await ask(house, 'POST /v1/sessions/s-1/authorise');
    expect(status).toBe(500);
    expect(json).toEqual({ type: 'about:blank', title: 'Internal error', status: 500, code: 'internal' });
    expect(text).not.toContain('4111');
    expect(house.observer.faulted).toHaveBeenCalledWith('authorise', 'TypeError', expect.any(Array));
    expect(JSON.stringify(house.observer.faulted.mock.calls)).not.toContain('4111');
  });

  test('what a view holds beside its schema does not leave', async () => {
    const secret = { buffer: '4111111111111111' };
    house.desk.sessions.set('s-1', { ...sessionView('s-1', 'c-1', '1001'), ...secret });
    const { status, text } = await ask(house, 'GET /v1/sessions/s-1');
    expect(status).toBe(200);
    expect(text).not.toContain('4111');
  });

  test('a view that does not fit its schema is kept back altogether', async () => {
    house.desk.sessions.set('s-1', { ...sessionView('s-1', 'c-1', '1001'), fields: { pan: '4111' } as never });
    const { status, text } = await ask(house, 'GET /v1/sessions/s-1');
    expect(status).toBe(500);
    expect(text).not.toContain('4111');
  });
});

describe('bodies', () => {
  beforeEach(openSession);

  test.each([
    ['POST /v1/sessions/s-1/captures', { field: 'pin' }, ['field']],
    ['POST /v1/sessions/s-1/captures', {}, ['field']],
    ['POST /v1/sessions/s-1/captures', undefined, undefined],
    ['POST /v1/sessions/s-1/surcharge', { accept: 'yes' }, ['accept']],
    ['POST /v1/sessions/s-1/payments', { type: 'charge', amount: 1.5 }, ['amount']],
    ['POST /v1/sessions/s-1/payments', { type: 'charge', amount: -1 }, ['amount']],
    ['PATCH /v1/sessions/s-1/details', { cardholder: { first: 'A' } }, ['cardholder']],
    ['POST /v1/sessions/s-1/cancel', { force: true }, undefined],
    ['PATCH /v1/sessions/s-1/details', ['4111111111111111'], undefined],
    ['PATCH /v1/sessions/s-1/details', { '4111111111111111': 'x' }, undefined],
    ['PATCH /v1/sessions/s-1/details', { a4111111111111111: {} }, undefined],
  ])('%s with %j is a 400 that names fields and quotes nothing', async (line, body, about) => {
    const { status, json, text } = await ask(house, line, { body });
    expect(status).toBe(400);
    expect(json.code).toBe('bad-request');
    expect(json.about).toEqual(about);
    expect(text).not.toContain('4111');
    expect(house.desk.commands).toEqual([]);
  });

  test.each(['{"a":4111111111111111', '4111 1111', '{"__proto__":{"x":1}}', '\u0000'])(
    'text that is no JSON is a 400 that quotes nothing: %j',
    async (body) => {
      const { status, text } = await ask(house, 'PATCH /v1/sessions/s-1/details', { body });
      expect(status).toBe(400);
      expect(text).not.toContain('4111');
    },
  );

  test('a body above 16 kB is a 413', async () => {
    const body = { cardholder: 'x'.repeat(17_000) };
    expect((await ask(house, 'PATCH /v1/sessions/s-1/details', { body })).json).toMatchObject({ code: 'too-large' });
  });

  test('a deep body within 16 kB is a 400', async () => {
    const body = '['.repeat(8_000) + ']'.repeat(8_000);
    expect((await ask(house, 'PATCH /v1/sessions/s-1/details', { body })).status).toBe(400);
  });

  test.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x'])(
    '%s is a 415: a form of another site cannot command',
    async (type) => {
      const answer = await ask(house, 'PATCH /v1/sessions/s-1/details', {
        body: '{"amount":1}',
        headers: { 'content-type': type },
      });
      expect(answer.json).toMatchObject({ status: 415, code: 'unsupported-media-type' });
    },
  );

  test('a body is not read for a stranger', async () => {
    const answer = await ask(house, 'PATCH /v1/sessions/s-1/details', { body: '{', token: '' });
    expect(answer.status).toBe(401);
  });

  test.each(['0', '-1', '1e3', 'x', '99999', '1.5'])('payment number %s is a 404', async (n) => {
    const { json } = await ask(house, `DELETE /v1/sessions/s-1/payments/${n}`);
    expect(json.code).toBe('payment-not-found');
  });
});

describe('a CRM that names an agent', () => {
  const crm = 'agent-crm~calls.read+payments.take+crm.control';

  test("acts on that agent's calls", async () => {
    expect((await ask(house, 'GET /v1/calls?agent=1002', { token: crm })).json.calls).toHaveLength(1);
    expect((await ask(house, 'POST /v1/sessions/s-2/cancel?agent=1002', { token: crm })).status).toBe(200);
    expect(house.desk.commands).toEqual([['cancel', 's-2', { ...actor, agent: 'crm' }]]);
    expect((await ask(house, 'POST /v1/calls/c-1/session?agent=1002', { token: crm })).status).toBe(404);
  });

  test("acts on everybody's calls by a star", async () => {
    expect((await ask(house, 'GET /v1/calls?agent=*', { token: crm })).json.calls).toHaveLength(2);
    expect((await ask(house, 'GET /v1/sessions/s-2?agent=*', { token: crm })).status).toBe(200);
    expect((await ask(house, 'GET /v1/calls/c-2/transactions?agent=*', { token: crm })).status).toBe(200);
  });

  test('sees only its own without naming one', async () => {
    expect((await ask(house, 'GET /v1/calls', { token: crm })).json.calls).toEqual([]);
    expect((await ask(house, 'GET /v1/sessions/s-2', { token: crm })).status).toBe(404);
  });

  test('needs crm.control for it', async () => {
    const token = 'agent-1001~calls.read+payments.take';
    expect((await ask(house, 'GET /v1/calls?agent=1002', { token })).status).toBe(403);
    expect((await ask(house, 'GET /v1/calls?agent=1001', { token })).status).toBe(200);
  });
});
