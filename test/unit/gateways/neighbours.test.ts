import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import type { ForwardedRequest } from '../../../src/agent/elsewhere.ts';
import { answerLimitMs, lookEveryMs, requestLifeMs } from '../../../src/gateways/neighbours.ts';
import { BenchGateway } from '../../support/circle-bench.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { MemoryHub } from '../../support/memory-bus.ts';

let clock: FakeClock;
let one: BenchGateway;
let two: BenchGateway;

beforeEach(async () => {
  clock = new FakeClock();
  const hub = new MemoryHub(clock);
  one = new BenchGateway(hub, clock, 'one', 1).start();
  two = new BenchGateway(hub, clock, 'two', 1).start();
  await clock.run(0);
});

const request: ForwardedRequest = {
  ...{ route: 'authorise', address: '/v1/sessions/s/authorise', path: { id: 's' }, query: {}, agent: '1001' },
  ...{ permissions: ['payments.take'], origin: '192.0.2.1', scope: '1001', key: 'k' },
};
const never = () => new Promise<never>(() => undefined);
const ask = () => one.circle.neighbours.ask(two.name, request);
const code = (asked: Promise<unknown>) => asked.catch((error: { code?: string }) => error.code);

describe('a request that is passed on', () => {
  test('is carried out by the other gateway as it was asked, and answered', async () => {
    const heard: ForwardedRequest[] = [];
    const answer = { status: 202, mediaType: 'application/json', body: '{"a":1}', replayed: true };
    two.perform = async (asked) => {
      heard.push(asked);
      return answer;
    };
    expect(await ask()).toEqual(answer);
    expect(heard).toEqual([request]);
    expect(clock.pending).toBeLessThan(10);
  });

  test('to nobody is answered at once, to who does not answer in the end, and when the bus goes away', async () => {
    expect(await code(one.circle.neighbours.ask('nobody.x', request))).toBe('gateway-unreachable');
    two.perform = never;
    const slow = code(ask());
    await clock.run(answerLimitMs + lookEveryMs);
    expect(await slow).toBe('gateway-unreachable');
    const cut = code(ask());
    one.bus.cut();
    expect(await cut).toBe('gateway-unreachable');
    expect(one.circle.neighbours.asked).toBe(0);
  });

  test('to one that dies over it is answered as soon as that is seen', async () => {
    two.perform = never;
    const asked = code(ask());
    await clock.run(lookEveryMs / 2);
    two.kill();
    await clock.run(lookEveryMs);
    expect(await asked).toBe('gateway-unreachable');
    expect(clock.monotonic()).toBeLessThan(2 * lookEveryMs);
  });

  test('is not carried out when it comes too late: whoever asked has given up', async () => {
    const at = clock.now() - requestLifeMs - 1;
    const text = JSON.stringify({ kind: 'ask', id: randomUUID(), from: one.name, at, request });
    two.perform = () => Promise.reject(new Error('must not be called'));
    const said: string[][] = [];
    two.bus.send = async (...to) => said.push(to) > 0;
    two.circle.message(text);
    expect(two.words).toContain('message-late');
    // Said at once, so that nobody waits for long whose clock is wrong.
    expect(said).toEqual([[one.name, expect.stringContaining('gateway-unreachable')]]);
  });

  test.each([
    ['no JSON', '{'],
    ['no message', '{"kind":"ask"}'],
    [
      'more than a message has',
      JSON.stringify({ kind: 'answer', id: randomUUID(), answer: {}, card: '4111111111111111' }),
    ],
    [
      'a permission that there is not',
      JSON.stringify({
        kind: 'ask',
        id: randomUUID(),
        from: 'x',
        at: 0,
        request: { ...request, permissions: ['all'] },
      }),
    ],
    ['too long', `{"kind":"ask","id":"${'x'.repeat(400_000)}"}`],
  ])('of %s is refused and counted', (_, text) => {
    two.circle.message(text);
    expect(two.words.filter((word) => word === 'message-unreadable')).toHaveLength(1);
  });

  test('and answered twice, or by who was not asked, changes nothing', async () => {
    const answer = { status: 200, mediaType: 'application/json', body: '{}', replayed: false };
    one.circle.message(JSON.stringify({ kind: 'answer', id: randomUUID(), answer }));
    expect(await ask()).toMatchObject({ status: 200 });
    expect(one.words).not.toContain('message-unreadable');
  });
});
