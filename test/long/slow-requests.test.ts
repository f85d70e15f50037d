import { connect } from 'node:net';
import { expect, test, vi } from 'vitest';
import { rawRequest } from '../support/raw-request.ts';
import { ask, openHouse } from '../unit/agent/fake-house.ts';

test('headers and bodies that never end are answered 408 and cut', async () => {
  await using slow = await openHouse({
    limits: { socketsPerAgent: 4, headersMs: 200, requestMs: 300 },
  });
  const { port } = slow.api.address;
  const body =
    'POST /v1/demo/customer HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{';
  const answers = await Promise.all([
    rawRequest('GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: ', port),
    rawRequest(body, port),
  ]);
  for (const text of answers) expect(text).toMatch(/^HTTP\/1\.1 408 .*request-timeout/s);
});

test('too many requests of one address are 429 with Retry-After, and 200 again a second later', async () => {
  await using busy = await openHouse({ limits: { socketsPerAgent: 4, requestsPerSecond: 5 } });
  const statuses = await Promise.all(Array.from({ length: 20 }, () => ask(busy, 'GET /v1/calls')));
  const refused = statuses.filter(({ status }) => status === 429);
  expect(refused.length).toBeGreaterThanOrEqual(10);
  expect(refused[0]?.json).toMatchObject({ code: 'too-many-requests' });
  expect(refused[0]?.headers.get('retry-after')).not.toBeNull();
  await vi.waitFor(async () => expect((await ask(busy, 'GET /v1/calls')).status).toBe(200), { timeout: 5_000 });
});

test('a request half sent does not hold up the closing', async () => {
  const closing = await openHouse();
  const socket = connect(closing.api.address.port, '127.0.0.1');
  socket.on('error', () => {});
  socket.write('GET /healthz HTTP/1.1\r\nHost: loc');
  await ask(closing, 'GET /healthz');
  const closed = closing.api.close();
  await new Promise((resolve) => setTimeout(resolve, 100));
  closing.clock.advance(2_000);
  await closed;
  expect(closing.clock.pending).toBe(0);
});
