import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { startAgentApi } from '../../../src/agent/agent-api.ts';
import { rawRequest } from '../../support/raw-request.ts';
import { ask, emptyFolder, type House, openHouse } from './fake-house.ts';

let house: House;
beforeAll(async () => {
  const pages = emptyFolder();
  for (const page of ['panel', 'demo']) {
    mkdirSync(join(pages, page));
    writeFileSync(join(pages, page, 'index.html'), `<title>${page}</title>`);
  }
  writeFileSync(join(pages, 'panel', 'tonelock-panel.js'), 'export {};');
  writeFileSync(join(pages, 'panel', '.hidden'), 'x');
  writeFileSync(join(pages, 'outside.txt'), 'x');
  house = await openHouse({ pages, allowedOrigins: ['https://crm.example'] });
});
afterAll(() => house.api.close());
beforeEach(() => house.reset());

const raw = (bytes: string): Promise<string> => rawRequest(bytes, house.api.address.port);

describe('operations', () => {
  test('alive is 200 without a token', async () => {
    expect(await ask(house, 'GET /healthz', { token: '' })).toMatchObject({ status: 200, json: { status: 'alive' } });
  });

  test('ready is 200, and 503 with the reasons where it is not', async () => {
    expect((await ask(house, 'GET /readyz', { token: '' })).status).toBe(200);
    house.readiness.reasons = ['sip-link'];
    const answer = await ask(house, 'GET /readyz', { token: '' });
    expect(answer).toMatchObject({ status: 503, json: { ready: false, reasons: ['sip-link'], draining: false } });
    house.readiness.reasons = [];
  });

  test('metrics are what the port gives, as Prometheus text', async () => {
    const answer = await ask(house, 'GET /metrics', { token: '' });
    expect(answer.text).toBe('tonelock_calls 0\n');
    expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
  });

  test('a connection is kept for longer than a proxy would keep it: none sends into one that was just closed', async () => {
    const { headers } = await ask(house, 'GET /healthz', { token: '' });
    expect(headers.get('keep-alive')).toBe('timeout=65');
  });

  test('draining needs its permission, and ends readiness', async () => {
    const token = 'agent-1001~calls.read+console.read';
    expect((await ask(house, 'POST /v1/drain', { token })).status).toBe(403);
    expect(house.readiness.draining).toBe(false);
    const answer = await ask(house, 'POST /v1/drain', { token: 'agent-ops~console.drain' });
    expect(answer).toMatchObject({ status: 202, json: { ready: false, draining: true } });
    expect((await ask(house, 'GET /readyz', { token: '' })).status).toBe(503);
    house.readiness.draining = false;
  });

  test('every answer is counted by its route, never by its address', async () => {
    await ask(house, 'GET /v1/sessions/4111111111111111');
    await ask(house, 'GET /4111111111111111');
    await vi.waitFor(() => expect(house.observer.requestAnswered).toHaveBeenCalledTimes(2));
    expect(house.observer.requestAnswered.mock.calls.map(([route, status]) => [route, status])).toEqual([
      ['/v1/sessions/:id', 404],
      ['none', 404],
    ]);
  });
});

test('a panel is told how calls are locked, the house’s own words, by what payments are found (S-07), and whether its agent may take payments (P-03)', async () => {
  const told = async (permissions: string) =>
    (await ask(house, 'GET /v1/panel', { token: `agent-1001~${permissions}` })).json;
  const words = { audio: 'mute', sayings: { en: { sayPan: 'Key.' } }, searchField: 'id' };
  expect(await told('calls.read')).toMatchObject({ ...words, mayTakePayments: false });
  expect(await told('calls.read+payments.take')).toMatchObject({ ...words, mayTakePayments: true });
  expect((await ask(house, 'GET /v1/panel', { token: '' })).status).toBe(401);
});

describe('pages', () => {
  test('the panel and its element are served, under a policy without anything inline', async () => {
    const page = await ask(house, 'GET /panel/', { token: '' });
    expect(page).toMatchObject({ status: 200, text: '<title>panel</title>' });
    const policy = page.headers.get('content-security-policy') ?? '';
    const { host } = new URL(house.base);
    expect(policy.split(';')).toEqual([
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "img-src 'self' data:",
      "font-src 'self'",
      `connect-src 'self' ws://${host} wss://${host}`,
      "base-uri 'none'",
      "form-action 'self'",
      "frame-ancestors 'self' https://crm.example",
      "require-trusted-types-for 'script'",
      'trusted-types lit-html',
    ]);
    expect(policy).not.toContain('unsafe');
    expect(page.headers.get('x-content-type-options')).toBe('nosniff');
    expect(page.headers.get('referrer-policy')).toBe('no-referrer');
    const element = await ask(house, 'GET /panel/tonelock-panel.js', { token: '' });
    expect(element.headers.get('content-type')).toContain('javascript');
  });

  test.each(['GET /panel', 'GET /demo', 'GET /'])('%s leads to a page', async (line) => {
    const { status, headers } = await ask(house, line, { token: '' });
    expect(status).toBe(302);
    expect(headers.get('location')).toMatch(/^\/(panel|demo)\/$/);
  });

  test.each([
    'GET /panel/..%2foutside.txt',
    'GET /panel/%2e%2e/outside.txt',
    'GET /panel/.hidden',
    'GET /panel/none.js',
    'GET /outside.txt',
  ])('%s is not served', async (line) => {
    const { status, json } = await ask(house, line, { token: '' });
    expect([400, 403, 404]).toContain(status);
    expect(json?.code).toMatch(/^(not-found|bad-request|forbidden)$/);
  });

  test('without the demo there is no demo', async () => {
    const { demo: _, ...parts } = house;
    const api = await startAgentApi({
      ...parts,
      listen: '127.0.0.1:0',
      allowedOrigins: [],
      tokens: { kind: 'simulated' },
      limits: { socketsPerAgent: 4 },
      frameAncestors: [],
      metricsText: async () => '',
      metricSamples: async () => [],
      pages: 'nowhere',
    });
    const other = { base: `http://127.0.0.1:${api.address.port}` };
    for (const path of ['/demo/', '/v1/demo', '/panel/']) expect((await ask(other, `GET ${path}`)).status).toBe(404);
    const page = await ask(other, 'GET /panel/');
    expect(page.headers.get('x-frame-options')).toBe('SAMEORIGIN');
    await api.close();
  });
});

describe('the demo', () => {
  test('lets the customer call, press and hang up, without a token', async () => {
    const at = (line: string, body?: unknown) => ask(house, line, { body, token: '' });
    expect((await at('POST /v1/demo/customer', { action: 'call' })).json.customer.state).toBe('talking');
    expect((await at('POST /v1/demo/customer/keys', { key: '7' })).json).toEqual({ sent: true });
    expect((await at('POST /v1/demo/customer', { action: 'hangUp' })).json.customer.state).toBe('idle');
    expect((await at('GET /v1/demo')).json).toEqual({ customer: { state: 'idle' }, agent: { name: '1001' } });
  });

  test.each(['77', 'A', '', 7])('does not take %j for a key, and does not repeat it', async (key) => {
    const { status, text } = await ask(house, 'POST /v1/demo/customer/keys', { body: { key } });
    expect(status).toBe(400);
    expect(text).not.toContain('7');
  });

  test('does not start on a network', async () => {
    const open = openHouse({
      listen: '0.0.0.0:0',
      tokens: { kind: 'jwt', issuer: 'i', audience: 'a', jwks: 'https://x' },
    });
    await expect(open).rejects.toThrow(/^demo\.enabled: /);
  });
});

describe('other origins', () => {
  test('that are listed may read answers and send commands', async () => {
    const headers = { origin: 'https://crm.example' };
    const answer = await ask(house, 'GET /v1/calls', { headers });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('access-control-allow-origin')).toBe('https://crm.example');
    expect(answer.headers.get('access-control-allow-credentials')).toBeNull();
    const preflight = await ask(house, 'OPTIONS /v1/sessions/s-1/cancel', {
      token: '',
      headers: { ...headers, 'access-control-request-method': 'POST' },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-headers')).toContain('idempotency-key');
  });

  test.each(['https://evil.example', 'null', 'http://127.0.0.1:1', 'https://crm.example.evil.example'])(
    '%s is refused with everything it sends',
    async (origin) => {
      for (const line of ['GET /v1/calls', 'POST /v1/demo/customer', 'OPTIONS /v1/calls']) {
        const { status, headers } = await ask(house, line, { headers: { origin } });
        expect(status).toBe(403);
        expect(headers.get('access-control-allow-origin')).toBeNull();
      }
    },
  );

  test('a host name that was pointed at loopback is refused while tokens are simulated', async () => {
    const text = await raw('GET /v1/calls HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n');
    expect(text).toMatch(/^HTTP\/1\.1 403 /);
  });

  test('a Host header cannot write into the policy', async () => {
    const text = await raw('GET /panel/ HTTP/1.1\r\nHost: localhost;script-src *\r\nConnection: close\r\n\r\n');
    expect(text).not.toContain('script-src *');
  });
});

describe('hostile requests', () => {
  test('an unknown path is a problem that does not repeat it', async () => {
    const { status, text, json } = await ask(house, 'GET /v1/4111111111111111?x=4111111111111111');
    expect(status).toBe(404);
    expect(json.code).toBe('not-found');
    expect(text).not.toContain('4111');
  });

  test.each([
    ['DELETE /v1/calls', 'GET, HEAD'],
    ['PUT /v1/sessions/s-1', 'GET, DELETE, HEAD'],
    ['GET /v1/sessions/s-1/authorise', 'POST'],
    ['OPTIONS /healthz', 'GET, HEAD'],
  ])('%s is a method that its path does not know: 405 with those it knows', async (line, allow) => {
    const { status, json, headers } = await ask(house, line, { token: '' });
    expect([status, json.code, headers.get('allow')]).toEqual([405, 'method-not-allowed', allow]);
  });

  test.each([
    ['headers of 100 kB', `GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(100_000)}\r\n\r\n`, 431],
    ['10,000 headers', `GET /healthz HTTP/1.1\r\nHost: localhost\r\n${'X: y\r\n'.repeat(10_000)}\r\n`, 431],
    ['no HTTP at all', 'INVITE sip:1001@127.0.0.1 SIP/2.0\r\n\r\n', 400],
    ['an address that cannot be decoded', 'GET /v1/%zz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n', 400],
    [
      'two lengths',
      'POST /v1/drain HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{}',
      400,
    ],
    [
      'a length and chunks (request smuggling)',
      'POST /v1/drain HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      400,
    ],
  ])('%s get a problem document', async (_, bytes, status) => {
    const text = await raw(bytes);
    expect(text).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(text).toMatch(/content-type: application\/problem\+json/i);
    expect((await ask(house, 'GET /healthz', { token: '' })).status).toBe(200);
  });
});
