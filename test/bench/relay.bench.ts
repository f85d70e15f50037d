import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { pause } from '../support/media-call.ts';
import { startEngine } from './engine-peer.ts';
import { hasten, loadPorts, type RelayPeer, residentKilobytes } from './relay-peer.ts';
import { startRtpengine } from './rtpengine-peer.ts';

/*
 * What relaying costs, beside Debian's rtpengine in the same rounds: times of one machine mean nothing on another, and
 * those of one minute little in the next. Both move packets before all else that runs, where that is allowed. G.722 is
 * relayed without a detector; with `betweenCaptures: drop` each customer's µ-law is heard, packet by packet, and his keys
 * are taken out.
 */
const rounds = Number(process.env['RELAY_ROUNDS'] ?? 3);
const seconds = Number(process.env['RELAY_SECONDS'] ?? 4);
const sizes = (process.env['RELAY_CALLS'] ?? '200,500').split(',').map(Number);
const most = Number(process.env['RELAY_MOST'] ?? 1200);
/** Long enough for the compiler of the media process to have done most of its work. */
const warmUpSeconds = 5;
const plainType = 9;
const detectedType = 0;
const keysEveryMs = 2000;
/** Of both sides' sound: one in a hundred packets of a customer's is followed by a key, and five more go with it. */
const keysTakeMostPercent = 4;

/** From here on a relay is near its limit: one that is compiled as it runs must then leave its compiler some time. */
const nearLimit = 1000;

/**
 * The load generator too goes before others, in a session and on a processor of its own. Near its own limit in real time it
 * would keep the kernel from delivering what it has sent.
 */
const privileged = (realTime: boolean): string => {
  const first = realTime ? 'r=; chrt -f 20 true && r="chrt -f 20"; ' : 'r=; ';
  return `echo -19 > /proc/self/autogroup; ${first}exec nice -n -19 $r taskset -c 0 "$0" "$@"`;
};

interface Measured {
  readonly calls: number;
  readonly lossPercent: number;
  readonly outOfOrder: number;
  readonly microsPerPacket: number;
  readonly corePercent: number;
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  readonly lateMaxMicros: number;
}

interface Contestant {
  readonly name: string;
  readonly type: number;
  readonly keysMs: number;
  readonly start: () => Promise<RelayPeer>;
}

const reference: Contestant = {
  name: 'rtpengine',
  type: plainType,
  keysMs: 0,
  start: () => startRtpengine(plainType),
};
const relaying: Contestant = {
  name: 'engine',
  type: plainType,
  keysMs: 0,
  start: () => startEngine('engine', 'auto', plainType),
};
const capturing: Contestant = {
  name: 'engine, detection and keys',
  type: detectedType,
  keysMs: keysEveryMs,
  start: () => startEngine('engine, detection and keys', 'auto', detectedType, 'drop'),
};
const byEpoll: Contestant = {
  name: 'engine by epoll',
  type: plainType,
  keysMs: 0,
  start: () => startEngine('engine by epoll', 'epoll', plainType),
};
const fallBack: Contestant = {
  name: 'engine by node:dgram',
  type: plainType,
  keysMs: 0,
  start: () => startEngine('engine by node:dgram', 'dgram', plainType),
};

let folder: string;
let load: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tonelock-relay-'));
  load = join(folder, 'rtp-load');
  execFileSync('cc', ['-O2', '-o', load, new URL('./rtp-load.c', import.meta.url).pathname]);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function measure({ start, type, keysMs }: Contestant, calls: number): Promise<Measured> {
  const peer = await start();
  try {
    const lines: string[] = [];
    for (let call = 0; call < calls; call += 1) {
      const [portA, portB] = loadPorts(call);
      lines.push([portA, portB, ...(await peer.connect(call, portA, portB))].join(' '));
    }
    const file = join(folder, 'calls');
    writeFileSync(file, `${lines.join('\n')}\n`);
    const measuring = [load, file, warmUpSeconds, seconds, type, keysMs, '-', ...peer.pids].map(String);
    const running = promisify(execFile)('setsid', ['sh', '-c', privileged(calls < nearLimit), ...measuring]);
    // Not sooner: code that is not compiled yet takes all of a processor, and what compiles it would never get any.
    await pause(1000 * warmUpSeconds - 500);
    if (calls < nearLimit) hasten(peer.movers());
    const run = await running;
    return JSON.parse(run.stdout) as Measured;
  } finally {
    await peer.close();
  }
}

const median = (numbers: readonly number[]): number => [...numbers].sort((a, b) => a - b)[numbers.length >> 1] ?? 0;

const line = (name: string, all: readonly Measured[], referenceCost: number): string => {
  const of = (key: keyof Measured): number => median(all.map((one) => one[key]));
  const cost = of('microsPerPacket');
  return [
    name.padEnd(28),
    `${cost.toFixed(2)} µs a packet`,
    `ratio ${(cost / referenceCost).toFixed(2)}`,
    `latency p50 ${of('p50').toFixed(0)} p99 ${of('p99').toFixed(0)} p99.9 ${of('p999').toFixed(0)} µs`,
    `loss ${Math.max(...all.map(({ lossPercent }) => lossPercent)).toFixed(3)} %`,
    `out of order ${Math.max(...all.map(({ outOfOrder }) => outOfOrder))}`,
    `${Math.floor((100 * of('calls')) / of('corePercent'))} calls a core`,
  ].join('  ');
};

test.each(sizes)('%i calls: the cost of a packet against rtpengine', async (calls) => {
  const contestants = [reference, relaying, capturing, byEpoll, fallBack];
  const results = new Map<Contestant, Measured[]>(contestants.map((one) => [one, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const one of contestants) results.get(one)?.push(await measure(one, calls));
  }
  const of = (one: Contestant): Measured[] => results.get(one) ?? [];
  const cost = (one: Contestant): number => median(of(one).map(({ microsPerPacket }) => microsPerPacket));
  const text = contestants.map((one) => line(one.name, of(one), cost(reference)));
  process.stdout.write(`${calls} calls, medians of ${rounds} rounds of ${seconds} s\n${text.join('\n')}\n`);
  expect(of(relaying).every(({ lossPercent }) => lossPercent === 0)).toBe(true);
  // Sound that follows a key at once goes with it.
  expect(Math.max(...of(capturing).map(({ lossPercent }) => lossPercent))).toBeLessThan(keysTakeMostPercent);
  expect(cost(relaying) / cost(reference)).toBeLessThanOrEqual(0.6);
  expect(cost(capturing) / cost(reference)).toBeLessThanOrEqual(0.75);
});

test(`${most} calls on one core`, async () => {
  const one = await measure(relaying, most);
  process.stdout.write(`${line('engine', [one], one.microsPerPacket)}  core ${one.corePercent.toFixed(0)} %\n`);
  expect(one.lossPercent).toBe(0);
  expect(one.p99).toBeLessThan(5000);
});

test('The memory of a call', async () => {
  const peer = await startEngine('engine', 'auto', detectedType);
  const pid = peer.pids[0] ?? 0;
  const connect = async (from: number, to: number): Promise<void> => {
    for (let call = from; call < to; call += 1) await peer.connect(call, ...loadPorts(call));
  };
  try {
    await connect(0, 200);
    const before = residentKilobytes(pid);
    await connect(200, 1200);
    const each = (residentKilobytes(pid) - before) / 1000;
    process.stdout.write(`a call takes ${each.toFixed(1)} kB of memory\n`);
    expect(each).toBeLessThanOrEqual(30);
  } finally {
    await peer.close();
  }
});
