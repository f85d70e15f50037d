import { beforeEach, describe, expect, test } from 'vitest';
import { askedAtOnce } from '../../../src/gateways/shared-audience.ts';
import { BenchFollower, BenchGateway, leaseMs } from '../../support/circle-bench.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { MemoryHub } from '../../support/memory-bus.ts';
import { newSession } from '../../support/sample-session.ts';

let clock: FakeClock;
let hub: MemoryHub;
let one: BenchGateway;
let two: BenchGateway;

beforeEach(async () => {
  clock = new FakeClock();
  hub = new MemoryHub(clock);
  one = new BenchGateway(hub, clock, 'one', 1).start();
  two = new BenchGateway(hub, clock, 'two', 1).start();
  await clock.run(leaseMs + 1);
});

const callsOf = async (gateway: BenchGateway, scope: string): Promise<string[]> =>
  (await gateway.circle.audience.callsOf(scope)).map(({ callId }) => callId).sort();

describe('gateways in a circle', () => {
  test("show an agent its calls wherever they are, and nobody else's", async () => {
    one.begin('a', '1001');
    two.begin('b', '1001');
    two.begin('c', '1002');
    await clock.run(0);
    for (const gateway of [one, two]) {
      expect(await callsOf(gateway, '1001')).toEqual(['a', 'b']);
      expect(await callsOf(gateway, '1002')).toEqual(['c']);
      expect(await callsOf(gateway, '*')).toEqual(['a', 'b', 'c']);
    }
    const follower = await BenchFollower.follow(one, '1001');
    expect([...follower.calls].sort()).toEqual(['a', 'b']);
  });

  test('tell an agent whose call is over of the payment that its provider has not answered yet, and nobody else (O-10)', async () => {
    const closed = { ...newSession, state: 'closed' as const };
    one.awaited = [closed, { ...closed, id: 'of another', agent: '1002' }];
    const { audience } = one.circle;
    const told = (scope: string) =>
      JSON.parse(audience.snapshot(scope, 1) ?? '{}').sessions.map(({ id }: typeof closed) => id);
    expect(told(closed.agent)).toEqual([closed.id]);
    expect(told('*')).toEqual([closed.id, 'of another']);
    expect(told('1003')).toEqual([]);
  });

  test('give one agent one row of numbers, whoever has the call and whoever has the socket', async () => {
    const here = await BenchFollower.follow(one, '1001');
    const there = await BenchFollower.follow(two, '1001');
    one.begin('a', '1001');
    two.begin('b', '1001');
    one.digits('a', 1);
    two.end('b');
    await clock.run(0);
    expect(here.frames.slice(1)).toEqual(there.frames.slice(1));
    expect(here.types()).toEqual(['snapshot', 'call.started', 'call.started', 'capture.progress', 'call.ended']);
  });

  test('let an agent come back to another one, and miss nothing', async () => {
    const there = await BenchFollower.follow(two, '1001');
    one.begin('a', '1001');
    one.digits('a', 1);
    await clock.run(0);
    const seen = there.seq;
    two.kill();
    one.digits('a', 2);
    one.digits('a', 3);
    await clock.run(0);
    const back = await BenchFollower.follow(one, '1001');
    expect((await back.resume(seen))?.map(({ seq, digits }) => [seq - seen, digits])).toEqual([
      [1, 2],
      [2, 3],
    ]);
    expect(await back.resume(seen - 100_000)).toBeUndefined();
  });

  test('bury a dead one once, though all are at it: each call is told of once, then nothing is left of it', async () => {
    hub.latencyMs = 50;
    const others = [3, 4, 5].map((n) => new BenchGateway(hub, clock, `more-${n}`, 1).start());
    const agents = Array.from({ length: 40 }, (_, n) => `${2000 + n}`);
    for (const agent of agents) {
      one.begin(`of-${agent}`, agent);
      one.sessions.set(`of-${agent}`, {
        ...newSession,
        callId: `of-${agent}`,
        agent,
        capturing: 'pan',
        locked: true,
      });
      one.digits(`of-${agent}`, 3);
    }
    const everybody = await BenchFollower.follow(two, '*');
    await clock.run(leaseMs);
    one.kill();
    await clock.run(2 * leaseMs);
    const told = (type: string) => everybody.frames.filter((frame) => frame.type === type).map(({ callId }) => callId);
    for (const type of ['capture.failed', 'session.closed', 'call.ended'])
      expect(told(type).sort()).toEqual(agents.map((agent) => `of-${agent}`));
    const webhooks = [two, ...others].flatMap(({ toldFor }) => toldFor);
    expect(webhooks.filter((text) => text.startsWith('call.ended'))).toHaveLength(agents.length);
    expect(everybody.calls.size).toBe(0);
    expect([...hub.gateways.keys()]).not.toContain(one.name);
    expect([two, ...others].every(({ inherited }) => inherited.every((of) => of === 'one'))).toBe(true);
    expect([two, ...others].flatMap(({ inherited }) => inherited).length).toBeGreaterThan(0);
    for (const { circle } of others) await circle.stop();
  });

  test('ask again for what the storage counts as a living one’s, but end its calls before half a lease is over', async () => {
    for (const [refusals, asked] of [
      [2, 3],
      [Number.POSITIVE_INFINITY, 2],
    ] as const) {
      const dead = new BenchGateway(hub, clock, `dead-${refusals}`, 1).start();
      const follower = await BenchFollower.follow(two, '1001');
      await clock.run(leaseMs / 2);
      dead.begin(`of-${refusals}`, '1001');
      await clock.run(leaseMs / 2);
      two.refusals = one.refusals = refusals;
      dead.kill();
      await clock.run(3 * leaseMs);
      expect(follower.types()).toContain('call.ended');
      const most = Math.max(one.inherited.length, two.inherited.length);
      expect(most).toBeGreaterThanOrEqual(asked);
      one.inherited.length = two.inherited.length = 0;
    }
  });

  test('bury their own former selves when they come back sooner than anybody has missed them', async () => {
    one.begin('a', '1001');
    const follower = await BenchFollower.follow(two, '1001');
    await clock.run(0);
    one.kill();
    const again = new BenchGateway(hub, clock, 'one', 2).start();
    await clock.run(1);
    expect(follower.types()).toEqual(['snapshot', 'call.ended']);
    expect(again.inherited).toEqual([]);
    await again.circle.stop();
  });

  test('bury nobody when the bus itself was away, and know everything again when it has forgotten all', async () => {
    one.begin('a', '1001');
    const follower = await BenchFollower.follow(two, '1001');
    await clock.run(0);
    for (const { bus } of [one, two]) bus.cut();
    hub.forgetAll();
    await clock.run(3 * leaseMs);
    one.begin('b', '1001');
    two.bus.connect();
    await clock.run(1);
    one.bus.connect();
    await clock.run(3 * leaseMs);
    expect([...one.words, ...two.words]).not.toContain('call-buried');
    expect(follower.types()).not.toContain('call.ended');
    expect([...follower.calls].sort()).toEqual(['a', 'b']);
  });

  test('end behind a fence what only others show, and nothing that is followed here', async () => {
    for (const [call, agent] of [
      ['a', '1001'],
      ['b', '1002'],
    ] as const) {
      one.begin(call, agent);
      one.sessions.set(call, { ...newSession, callId: call, agent });
      one.digits(call, 1);
    }
    await BenchFollower.follow(two, '1001');
    await BenchFollower.follow(one, '1002');
    await clock.run(0);
    one.bus.cut();
    await clock.run(leaseMs);
    expect(one.mediaLost).toEqual(['a']);
    await clock.run(leaseMs);
    expect(one.mediaLost).toEqual(['a']);
    expect(await callsOf(two, '1001')).toEqual([]);
    one.bus.connect();
    await clock.run(leaseMs);
    expect(await callsOf(two, '1001')).toEqual(['a']);
  });

  test('go on by themselves while the bus is away: own calls are told, with numbers that nobody mistakes for others', async () => {
    one.begin('a', '1001');
    const follower = await BenchFollower.follow(one, '1001');
    await clock.run(0);
    const before = follower.seq;
    one.bus.cut();
    one.digits('a', 1);
    one.digits('a', 2);
    await clock.run(0);
    expect(follower.types()).toEqual(['snapshot', 'snapshot', 'capture.progress', 'capture.progress']);
    expect(follower.seq).toBeGreaterThan(before + 2);
    const alone = follower.seq;
    one.bus.connect();
    one.digits('a', 3);
    await clock.run(0);
    expect(follower.frames.at(-1)).toMatchObject({ type: 'snapshot' });
    expect(follower.seq).toBeGreaterThan(alone);
  });

  test('let an agent in while the bus is away, to what this gateway has', async () => {
    one.begin('a', '1001');
    one.bus.cut();
    const follower = await BenchFollower.follow(one, '1001');
    expect([...follower.calls]).toEqual(['a']);
    expect(await callsOf(one, '1001')).toEqual(['a']);
  });

  test('ask a bus that is back for so many scopes at one time, and in the end for all', async () => {
    const followers = [];
    for (let n = 0; n < 3 * askedAtOnce; n += 1) followers.push(await BenchFollower.follow(two, `${5_000 + n}`));
    let [asked, most] = [0, 0];
    const open = two.bus.open.bind(two.bus);
    two.bus.open = async (...of) => {
      most = Math.max(most, ++asked);
      await new Promise<void>((done) => clock.after(1, done));
      asked -= 1;
      return await open(...of);
    };
    two.bus.cut();
    two.bus.connect();
    await clock.run(100);
    expect(most).toBe(askedAtOnce);
    expect(followers.map((follower) => follower.types())).toEqual(
      followers.map(() => ['snapshot', 'snapshot', 'snapshot']),
    );
  });

  test('say so when the bus is not there at the start', async () => {
    const third = new BenchGateway(hub, clock, 'three', 1);
    third.bus.start = (listener) => {
      third.bus.listener = listener;
    };
    third.start();
    await clock.run(10_000);
    expect(third.words).toEqual(['bus-down']);
    await third.circle.stop();
  });

  test('keep back what a bus tells that is none of theirs, and show the state in its place', async () => {
    const follower = await BenchFollower.follow(two, '1001');
    const hostile = ['{', '{"id":1}', JSON.stringify({ type: 'payment.succeeded' }), '4111111111111111'];
    for (const text of hostile)
      await one.bus.append({
        ...{ gateway: one.name, callId: 'x', ids: [], held: 'untouched', scopes: ['1001'], onlyIfHeld: false },
        entries: [{ text, apart: text }],
      });
    await clock.run(0);
    expect(follower.types()).toEqual(['snapshot', 'snapshot', 'snapshot', 'snapshot', 'snapshot']);
    expect(two.keptBack).toHaveLength(hostile.length);
    one.begin('a', '1001');
    await clock.run(0);
    expect(follower.types().at(-1)).toBe('call.started');
  });
});

describe('what a gateway has', () => {
  test('is written down also when the bus was lost in the moment in which it joined', async () => {
    const late = new BenchGateway(hub, clock, 'late', 1).start();
    late.bus.cut();
    for (const call of ['a', 'b']) late.begin(call, '1001');
    const follower = await BenchFollower.follow(late, '1001');
    late.begin('c', '1001');
    late.bus.connect();
    await clock.run(2 * leaseMs);
    expect(await callsOf(one, '1001')).toEqual(['a', 'b', 'c']);
    expect([...follower.calls].sort()).toEqual(['a', 'b', 'c']);
  });

  test('is written down with a later beat when the bus did not take it at first, though it was there', async () => {
    one.bus.cut();
    for (const call of ['a', 'b']) one.begin(call, '1001');
    const append = one.bus.append.bind(one.bus);
    let refused = 3;
    one.bus.append = async (change) => {
      refused -= 1;
      if (refused >= 0) throw new Error('too slow');
      return append(change);
    };
    one.bus.connect();
    await clock.run(leaseMs);
    expect(await callsOf(two, '1001')).toEqual(['a', 'b']);
    expect(one.words.filter((word) => word === 'announced').length).toBe(2);
  });
});
