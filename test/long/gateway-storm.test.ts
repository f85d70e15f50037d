import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BenchFollower, BenchGateway, leaseMs } from '../support/circle-bench.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { MemoryHub } from '../support/memory-bus.ts';
import { newSession } from '../support/sample-session.ts';

const chains = ['one', 'two', 'three'];
const agents = ['1001', '1002', '*'];

const happening = fc.record({
  what: fc.constantFrom(
    ...(['begin', 'begin', 'session', 'key', 'key', 'key', 'end', 'follow', 'leave'] as const),
    ...(['cut', 'connect', 'kill', 'restart', 'forget'] as const),
  ),
  gateway: fc.nat({ max: chains.length - 1 }),
  agent: fc.nat({ max: agents.length - 1 }),
  passMs: fc.constantFrom(0, 0, 0, 10, 500, 3_000, leaseMs, 3 * leaseMs),
});

test('whatever is cut, killed, restarted and forgotten: no number is left out, and in the end everybody shows what is', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(happening, { minLength: 5, maxLength: 60 }), async (list) => {
      const clock = new FakeClock();
      const hub = new MemoryHub(clock);
      const gateways = chains.map((chain) => new BenchGateway(hub, clock, chain, 0).start());
      const alive = chains.map(() => true);
      const followers: { follower: BenchFollower; gateway: BenchGateway; scope: string }[] = [];
      let [starts, calls] = [0, 0];
      for (const { what, gateway: at, agent: nth, passMs } of list) {
        const gateway = gateways[at] as BenchGateway;
        const agent = nth === 2 ? '1001' : (agents[nth] as string);
        const someCall = [...gateway.calls.keys()].at(-1) ?? '';
        if (what === 'restart' && !alive[at]) {
          starts += 1;
          gateways[at] = new BenchGateway(hub, clock, chains[at] as string, starts).start();
          alive[at] = true;
        } else if (what === 'forget' && gateways.every(({ bus }, n) => !alive[n] || !bus.up)) hub.forgetAll();
        else if (alive[at]) {
          if (what === 'begin') gateway.begin(`call-${++calls}`, agent);
          if (what === 'session' && someCall !== '')
            gateway.sessions.set(someCall, { ...newSession, callId: someCall, capturing: 'pan' });
          if (what === 'key') gateway.digits(someCall, 3);
          if (what === 'end') gateway.end(someCall);
          if (what === 'cut' && gateway.bus.up) gateway.bus.cut();
          if (what === 'connect' && !gateway.bus.up) gateway.bus.connect();
          if (what === 'kill') {
            gateway.kill();
            alive[at] = false;
          }
          if (what === 'follow') {
            const scope = agents[nth] as string;
            followers.push({ follower: await BenchFollower.follow(gateway, scope), gateway, scope });
          }
        }
        if (what === 'leave') followers.shift()?.follower.leave();
        if (passMs > 0) await clock.run(passMs);
      }
      for (const [n, { bus }] of gateways.entries()) if (alive[n] && !bus.up) bus.connect();
      await clock.run(5 * leaseMs);
      const living = gateways.filter((_, n) => alive[n]);
      for (const { follower, gateway, scope } of followers) {
        expect(follower.faults).toEqual([]);
        if (!living.includes(gateway)) continue;
        const own = living.flatMap((one) => [...one.calls.values()]);
        const theirs = own.filter((call) => scope === '*' || call.agent === scope).map(({ callId }) => callId);
        expect([...follower.calls].sort()).toEqual(theirs.sort());
      }
      // A call is told to be over once by whoever had it, and at most once more by those who buried it.
      if (living.length > 0) expect([...hub.gateways.keys()].sort()).toEqual(living.map(({ name }) => name).sort());
      for (const { circle } of living) await circle.stop();
    }),
    { numRuns: 300 },
  );
});
