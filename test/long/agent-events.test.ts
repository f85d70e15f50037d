import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { SessionEvent } from '../../src/payment/session-event.ts';
import { settle } from '../support/fake-clock.ts';
import { callView, type House, openHouse, sessionView } from '../unit/agent/fake-house.ts';
import { newSocket, SocketClient, upgradeStatus } from '../unit/agent/socket-client.ts';

let house: House;
const about = { callId: 'c-1', sessionId: 's-1' };
const progress = (digits: number): SessionEvent => ({
  type: 'capture.progress',
  field: 'pan',
  digits,
  mask: '*'.repeat(digits),
});

beforeEach(async () => {
  house = await openHouse({ allowedOrigins: ['https://crm.example'] });
  house.calls.add(callView('c-1', '1001', 's-1'));
  house.calls.add(callView('c-2', '1002'));
  house.desk.add(sessionView('s-1', 'c-1', '1001'));
});
afterEach(() => house[Symbol.asyncDispose]());

describe('the upgrade', () => {
  test('chooses tonelock.v1 and never repeats the token', async () => {
    using client = await SocketClient.open(house);
    expect(client.socket.protocol).toBe('tonelock.v1');
    expect(client.socket.extensions).toBe('');
  });

  test.each([
    ['no token', 401, { protocols: ['tonelock.v1'] }],
    ['an unknown token', 401, { token: 'nobody' }],
    ['an unknown permission', 401, { token: 'agent-1001~calls.write' }],
    ['no right to read calls', 403, { token: 'agent-1001~payments.take' }],
    ['no protocol of ours', 400, { protocols: ['bearer.agent-1001'] }],
    ['a token in the address', 400, { query: '?token=agent-1001' }],
    ['a token in the address and none elsewhere', 401, { query: '?token=agent-1001', protocols: ['tonelock.v1'] }],
    ['a page of another origin', 403, { origin: 'https://evil.example' }],
    ['a sandboxed page', 403, { origin: 'null' }],
    ['a host that was pointed at loopback', 403, { headers: { host: 'evil.example' }, origin: 'http://evil.example' }],
    ['another agent named without crm.control', 403, { token: 'agent-1001~calls.read', query: '?agent=1002' }],
    ['a listed origin', 101, { origin: 'https://crm.example' }],
    ['no origin at all', 101, {}],
  ])('with %s gets %i', async (_, status, options) => {
    expect(await upgradeStatus(house, options)).toBe(status);
    expect(house.api.counts().sockets).toBeLessThanOrEqual(1);
  });

  test('with our own origin gets 101', async () => {
    expect(await upgradeStatus(house, { origin: house.base })).toBe(101);
  });

  test('to another path gets 404', async () => {
    const { port } = house.api.address;
    const socket = connect(port, '127.0.0.1');
    socket.write(
      'GET /v1/calls HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
        'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
    );
    const [data] = await once(socket, 'data');
    expect(data.toString()).toMatch(/^HTTP\/1.1 404 .*application\/problem\+json/s);
  });

  test('beyond the limit of an agent gets 429, also when many come at once', async () => {
    const clients = await Promise.allSettled(Array.from({ length: 10 }, () => SocketClient.open(house)));
    expect(clients.filter(({ status }) => status === 'fulfilled')).toHaveLength(4);
    expect(house.api.counts().sockets).toBe(4);
    expect(await upgradeStatus(house)).toBe(429);
    expect(await upgradeStatus(house, { token: 'agent-1002' })).toBe(101);
    for (const client of clients) if (client.status === 'fulfilled') client.value[Symbol.dispose]();
    await vi.waitFor(() => expect(house.api.counts().sockets).toBe(0));
    expect(await upgradeStatus(house)).toBe(101);
  });
});

describe('events', () => {
  test('begin with a snapshot of the own calls and sessions', async () => {
    using client = await SocketClient.open(house);
    expect(client.frames[0]).toMatchObject({
      type: 'snapshot',
      calls: [{ callId: 'c-1' }],
      sessions: [{ id: 's-1', callId: 'c-1' }],
    });
  });

  test('are numbered one by one from the snapshot on', async () => {
    using client = await SocketClient.open(house);
    for (const digits of [1, 2, 3]) house.api.publish('1001', progress(digits), about);
    const frames = await client.seen(({ length }) => length === 4);
    const first = frames[0].seq;
    expect(frames.map(({ seq }) => seq - first)).toEqual([0, 1, 2, 3]);
    expect(frames[1]).toEqual({
      seq: first + 1,
      type: 'capture.progress',
      at: '2026-01-01T00:00:00.000Z',
      ...about,
      field: 'pan',
      digits: 1,
      mask: '*',
    });
  });

  test("of another agent's call do not come, nor count", async () => {
    using client = await SocketClient.open(house);
    house.api.publish('1002', progress(9), { callId: 'c-2', sessionId: 's-2' });
    house.api.publish('1001', progress(1), about);
    const frames = await client.seen(({ length }) => length === 2);
    expect(frames[1]).toMatchObject({ digits: 1, seq: frames[0].seq + 1 });
  });

  test('of a transfer come to both agents, and once to who follows everybody', async () => {
    using former = await SocketClient.open(house);
    using next = await SocketClient.open(house, { token: 'agent-1002' });
    using crm = await SocketClient.open(house, { token: 'agent-crm', query: '?agent=*' });
    expect(crm.frames[0].calls).toHaveLength(2);
    const call = callView('c-1', '1002');
    const event = { type: 'call.transferred', agent: '1002', direction: 'inbound', call, from: '1001' } as const;
    house.api.publish(['1001', '1002'], event, { callId: 'c-1', sessionId: null });
    house.api.publish('1001', progress(1), about);
    for (const client of [former, next]) await client.seen((frames) => frames[1]?.type === 'call.transferred');
    await crm.seen((frames) => frames.length === 3);
    expect(crm.frames.map(({ type }) => type)).toEqual(['snapshot', 'call.transferred', 'capture.progress']);
  });

  test('hold nothing that their schema does not name', async () => {
    using client = await SocketClient.open(house);
    house.api.publish('1001', { ...progress(2), ...{ key: '4111111111111111' } }, about);
    const [, frame] = await client.seen(({ length }) => length === 2);
    expect(JSON.stringify(frame)).not.toContain('4111');
  });

  test('that do not fit their schema are kept back and counted', async () => {
    using client = await SocketClient.open(house);
    house.api.publish('1001', { ...progress(2), ...{ mask: '41' } }, about);
    house.api.publish('1001', progress(3), about);
    const frames = await client.seen(({ length }) => length === 2);
    expect(frames[1]).toMatchObject({ digits: 3, seq: frames[0].seq + 1 });
    expect(house.observer.keptBack).toHaveBeenCalledExactlyOnceWith('capture.progress');
  });
});

describe('resume', () => {
  test('replays what was missed while the socket was cut, with the same numbers', async () => {
    const lost = await SocketClient.open(house);
    house.api.publish('1001', progress(1), about);
    await lost.seen(({ length }) => length === 2);
    const after = lost.frames[1].seq;
    lost.socket.terminate();
    await vi.waitFor(() => expect(house.api.counts().sockets).toBe(0));
    for (const digits of [2, 3, 4]) house.api.publish('1001', progress(digits), about);
    using client = await SocketClient.open(house);
    expect(client.frames[0]).toMatchObject({ type: 'snapshot', seq: after + 3 });
    client.say({ type: 'resume', after });
    const frames = await client.seen(({ length }) => length === 4);
    expect(frames.slice(1).map(({ seq, digits }) => [seq - after, digits])).toEqual([
      [1, 2],
      [2, 3],
      [3, 4],
    ]);
  });

  test.each([
    ['an age ago', (seq: number) => seq - 1000],
    ['the future', (seq: number) => seq + 1],
    ['the beginning', () => 0],
  ])('from %s gets a snapshot', async (_, from) => {
    using client = await SocketClient.open(house);
    client.say({ type: 'resume', after: from(client.frames[0].seq) });
    const frames = await client.seen(({ length }) => length === 2);
    expect(frames[1].type).toBe('snapshot');
  });

  test('a restarted gateway does not replay its own events under the numbers of the former', async () => {
    const before = await SocketClient.open(house);
    house.api.publish('1001', progress(1), about);
    const [, last] = await before.seen(({ length }) => length === 2);
    await house.api.close();
    house.clock.advance(1_000);
    await using next = await openHouse({ clock: house.clock });
    using client = await SocketClient.open(next);
    next.api.publish('1001', progress(7), about);
    await client.seen(({ length }) => length === 2);
    client.say({ type: 'resume', after: last.seq });
    expect((await client.seen(({ length }) => length === 3))[2].type).toBe('snapshot');
  });
});

test('a ping is answered with the number of the last event, and is none itself', async () => {
  using client = await SocketClient.open(house);
  house.api.publish('1001', progress(1), about);
  client.say({ type: 'ping' });
  const frames = await client.seen(({ length }) => length === 3);
  expect(frames[2]).toEqual({ type: 'pong', seq: frames[1].seq, at: expect.any(String) });
});

describe('a client that misbehaves', () => {
  test.each([
    ['a message of 5 kB', 1009, 'x'.repeat(5_000)],
    ['text that is no JSON', 1008, '4111 1111'],
    ['an unknown message', 1008, '{"type":"digits"}'],
    ['a resume without a number', 1008, '{"type":"resume","after":"1"}'],
    ['a binary message', 1003, Buffer.from('{}')],
  ])('by %s is closed with %i', async (_, code, data) => {
    using client = await SocketClient.open(house);
    client.socket.send(data);
    expect(await client.closed).toBe(code);
  });

  test('by more than ten messages a second is closed with 1008', async () => {
    using client = await SocketClient.open(house);
    const after = client.frames[0].seq;
    for (let n = 0; n < 10; n += 1) client.say({ type: 'resume', after });
    await settle();
    house.clock.advance(1_000);
    for (let n = 0; n < 11; n += 1) client.say({ type: 'resume', after });
    expect(await client.closed).toBe(1008);
  });

  test('by a flood of pings is closed with 1008', async () => {
    using client = await SocketClient.open(house);
    for (let n = 0; n < 11; n += 1) client.socket.ping();
    expect(await client.closed).toBe(1008);
  });

  test('by a message in many fragments is closed', async () => {
    using client = await SocketClient.open(house);
    for (let n = 0; n < 20; n += 1) client.socket.send('x', { fin: false });
    expect(await client.closed).toBe(1008);
  });
});

describe('a client that is gone', () => {
  test('is found by two pings without an answer and terminated', async () => {
    const socket = newSocket(house, { autoPong: false } as object);
    await once(socket, 'message');
    for (const sockets of [1, 1, 0]) {
      house.clock.advance(30_000);
      await vi.waitFor(() => expect(house.api.counts().sockets).toBe(sockets));
    }
    expect(house.observer.socketClosed).toHaveBeenCalledWith(1006);
  });

  test('is not one that answers its pings', async () => {
    using client = await SocketClient.open(house);
    for (let n = 0; n < 5; n += 1) {
      const pinged = once(client.socket, 'ping');
      house.clock.advance(30_000);
      await pinged;
      // The answer to a ping of the client shows that the one before it has been read.
      const answered = once(client.socket, 'pong');
      client.socket.ping();
      await answered;
    }
    expect(house.api.counts().sockets).toBe(1);
  });
});

describe('the end', () => {
  test('of the gateway closes sockets with 1001 and leaves no timer', async () => {
    using client = await SocketClient.open(house);
    await house.api.close();
    expect(await client.closed).toBe(1001);
    expect(house.api.counts().sockets).toBe(0);
    expect(house.clock.pending).toBe(0);
  });

  test('comes within the grace even where a client does not answer the close', async () => {
    const socket = newSocket(house);
    await once(socket, 'message');
    socket.pause();
    const closed = house.api.close();
    await settle();
    house.clock.advance(2_000);
    await closed;
    expect(house.api.counts().sockets).toBe(0);
    socket.terminate();
  });
});
