import { afterAll, beforeAll, expect, test } from 'vitest';
import { descendants, processorSeconds, residentBytes } from '../support/child-processes.ts';
import { freeSipPort } from '../support/free-ports.ts';
import { GatewayProcess, type Settings } from '../support/gateway-process.ts';
import { type SippCounts, SippLoad } from './sip-load.ts';

/*
 * Full calls through the gateway, both legs, INVITE to BYE, by SIPp on both sides and without sound. What is printed: calls
 * a second at which retransmissions begin, processor time of a call by process, bytes of a standing call.
 *   SIP_BENCH_RATES=100,200   calls a second, one run each          SIP_BENCH_SECONDS=10   length of a run
 *   SIP_BENCH_STANDING=2000   calls that stand at once; 0 leaves it out
 *   SIP_BENCH_DRACHTIO=127.0.0.1:9022  SIP_BENCH_TARGET=127.0.0.1:5060  SIP_BENCH_DRACHTIO_PID=…  TONELOCK_DRACHTIO_SECRET=…
 *                             the same with a drachtio-server that runs already
 *   SIP_BENCH_NODE_OPTIONS=…  NODE_OPTIONS of the gateway and its children: a profiler to be loaded
 */
const rates = (process.env['SIP_BENCH_RATES'] ?? '50,100,150,200,250,300').split(',').map(Number);
const seconds = Number(process.env['SIP_BENCH_SECONDS'] ?? 10);
const standing = Number(process.env['SIP_BENCH_STANDING'] ?? 2000);
const drachtio = process.env['SIP_BENCH_DRACHTIO'];
const env = { NODE_OPTIONS: process.env['SIP_BENCH_NODE_OPTIONS'] ?? '' };
const holdMs = 500;
const standingRate = 50;
const say = (line: string): void => void process.stdout.write(`${line}\n`);

let gateway: GatewayProcess;
let agentPort: number;
let target: string;

const places = { media: 12_000, sippAgent: 34_000, sippCustomer: 36_000 } as const;

beforeAll(async () => {
  agentPort = await freeSipPort();
  gateway = await GatewayProcess.start({ agentPort, settings: settings(), mediaPorts: places.media, env });
  target = process.env['SIP_BENCH_TARGET'] ?? `127.0.0.1:${gateway.sip.port}`;
}, 60_000);

afterAll(async () => {
  await gateway.stop();
}, 60_000);

function settings(): Settings {
  const [host, port] = (drachtio ?? '').split(':');
  return {
    ...(drachtio === undefined ? {} : { sip: { server: 'drachtio', drachtio: { host, port: Number(port) } } }),
    // Calls without sound must stand; nothing of the bench is about how many may come.
    media: { lossSeconds: { first: 600, running: 600 } },
    limits: { calls: 10_000, callsPerSecond: 10_000 },
    log: { level: 'warn' },
  };
}

/** Each process by a short name: the gateway, the walled room, the media processes, and drachtio-server where it is one. */
function processes(): { readonly name: string; readonly pid: number }[] {
  const room = descendants(gateway.pid).map(({ pid, command }) => ({
    pid,
    name: /cde\/main\.js/.test(command) ? 'room' : 'media',
  }));
  const server = process.env['SIP_BENCH_DRACHTIO_PID'];
  return [
    { name: 'gateway', pid: gateway.pid },
    ...room,
    ...(server === undefined ? [] : [{ name: 'drachtio-server', pid: Number(server) }]),
  ];
}

const usedBy = (of: (pid: number) => number): Map<string, number> => {
  const used = new Map<string, number>();
  for (const { name, pid } of processes()) used.set(name, (used.get(name) ?? 0) + of(pid));
  return used;
};

const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));
/** What each process used between two looks, for every call. */
const perCall = (before: Map<string, number>, after: Map<string, number>, calls: number, unit: number): string => {
  const each = [...after].map(([name, used]) => ({ name, amount: ((used - (before.get(name) ?? 0)) * unit) / calls }));
  const sum = each.reduce((total, { amount }) => total + amount, 0);
  return `${sum.toFixed(2)} (${each.map(({ name, amount }) => `${name} ${amount.toFixed(2)}`).join(', ')})`;
};

interface Run {
  readonly customers: SippCounts;
  readonly agents: SippCounts;
}

async function run(calls: number, perSecond: number, hold: number, midway?: () => Promise<void>): Promise<Run> {
  const agents = new SippLoad('agent-answers', { port: agentPort, mediaPort: places.sippAgent, calls });
  await pause(300);
  const port = await freeSipPort();
  const more = { port, mediaPort: places.sippCustomer, calls, perSecond, holdMs: hold, target };
  const customers = new SippLoad('customer-plain', more);
  await midway?.();
  const counts = await customers.finished;
  // An agent's side that waits for calls which never came would wait for ever.
  const timer = setTimeout(() => agents.kill(), 5_000);
  const ends = await agents.finished.catch(() => ({ succeeded: 0, failed: 0, retransmissions: Number.NaN }));
  clearTimeout(timer);
  return { customers: counts, agents: ends };
}

const retransmitted = async (): Promise<number> => {
  const text = await (await fetch(`${gateway.http}/metrics`)).text();
  return Number(/^tonelock_sip_events_total\{event="retransmission"\} (\d+)/m.exec(text)?.[1] ?? 0);
};

test.each(rates)('%i calls a second for a while', async (rate) => {
  if (rate === rates[0]) await run(rate * 3, rate, holdMs);
  const calls = rate * seconds;
  const [sent, used] = [await retransmitted(), usedBy(processorSeconds)];
  const { customers, agents } = await run(calls, rate, holdMs);
  await pause(500);
  const again = (await retransmitted()) - sent;
  say(
    `${rate} calls/s: ${customers.succeeded} of ${calls} done, ${customers.failed} failed; retransmissions: customers ` +
      `${customers.retransmissions}, agents ${agents.retransmissions}, gateway ${again}; ms a call: ` +
      perCall(used, usedBy(processorSeconds), calls, 1000),
  );
  expect(customers.succeeded + customers.failed).toBe(calls);
});

test.skipIf(standing === 0)(`${standing} calls that stand`, async () => {
  await pause(35_000);
  const [sent, before] = [await retransmitted(), usedBy(residentBytes)];
  const hold = (standing / standingRate) * 1000 + 15_000;
  const { customers } = await run(standing, standingRate, hold, async () => {
    await pause((standing / standingRate) * 1000 + 10_000);
    say(`${standing} standing calls: kB each: ${perCall(before, usedBy(residentBytes), standing, 1 / 1024)}`);
  });
  say(`${customers.succeeded} of ${standing} done; retransmissions: customers ${customers.retransmissions}, `);
  say(`gateway ${(await retransmitted()) - sent}`);
  expect(customers.succeeded).toBe(standing);
});
