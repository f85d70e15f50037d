import { expect, test } from 'vitest';
import type { Follower } from '../../src/agent/audience.ts';
import { GatewayCircle } from '../../src/gateways/gateway-circle.ts';
import { OwnCalls } from '../../src/gateways/own-calls.ts';
import { RedisBus } from '../../src/gateways/redis/redis-bus.ts';
import type { SessionView } from '../../src/payment/session-view.ts';
import { systemClock } from '../../src/shared/clock.ts';
import type { CallView } from '../../src/telephony/call-view.ts';
import { busLoad, simulateCentre } from '../support/centre-simulation.ts';
import { RedisServer } from '../support/redis-server.ts';
import { newSession, sampleCall } from '../support/sample-session.ts';

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const leaseMs = 6_000;

interface Bench {
  readonly circle: GatewayCircle;
  readonly calls: Map<string, CallView>;
  readonly sessions: Map<string, SessionView>;
  readonly words: string[];
}

function gateway(url: string, chain: string): Bench {
  const [calls, sessions, words] = [new Map<string, CallView>(), new Map<string, SessionView>(), [] as string[]];
  const name = `${chain}.bench`;
  const circle = new GatewayCircle({
    bus: new RedisBus({ url, gateway: name, chain, clock: systemClock }),
    own: new OwnCalls({
      ...{ gateway: name, calls: () => [...calls.values()], call: (id) => calls.get(id) },
      sessionOf: (id) => sessions.get(id),
      awaited: () => [],
    }),
    ...{ chain, leaseMs, clock: systemClock, mediaLost: () => undefined, toldFor: () => undefined },
    mayReturn: async () => true,
    perform: () => Promise.reject(new Error('nobody asks')),
    inherit: async () => true,
    keptBack: (what) => words.push(`kept-back ${what}`),
    observe: (word) => words.push(word),
  });
  void circle.start();
  return { circle, calls, sessions, words };
}

const quantile = (sorted: readonly number[], q: number): number => sorted[Math.floor(q * (sorted.length - 1))] ?? 0;
const redisCpuMs = (redis: RedisServer): number =>
  [...redis.cli('info', 'cpu').matchAll(/^used_cpu_(?:user|sys):([\d.]+)/gm)].reduce(
    (sum, [, s]) => sum + Number(s),
    0,
  ) * 1000;

/** What one event costs Redis and Node, and how long it takes from one gateway to a panel on another. */
test('events through Redis at the rate of a contact centre of 10,000 calls', async () => {
  const redis = await RedisServer.start();
  const [from, to] = [gateway(redis.url, 'one'), gateway(redis.url, 'two')];
  await expect
    .poll(() => from.words.includes('announced') && to.words.includes('announced'), { timeout: 10_000 })
    .toBe(true);
  const agents = Array.from({ length: 400 }, (_, n) => `${3000 + n}`);
  const sent = new Map<string, number>();
  const took: number[] = [];
  const follower: Follower = {
    refresh: () => undefined,
    deliver: (frame) => {
      const { digits, callId } = JSON.parse(frame) as { digits: number; callId: string };
      took.push(performance.now() - (sent.get(`${callId} ${digits}`) ?? 0));
    },
  };
  for (const agent of agents) {
    from.calls.set(agent, { ...sampleCall, callId: agent, agent });
    from.sessions.set(agent, { ...newSession, callId: agent, agent });
    await to.circle.audience.follow(agent, follower);
  }
  const rate = 2_000;
  const seconds = 10;
  const [redisBefore, nodeBefore] = [redisCpuMs(redis), process.cpuUsage()];
  const begun = performance.now();
  for (let n = 0; n < rate * seconds; ) {
    const due = Math.min(rate * seconds, Math.floor(((performance.now() - begun) / 1000) * rate));
    for (; n < due; n += 1) {
      const agent = agents[n % agents.length] ?? '';
      const digits = Math.floor(n / agents.length);
      sent.set(`${agent} ${digits}`, performance.now());
      const event = { type: 'capture.progress', field: 'pan', digits, mask: '' } as const;
      from.circle.audience.publish([agent], event, { callId: agent, sessionId: null });
    }
    await new Promise((done) => setTimeout(done, 1));
  }
  await expect.poll(() => took.length, { timeout: 30_000 }).toBe(rate * seconds);
  const node = process.cpuUsage(nodeBefore);
  const perEvent = (ms: number): string => `${((ms * 1000) / (rate * seconds)).toFixed(0)} µs`;
  took.sort((a, b) => a - b);
  say(`${rate} events a second for ${seconds} s, two gateways in one process: none lost`);
  say(
    `  Redis ${perEvent(redisCpuMs(redis) - redisBefore)} an event, both gateways ${perEvent((node.user + node.system) / 1000)}`,
  );
  say(
    `  from gateway to gateway ${quantile(took, 0.5).toFixed(2)} ms, 99 % within ${quantile(took, 0.99).toFixed(2)} ms`,
  );
  await Promise.all([from.circle.stop(), to.circle.stop()]);
  await redis.remove();
});

test('the loss of a gateway with 2,500 calls', async () => {
  const redis = await RedisServer.start();
  const dead = new RedisBus({ url: redis.url, gateway: 'dead.bench', chain: 'dead', clock: systemClock });
  let up = false;
  dead.start({
    up: () => (up = true),
    down: () => undefined,
    entry: () => undefined,
    anew: () => undefined,
    message: () => undefined,
  });
  await expect.poll(() => up, { timeout: 10_000 }).toBe(true);
  await dead.beat(1);
  const calls = Array.from({ length: 2_500 }, (_, n) => `call-${n}`);
  for (const callId of calls) {
    const call = { ...sampleCall, callId, agent: `9${callId}` };
    const text = JSON.stringify({ gateway: 'dead.bench', call, session: { ...newSession, callId } });
    const held = { agent: call.agent, text };
    await dead.append({
      gateway: 'dead.bench',
      callId,
      ids: [callId],
      held,
      scopes: [],
      entries: [],
      onlyIfHeld: false,
    });
  }
  const memory = /^used_memory_human:(\S+)/m.exec(redis.cli('info', 'memory'))?.[1];
  const since = performance.now();
  const heirs = ['one', 'two', 'three'].map((chain) => gateway(redis.url, chain));
  const buried = (): number =>
    heirs.reduce((sum, { words }) => sum + words.filter((word) => word === 'call-buried').length, 0);
  await expect.poll(buried, { timeout: 60_000, interval: 20 }).toBe(calls.length);
  const ms = performance.now() - since - leaseMs;
  say(
    `2,500 calls of a dead gateway were buried by three others ${Math.round(ms)} ms after the first could know; Redis held ${memory}`,
  );
  expect(buried()).toBe(calls.length);
  await Promise.all(heirs.map(({ circle }) => circle.stop()));
  await dead.close();
  await redis.remove();
});

test('a centre of 10,000 calls, simulated: how many captures and events there are at one time', () => {
  const centre = simulateCentre({ calls: 10_000, callSeconds: 300, payShare: 0.5, hours: 4, seed: 20261124 });
  say(`simulated ${centre.seconds} s: calls ${centre.calls.mean.toFixed(0)} in the mean, ${centre.calls.most} at most`);
  say(
    `  captures at one time ${centre.captures.mean.toFixed(0)} in the mean, ${centre.captures.p999} in 99.9 % of seconds, ${centre.captures.most} at most`,
  );
  say(
    `  payments at the provider ${centre.authorising.mean.toFixed(0)} in the mean, ${centre.authorising.most} at most`,
  );
  say(`  events ${centre.events.mean.toFixed(0)} a second, ${centre.events.most} in the worst`);
  const load = busLoad(centre.events.most);
  say(`  that is ${load.megabytes.toFixed(1)} MB a second into Redis and ${load.processor.toFixed(2)} of a core there`);
  for (const gateways of [4, 5, 8]) {
    const left = 10_000 / (gateways - 1);
    say(
      `  ${gateways} gateways: one lost takes ${10_000 / gateways} calls; the others need room for ${Math.ceil(left)} each`,
    );
  }
  expect(centre.calls.mean).toBeGreaterThan(9_000);
});
