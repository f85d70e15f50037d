import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { RedisBus } from '../../src/gateways/redis/redis-bus.ts';
import { systemClock } from '../../src/shared/clock.ts';
import { change, HeardOnBus, keepsItsPromises } from '../support/bus-promises.ts';
import { hasRedis, RedisServer } from '../support/redis-server.ts';

describe.skipIf(!hasRedis())('Redis', () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await RedisServer.start();
  });
  afterAll(() => server?.remove());

  const bus = (gateway: string, chain: string) => new RedisBus({ url: server.url, gateway, chain, clock: systemClock });
  const until = (look: () => unknown, wanted: unknown) => expect.poll(look, { timeout: 15_000 }).toEqual(wanted);

  keepsItsPromises('in Redis', async () => ({
    bus,
    forgetAll: async () => void server.cli('flushall'),
    // A lease's end is the server's own doing, by the server's clock.
    pass: (ms) => new Promise((done) => setTimeout(done, ms)),
  }));

  test('that is killed and started again is connected to again; whoever waited is told at once', async () => {
    const one = bus('one.a', 'one');
    const heard = new HeardOnBus();
    one.start(heard);
    await until(() => heard.ups, 1);
    await one.open('1001', 0);
    await server.kill();
    await until(() => [heard.downs, one.up], [1, false]);
    await expect(one.append(change('a'))).rejects.toMatchObject({ code: 'gateway-unreachable' });
    await expect(one.open('*', 0)).rejects.toMatchObject({ code: 'gateway-unreachable' });
    await server.run();
    await until(() => heard.ups, 2);
    await one.open('1001', 0);
    await one.open('*', 0);
    await one.beat(60_000);
    await one.append(change('a'));
    await until(() => heard.entries.map(({ scope }) => scope), ['1001', '*']);
    await one.close();
  });

  test('that hangs is given up within two seconds, and taken again when it wakes', async () => {
    const one = bus('one.a', 'one');
    const heard = new HeardOnBus();
    one.start(heard);
    await until(() => heard.ups, 1);
    server.signal('SIGSTOP');
    const since = performance.now();
    await expect(one.append(change('a'))).rejects.toMatchObject({ code: 'gateway-unreachable' });
    expect(performance.now() - since).toBeLessThan(5_000);
    expect([heard.downs, one.up]).toEqual([1, false]);
    server.signal('SIGCONT');
    await until(() => heard.ups, 2);
    await one.close();
  });

  test('that refuses every write is tried more and more seldom, and used again when it takes them', async () => {
    const one = bus('one.a', 'one');
    const heard = new HeardOnBus();
    one.start(heard);
    await until(() => heard.ups, 1);
    server.cli('config', 'set', 'maxmemory', '1');
    // As gateways do: with each new connection something is written.
    heard.up = () => {
      heard.ups += 1;
      one.beat(60_000).catch(() => undefined);
    };
    await expect(one.beat(60_000)).rejects.toMatchObject({ code: 'gateway-unreachable' });
    const since = performance.now();
    await vi.waitFor(() => expect(heard.downs).toBeGreaterThanOrEqual(5), { timeout: 30_000 });
    // 100 + 200 + 400 + 800 ms lie between five of them.
    expect(performance.now() - since).toBeGreaterThan(1_400);
    server.cli('config', 'set', 'maxmemory', '0');
    await vi.waitFor(() => one.beat(60_000), { timeout: 15_000 });
    await one.close();
  });

  test('that was never there is tried again until it is, and closing ends the trying', async () => {
    await server.kill();
    const one = bus('one.a', 'one');
    const heard = new HeardOnBus();
    one.start(heard);
    await expect(one.beat(1_000)).rejects.toMatchObject({ code: 'gateway-unreachable' });
    await server.run();
    await until(() => heard.ups, 1);
    await one.close();
    await one.close();
    expect(heard.downs).toBe(0);
  });
});
