import { expect, test } from 'vitest';
import type { ForwardedRequest } from '../../src/agent/elsewhere.ts';
import { answerLimitMs, askedMax, lookEveryMs, workedOnMax } from '../../src/gateways/neighbours.ts';
import { BenchGateway } from '../support/circle-bench.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { MemoryHub } from '../support/memory-bus.ts';

const request: ForwardedRequest = {
  ...{ route: 'authorise', address: '/v1/sessions/s/authorise', path: { id: 's' }, query: {}, agent: '1001' },
  ...{ permissions: ['payments.take'], origin: '192.0.2.1', scope: '1001', key: 'k' },
};

test('a request that is passed on is refused when too many wait, on either side', async () => {
  const clock = new FakeClock();
  const hub = new MemoryHub(clock);
  const one = new BenchGateway(hub, clock, 'one', 1).start();
  const two = new BenchGateway(hub, clock, 'two', 1).start();
  await clock.run(0);
  const ask = () => one.circle.neighbours.ask(two.name, request).catch((error: { code?: string }) => error.code);
  two.perform = () => new Promise<never>(() => undefined);
  const asked = Array.from({ length: askedMax }, () => ask());
  await clock.run(0);
  expect(await ask()).toBe('overloaded');
  expect(two.words.filter((word) => word === 'message-overloaded')).toHaveLength(Math.max(0, askedMax - workedOnMax));
  clock.advance(answerLimitMs + lookEveryMs);
  await Promise.all(asked);
});
