import { afterAll, beforeAll, expect, test } from 'vitest';
import { descendants, processorSeconds, residentBytes } from '../support/child-processes.ts';
import { realServerIsProgram } from '../support/drachtio-peer.ts';
import { freeSipPort } from '../support/free-ports.ts';
import { GatewayProcess, type Settings } from '../support/gateway-process.ts';
import { MinimalBackToBack } from './minimal-back-to-back.ts';
import { type SippCounts, SippLoad } from './sip-load.ts';

/*
 * Full calls through the gateway, both legs, INVITE to BYE, by SIPp on both sides and without sound. What is printed: calls
 * a second at which retransmissions begin, processor time of a call by process, bytes of a standing call. The first run is
 * made by a gateway that has just started, and is printed as `cold`; calls stand in another that has had a few.
 *   SIP_BENCH_RATES=100,200   calls a second, one run each          SIP_BENCH_SECONDS=10   length of a run
 *   SIP_BENCH_STANDING=2000   calls that stand at once; 0 leaves it out
 *   TONELOCK_TEST_DRACHTIO=/path   program of a drachtio-server: at each rate the same load goes through that with the least
 *                             application on drachtio-srf, right after, and the ratio is printed
 *   SIP_BENCH_DRACHTIO=127.0.0.1:9022  SIP_BENCH_TARGET=127.0.0.1:5060  SIP_BENCH_DRACHTIO_PID=…  TONELOCK_DRACHTIO_SECRET=…
 *                             the gateway on a drachtio-server that runs already
 *   SIP_BENCH_NODE_OPTIONS=…  NODE_OPTIONS of the gateway: a profiler to be loaded
 */
const rates = (process.env['SIP_BENCH_RATES'] ?? '50,100,150,200,250,300').split(',').map(Number);
const seconds = Number(process.env['SIP_BENCH_SECONDS'] ?? 10);
const standing = Number(process.env['SIP_BENCH_STANDING'] ?? 2000);
const drachtio = process.env['SIP_BENCH_DRACHTIO'];
const env = { NODE_OPTIONS: process.env['SIP_BENCH_NODE_OPTIONS'] ?? '' };
const holdMs = 500;
const standingRate = 50;
const firstCalls = 200;
const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** What the calls go through. */
interface Way {
  readonly name: string;
  readonly target: string;
  processes(): readonly { readonly name: string; readonly pid: number }[];
}

let gateway: GatewayProcess;
let agentPort: number;
let ours: Way;
let minimal: MinimalBackToBack | undefined;

const places = { media: 12_000, sippAgent: 34_000, sippCustomer: 36_000 } as const;

beforeAll(async () => {
  agentPort = await freeSipPort();
  if (realServerIsProgram) minimal = await MinimalBackToBack.start(agentPort);
  await startGateway();
}, 60_000);

async function startGateway(): Promise<void> {
  gateway = await GatewayProcess.start({ agentPort, settings: settings(), mediaPorts: places.media, env });
  const target = process.env['SIP_BENCH_TARGET'] ?? `127.0.0.1:${gateway.sip.port}`;
  ours = { name: 'tonelock', target, processes };
}

afterAll(async () => {
  await gateway.stop();
  await minimal?.stop();
}, 60_000);

function settings(): Settings {
  const [host, port] = (drachtio ?? '').split(':');
  return {
    sip:
      drachtio === undefined ? { server: 'embedded' } : { server: 'drachtio', drachtio: { host, port: Number(port) } },
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

const usedBy = (way: Way, of: (pid: number) => number): Map<string, number> => {
  const used = new Map<string, number>();
  for (const { name, pid } of way.processes()) used.set(name, (used.get(name) ?? 0) + of(pid));
  return used;
};

const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));
/** What each process used between two looks, for every call. */
const perCall = (before: Map<string, number>, after: Map<string, number>, calls: number, unit: number) => {
  const each = [...after].map(([name, used]) => ({ name, amount: ((used - (before.get(name) ?? 0)) * unit) / calls }));
  const sum = each.reduce((total, { amount }) => total + amount, 0);
  const text = `${sum.toFixed(2)} (${each.map(({ name, amount }) => `${name} ${amount.toFixed(2)}`).join(', ')})`;
  return { sum, text };
};

interface Run {
  readonly customers: SippCounts;
  readonly agents: SippCounts;
}

async function run(
  way: Way,
  calls: number,
  perSecond: number,
  hold: number,
  midway?: () => Promise<void>,
): Promise<Run> {
  const agents = new SippLoad('agent-answers', { port: agentPort, mediaPort: places.sippAgent, calls });
  await pause(300);
  const port = await freeSipPort();
  const more = { port, mediaPort: places.sippCustomer, calls, perSecond, holdMs: hold, target: way.target };
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

/** One run, told in a line. @returns milliseconds of processor time a call. */
async function measure(way: Way, rate: number, remark = ''): Promise<number> {
  const calls = rate * seconds;
  const [sent, used] = [await retransmitted(), usedBy(way, processorSeconds)];
  const { customers, agents } = await run(way, calls, rate, holdMs);
  await pause(500);
  const again = (await retransmitted()) - sent;
  const cost = perCall(used, usedBy(way, processorSeconds), calls, 1000);
  say(
    `${way.name}${remark}, ${rate} calls/s: ${customers.succeeded} of ${calls} done, ${customers.failed} failed; ` +
      `retransmissions: customers ${customers.retransmissions}, agents ${agents.retransmissions}, ` +
      `${way === ours ? `gateway ${again}, ` : ''}ms a call: ${cost.text}`,
  );
  expect(customers.succeeded + customers.failed).toBe(calls);
  return cost.sum;
}

let cold = true;

test.each(rates)('%i calls a second for a while', async (rate) => {
  const other = minimal && {
    name: 'drachtio-server',
    target: minimal.target,
    processes: () => minimal?.processes ?? [],
  };
  if (cold) {
    cold = false;
    await measure(ours, rate, ', cold');
    if (other !== undefined) await measure(other, rate, ', cold');
  }
  const cost = await measure(ours, rate);
  if (other === undefined) return;
  const least = await measure(other, rate);
  say(`${rate} calls/s: ${(cost / least).toFixed(2)} of what drachtio-server with the least application needs`);
});

test.skipIf(standing === 0)(`${standing} calls that stand`, async () => {
  // A gateway that has not grown under load, which would have memory left for these; a few calls, and their transactions over.
  await gateway.stop();
  await startGateway();
  await run(ours, firstCalls, standingRate, holdMs);
  await pause(35_000);
  const [sent, before] = [await retransmitted(), usedBy(ours, residentBytes)];
  const hold = (standing / standingRate) * 1000 + 15_000;
  const { customers } = await run(ours, standing, standingRate, hold, async () => {
    await pause((standing / standingRate) * 1000 + 10_000);
    const each = perCall(before, usedBy(ours, residentBytes), standing, 1 / 1024);
    say(`${standing} standing calls: kB each: ${each.text}`);
  });
  say(`${customers.succeeded} of ${standing} done; retransmissions: customers ${customers.retransmissions}, `);
  say(`gateway ${(await retransmitted()) - sent}`);
  expect(customers.succeeded).toBe(standing);
});
