import { expect, test } from 'vitest';
import type { MediaLink } from '../../../src/cde/media/embedded/media-link.ts';
import { PortPool } from '../../../src/cde/media/embedded/port-pool.ts';
import { RelayStock } from '../../../src/cde/media/embedded/relay-stock.ts';
import { CodedError } from '../../../src/shared/coded-error.ts';
import { settle } from '../../support/fake-clock.ts';

type Asked = { readonly call: number; readonly caller: number; readonly agent: number };
type Bind = (asked: readonly Asked[]) => Promise<readonly number[]> | readonly number[];

const restMs = 1000;
const all: Bind = (asked) => asked.map(({ call }) => call);

function stockOf(range: readonly [number, number], bind: Bind = all) {
  const requests: (readonly Asked[])[] = [];
  let number = 0;
  let now = 0;
  const ports = new PortPool(range, restMs, () => now);
  const link: MediaLink = {
    async request(_kind, ask) {
      const { relays } = ask as { readonly relays: readonly Asked[] };
      requests.push(relays);
      return { bound: await bind(relays) } as never;
    },
    configure: () => undefined,
    close: () => undefined,
  };
  const stock = new RelayStock(ports, () => ++number);
  const later = (ms: number): void => {
    now += ms;
  };
  return { stock, ports, link, requests, later };
}

test('relays are opened ahead, some by one message, and each is given out once', async () => {
  const { stock, link, requests } = stockOf([20_000, 29_999]);
  const taken = [];
  for (let call = 0; call < 40; call += 1) {
    taken.push(await stock.take(link));
    await settle();
  }
  expect(new Set(taken.map(({ number }) => number)).size).toBe(40);
  expect(new Set(taken.flatMap(({ ports }) => [ports.caller, ports.agent])).size).toBe(80);
  expect(requests.length).toBeLessThanOrEqual(12);
  expect(requests.flat()).toEqual(
    expect.arrayContaining(taken.map(({ number, ports }) => ({ call: number, ...ports }))),
  );
});

test('many calls at once wait for few messages', async () => {
  const { stock, link, requests } = stockOf([20_000, 29_999]);
  const taken = await Promise.all(Array.from({ length: 64 }, () => stock.take(link)));
  expect(new Set(taken.map(({ number }) => number)).size).toBe(64);
  expect(requests.length).toBeLessThanOrEqual(6);
  expect(Math.max(...requests.map(({ length }) => length))).toBeLessThanOrEqual(16);
});

test('of a small range nothing waits for calls that may not come: every port carries one', async () => {
  const { stock, link, ports, later } = stockOf([20_000, 20_007]);
  const first = await stock.take(link);
  await settle();
  expect(ports.free).toBe(2);
  expect(stock.isEmpty).toBe(true);
  await stock.take(link);
  await expect(stock.take(link)).rejects.toMatchObject({ code: 'media-failed' });
  ports.give(first.ports.caller);
  ports.give(first.ports.agent);
  later(restMs);
  await expect(stock.take(link)).resolves.toMatchObject({ number: 3 });
});

test('ports that another program holds are passed over, and rest', async () => {
  const held = new Set([20_000, 20_004]);
  const { stock, link, ports } = stockOf([20_000, 20_011], (asked) =>
    asked.filter(({ caller, agent }) => !held.has(caller) && !held.has(agent)).map(({ call }) => call),
  );
  const outcomes = await Promise.allSettled(Array.from({ length: 3 }, () => stock.take(link)));
  const taken = outcomes.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  expect(taken.length).toBeGreaterThan(0);
  expect(taken.flatMap((one) => Object.values(one.ports)).some((port) => held.has(port))).toBe(false);
  expect(ports.taken).toBe(2 * taken.length);
});

test('where none can be bound a call is refused after a number of attempts, and all ports are given back', async () => {
  const { stock, link, ports, requests } = stockOf([20_000, 29_999], () => []);
  await expect(stock.take(link)).rejects.toMatchObject({ code: 'media-failed' });
  expect(requests).toHaveLength(32);
  expect(ports.taken).toBe(0);
});

test('a process that goes while it opens relays fails the calls that wait, and keeps no port', async () => {
  const { stock, link, ports } = stockOf([20_000, 29_999], () => Promise.reject(new CodedError('media-failed')));
  const waiting = [stock.take(link), stock.take(link)];
  for (const one of await Promise.allSettled(waiting)) expect(one.status).toBe('rejected');
  expect(ports.taken).toBe(0);
});

test('what was opened ahead is dropped with its process, and its ports are free again', async () => {
  const { stock, link, ports, later } = stockOf([20_000, 20_999]);
  await stock.take(link);
  await settle();
  expect(ports.taken).toBeGreaterThan(2);
  stock.drop();
  expect(stock.isEmpty).toBe(true);
  expect(ports.taken).toBe(2);
  later(restMs);
  expect(ports.free).toBe(500 - 2);
});
