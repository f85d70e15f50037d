import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ApiClient } from '../support/api-client.ts';
import { bringTo, type Wavelet } from '../support/crash-wave.ts';
import { EventStream } from '../support/event-stream.ts';
import { burialWithinMs, GatewayPair, hasNoGap, killGateway, orderOf, pairCard } from '../support/gateway-pair.ts';
import { GatewayProcess } from '../support/gateway-process.ts';
import type { MainJob } from '../support/main-job.ts';
import { hasPostgres } from '../support/postgres-server.ts';
import { hasRedis } from '../support/redis-server.ts';

const enquiryWithinMs = 60_000;

const points = [
  ...(['details', 'keying', 'ready', 'surcharge', 'decline'] as const),
  ...(['hold-before-commit', 'hold-after-commit', 'none'] as const),
];
/** What stands in the history of a call that was killed there; nothing at the other points. */
const became: Readonly<Record<string, string>> = {
  ...{ surcharge: 'cancelled', decline: 'declined' },
  ...{ 'hold-before-commit': 'succeeded', 'hold-after-commit': 'succeeded', none: 'succeeded' },
};

describe.skipIf(!hasPostgres() || !hasRedis())('two gateways, of which one dies', () => {
  let pair: GatewayPair;
  let first: MainJob;
  let second: MainJob;

  beforeAll(async () => {
    pair = await GatewayPair.open();
  });
  afterAll(() => pair?.close());

  test('kill -9 of one: the other tells media-lost once, and what was at the provider is unknown, asked about and charged once (P-80…P-82, O-10)', async () => {
    [first, second] = await pair.start();
    const before = pair.psp.books.attempts.length;
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
    const quoted = wave.find(({ point }) => point === 'surcharge')?.call;
    expect(told('payment.cancelled')).toEqual([quoted?.id]);
    const keying = wave.find(({ point }) => point === 'keying')?.call;
    const failed = crm.frames.filter(({ type }) => type === 'capture.failed');
    expect(failed).toMatchObject([{ callId: keying?.id, field: 'pan', reason: 'media-lost' }]);
    expect(hasNoGap(crm)).toBe(true);
    for (const { call } of wave) expect(hasNoGap(call.events)).toBe(true);

    const history = async ({ call, agent }: Wavelet) =>
      (await second.api(agent).send('GET', `/v1/calls/${call.id}/transactions`)).body.transactions ?? [];
    for (const one of wave) {
      const expected = became[one.point] === undefined ? [] : [{ outcome: became[one.point] }];
      expect(await history(one), one.point).toMatchObject(expected);
      expect(pair.psp.asked(one.reference), one.point).toBe(expected.length);
    }
    const attempts = pair.psp.books.attempts.slice(before);
    expect(attempts.map((attempt) => pair.psp.books.commits(attempt)).toSorted()).toEqual([0, 0, 1, 1, 1]);
    expect((await new ApiClient(second.gateway.http, 'agent-crm').send('GET', '/v1/calls?agent=*')).body.calls).toEqual(
      [],
    );
    expect(await second.metric('tonelock_gateways_alive')).toBe(1);
    process.stdout.write(`a dead gateway's calls were told of after ${Math.round(buriedMs)} ms\n`);
    crm.close();
  });

  test('kill -9 of one in the middle of a command: whoever gave it is told at once that nobody answers', async () => {
    [first, second] = await pair.start();
    const call = await first.inbound('1001');
    await call.open(orderOf('none:command'));
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

  test('kill -9 of one that is back before anybody misses it: it tells itself what became of its calls and payments', async () => {
    [first, second] = await pair.start({ leaseSeconds: 60 });
    const { call, reference } = await bringTo('hold-after-commit', 'b', 0, first, pair.psp);
    await killGateway(first.gateway);
    first.gateway = await GatewayProcess.startAgain(first.gateway, pair.env);
    const ended = { withinMs: burialWithinMs };
    await call.events.next('call.ended', undefined, ended);
    await call.events.next('payment.unknown', undefined, ended);
    pair.psp.release(reference);
    await call.events.next('payment.resolved', ({ answer }) => answer === 'paid', { withinMs: enquiryWithinMs });
    for (const type of ['session.closed', 'call.ended', 'payment.unknown', 'payment.resolved'])
      expect(
        call.events.frames.filter((frame) => frame.type === type),
        type,
      ).toHaveLength(1);
    expect(hasNoGap(call.events)).toBe(true);
    expect(pair.psp.asked(reference)).toBe(1);
  });

  test('kill -9 of both: the one that comes back first tells what became of the calls of both', async () => {
    [first, second] = await pair.start();
    const call = await first.inbound('1001');
    await second.inbound('1002');
    await call.open(orderOf('none:both'));
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
    [first, second] = await pair.start();
    const call = await first.inbound('1001');
    await call.open(orderOf('none:back'));
    await call.lock('pan');
    await call.key(pairCard.slice(0, 5));
    await call.events.next('capture.progress', ({ digits }) => digits === 5);
    const seen = call.events.lastSeq;
    await killGateway(second.gateway);
    await call.key(pairCard.slice(5));
    const api = new ApiClient(first.gateway.http, 'agent-1001');
    // What comes while it asks would stand between what it is given again.
    await expect.poll(async () => (await api.session(call.sessionId)).body.locked, { timeout: 10_000 }).toBe(false);
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
});
