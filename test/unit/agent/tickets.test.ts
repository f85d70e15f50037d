import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { PanelTickets, panelTokenLifeMs, ticketLifeMs, ticketsLimit } from '../../../src/agent/panel-tickets.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { ask, type House, openHouse } from './fake-house.ts';

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.api.close());
beforeEach(() => house.reset());

/** The ticket in the link that a CRM gets. */
async function ticketFor(query = '', token = 'agent-1001'): Promise<string> {
  const { status, json } = await ask(house, `POST /v1/tickets${query}`, { token, body: {} });
  expect(status).toBe(201);
  expect(json.url).toBe(`/panel/#ticket=${json.ticket}`);
  return json.ticket;
}

const exchange = (ticket: string) => ask(house, 'POST /v1/tickets/exchange', { token: '', body: { ticket } });

describe('a ticket', () => {
  test('opens the panel once: its token takes payments as that agent, and the ticket is burnt (P-08)', async () => {
    const ticket = await ticketFor();
    const { status, json } = await exchange(ticket);
    expect([status, json.agent, json.callId]).toEqual([200, '1001', null]);
    expect((await ask(house, 'GET /v1/calls', { token: json.token })).status).toBe(200);
    expect((await exchange(ticket)).status).toBe(401);
    expect((await ask(house, 'GET /v1/calls', { token: ticket })).status).toBe(401);
  });

  test('is made for another agent by a CRM alone, and for nobody in particular by none', async () => {
    const { json } = await exchange(await ticketFor('?agent=1002', 'agent-crm~crm.control'));
    expect(json.agent).toBe('1002');
    const forbidden = await ask(house, 'POST /v1/tickets?agent=1002', {
      token: 'agent-1001~calls.read+payments.take',
      body: {},
    });
    expect(forbidden.status).toBe(403);
    expect((await ask(house, 'POST /v1/tickets?agent=*', { token: 'agent-crm', body: {} })).status).toBe(400);
    expect((await ask(house, 'POST /v1/tickets', { token: 'agent-1001~calls.read', body: {} })).status).toBe(403);
  });

  test('gives a token that allows neither refunds nor the console nor speaking for others', async () => {
    const { json } = await exchange(await ticketFor());
    for (const line of ['GET /v1/console', 'GET /v1/calls?agent=1002', 'POST /v1/drain'])
      expect([line, (await ask(house, line, { token: json.token })).status]).toEqual([line, 403]);
  });

  test('names a call of that agent, or is not made', async () => {
    const body = { callId: 'c0ffee00-0000-4000-8000-000000000000' };
    expect((await ask(house, 'POST /v1/tickets', { body })).json.code).toBe('call-not-found');
  });
});

describe('the office of tickets', () => {
  const grant = { agent: '1001', callId: null };

  test('takes no ticket that is older than a minute, and no token that is older than its life', async () => {
    const clock = new FakeClock();
    const office = new PanelTickets(clock);
    const late = await office.issue(grant);
    clock.advance(ticketLifeMs);
    await expect(office.exchange(late.ticket)).rejects.toThrow('unauthenticated');
    const { token } = await office.exchange((await office.issue(grant)).ticket);
    const verify = office.beside(() => Promise.reject(new Error('not ours')));
    expect((await verify(token)).agent).toBe('1001');
    clock.advance(panelTokenLifeMs);
    await expect(verify(token)).rejects.toThrow('unauthenticated');
    await expect(verify('agent-1001')).rejects.toThrow('not ours');
  });

  test('keeps so many and no more: the oldest goes', async () => {
    const office = new PanelTickets(new FakeClock());
    const first = await office.issue(grant);
    const second = await office.issue(grant);
    for (let n = 1; n < ticketsLimit; n += 1) await office.issue(grant);
    await expect(office.exchange(first.ticket)).rejects.toThrow('unauthenticated');
    expect((await office.exchange(second.ticket)).agent).toBe('1001');
  });
});

test('the console needs a permission of its own and says whether this token may drain', async () => {
  const reader = await ask(house, 'GET /v1/console', { token: 'agent-op~console.read' });
  expect(reader.json).toMatchObject({ ready: true, draining: false, mayDrain: false });
  expect(reader.json.samples).toEqual([{ name: 'tonelock_calls_active', labels: {}, value: 0 }]);
  expect((await ask(house, 'GET /v1/console', { token: 'agent-op' })).json.mayDrain).toBe(true);
  expect((await ask(house, 'GET /v1/console', { token: 'agent-op~calls.read' })).status).toBe(403);
});

test('who may hold the panel in a frame is said in the policy and to the frame, without a token', async () => {
  await using other = await openHouse({
    allowedOrigins: ['https://desk.example'],
    frameAncestors: ['https://*.crm.example'],
  });
  const { headers, json } = await ask(other, 'GET /v1/embedding', { token: '' });
  expect(json).toEqual({ origins: ['https://desk.example', 'https://*.crm.example'] });
  expect(headers.get('content-security-policy')).toContain(
    "frame-ancestors 'self' https://desk.example https://*.crm.example",
  );
  const calling = await fetch(`${other.base}/v1/embedding`, { headers: { origin: 'https://a.crm.example' } });
  expect(calling.status).toBe(403);
});
