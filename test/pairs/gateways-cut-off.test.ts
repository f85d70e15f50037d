import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ApiClient } from '../support/api-client.ts';
import {
  burialWithinMs,
  GatewayPair,
  hasNoGap,
  killGateway,
  orderOf,
  pairCard,
  taken,
} from '../support/gateway-pair.ts';
import { GatewayProcess } from '../support/gateway-process.ts';
import type { MainJob } from '../support/main-job.ts';
import { hasPostgres } from '../support/postgres-server.ts';
import { hasRedis } from '../support/redis-server.ts';

describe.skipIf(!hasPostgres() || !hasRedis())('two gateways that are cut off from Redis', () => {
  let pair: GatewayPair;
  let first: MainJob;
  let second: MainJob;

  beforeAll(async () => {
    pair = await GatewayPair.open();
  });
  afterAll(() => pair?.close());

  test('without Redis each goes on with its own calls and agents; with a new and empty one everything is known again', async () => {
    [first, second] = await pair.start({ leaseSeconds: 60 });
    const across = await first.inbound('1001');
    await across.open(orderOf('none:later'));
    await across.lock('pan');
    await across.key(pairCard.slice(0, 5));
    await pair.redis.kill();
    await first.untilMetric('tonelock_gateways_alive', 0);
    await second.untilMetric('tonelock_gateways_alive', 0);
    await across.key(pairCard.slice(5));

    const refused = await across.api.send('GET', `/v1/sessions/${across.sessionId}`);
    expect([refused.status, refused.body.code]).toEqual([503, 'gateway-unreachable']);
    expect((await fetch(`${first.gateway.http}/readyz`)).status).toBe(200);
    first.desktops = undefined;
    const own = await first.inbound('1002');
    await own.open(orderOf('none:alone'));
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

  test('one starts without Redis, takes calls, and has its place among the others when Redis is there', async () => {
    [first, second] = await pair.start();
    await killGateway(second.gateway);
    await pair.redis.kill();
    second.gateway = await GatewayProcess.startAgain(second.gateway, pair.env);
    const call = await second.inbound('1003');
    await call.open(orderOf('none:early'));
    await taken(call);
    await pair.redis.run();
    await Promise.all([first, second].map((job) => job.untilMetric('tonelock_gateways_alive', 2)));
    const elsewhere = new ApiClient(first.gateway.http, 'agent-1003');
    await expect
      .poll(async () => (await elsewhere.calls()).body.calls, { timeout: burialWithinMs })
      .toMatchObject([{ callId: call.id, sessionId: call.sessionId }]);
    await elsewhere.authorise(call.sessionId);
    await call.events.next('payment.succeeded');
    expect(pair.psp.asked('none:early')).toBe(1);
  });

  test('cut off for longer than its lease, a gateway ends the sessions that only others show, and no others', async () => {
    [first, second] = await pair.start();
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
});
