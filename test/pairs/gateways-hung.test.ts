import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ApiClient } from '../support/api-client.ts';
import { bringTo } from '../support/crash-wave.ts';
import { EventStream } from '../support/event-stream.ts';
import { burialWithinMs, GatewayPair, hasNoGap, orderOf, taken } from '../support/gateway-pair.ts';
import { GatewayProcess } from '../support/gateway-process.ts';
import type { MainJob } from '../support/main-job.ts';
import { hasPostgres } from '../support/postgres-server.ts';
import { hasRedis } from '../support/redis-server.ts';

const enquiryWithinMs = 60_000;
/** Short enough for a test, and longer than a busy machine keeps a process waiting. */
const leaseSeconds = 4;

describe.skipIf(!hasPostgres() || !hasRedis())('two gateways, of which one hangs and wakes', () => {
  let pair: GatewayPair;
  let first: MainJob;
  let second: MainJob;
  let crm: EventStream;

  beforeAll(async () => {
    pair = await GatewayPair.open();
  });
  beforeEach(async () => {
    [first, second] = await pair.start({ leaseSeconds });
    crm = await EventStream.open(second.gateway.http, 'agent-crm', '?agent=*');
    return () => crm.close();
  });
  afterAll(() => pair?.close());

  const told = (type: string): unknown[] => crm.frames.filter((frame) => frame.type === type).map((one) => one.callId);
  const entries = (chain: string): string[] =>
    pair.postgres
      .psql(`SELECT kind FROM tonelock_entry WHERE chain = '${chain}' ORDER BY seq`, pair.schema)
      .split('\n');
  const outcomes = async (agent: string, callId: string): Promise<string[]> => {
    const { body } = await second.api(agent).send('GET', `/v1/calls/${callId}/transactions`);
    return (body.transactions ?? []).map(({ outcome }: { outcome: string }) => outcome);
  };

  test('the other takes over what was at the provider; it wakes, writes nothing, tells nothing, and leaves to be started again', async () => {
    const wave = await Promise.all(
      (['keying', 'ready', 'hold-after-commit'] as const).map((at, n) => bringTo(at, 'h', n, first, pair.psp)),
    );
    const calls = wave.map(({ call }) => call.id).sort();
    const held = wave.find(({ point }) => point === 'hold-after-commit');
    const ready = wave.find(({ point }) => point === 'ready');
    if (held === undefined || ready === undefined) throw new Error('the wave has no such call');
    first.gateway.signal('SIGSTOP');
    // A command that lies in its socket while it hangs: when it wakes this is the first that it reads.
    const late = new ApiClient(first.gateway.http, `agent-${ready.agent}`).send(
      'POST',
      `/v1/sessions/${ready.call.sessionId}/authorise`,
    );
    for (const { call } of wave)
      await call.events.next('call.ended', ({ callId }) => callId === call.id, { withinMs: burialWithinMs });
    await held.call.events.next('payment.unknown', undefined, { withinMs: burialWithinMs });
    pair.psp.release(held.reference);
    for (const stream of [held.call.events, crm])
      await stream.next('payment.resolved', ({ answer }) => answer === 'paid', { withinMs: enquiryWithinMs });
    expect(entries('gateway-1').at(-1)).toBe('handedOver');
    const before = entries('gateway-1').length;
    const since = crm.mark();

    first.gateway.signal('SIGCONT');
    expect((await late).status).toBeGreaterThanOrEqual(400);
    await expect.poll(async () => (await fetch(`${first.gateway.http}/readyz`)).status, { timeout: 20_000 }).toBe(503);
    const sessions = new ApiClient(first.gateway.http, `agent-${ready.agent}`);
    await expect
      .poll(async () => (await sessions.session(ready.call.sessionId)).body.state ?? 'gone', { timeout: 20_000 })
      .toMatch(/closed|gone/);
    for (const { call } of wave) await call.caller.bye();
    expect(await first.gateway.exited).toBe(1);

    expect(entries('gateway-1')).toHaveLength(before);
    expect(crm.frames.slice(since).map(({ type }) => type)).toEqual([]);
    for (const type of ['call.ended', 'session.closed']) expect(told(type).sort(), type).toEqual(calls);
    expect([told('payment.unknown'), told('payment.resolved')]).toEqual([[held.call.id], [held.call.id]]);
    expect(hasNoGap(crm)).toBe(true);
    expect([pair.psp.asked(held.reference), pair.psp.asked(ready.reference)]).toEqual([1, 0]);
    expect(await outcomes(held.agent, held.call.id)).toEqual(['succeeded']);

    first.gateway = await GatewayProcess.startAgain(first.gateway, pair.env);
    await second.untilMetric('tonelock_gateways_alive', 2);
    const again = await first.inbound('1001');
    await again.open(orderOf('none:again'));
    await taken(again);
    expect(await again.authorise()).toMatchObject({ type: 'payment.succeeded' });
    await again.hangUp();
  });

  test('for less than its lease, nothing happens: its call is paid when it wakes', async () => {
    const call = await first.inbound('1001');
    await call.open(orderOf('none:short'));
    await taken(call);
    first.gateway.signal('SIGSTOP');
    await new Promise((done) => setTimeout(done, 1_500));
    first.gateway.signal('SIGCONT');
    expect(await call.authorise(30_000)).toMatchObject({ type: 'payment.succeeded' });
    expect(told('session.closed')).toEqual([]);
    await call.hangUp();
  });
});
