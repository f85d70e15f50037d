import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';

/*
 * Ports are handed out below those that Linux gives to sockets that name none (32768 and up), and each worker of the test
 * runner has a part of them to itself: two files that run side by side never find the same port free.
 */
export const workers = 4;
const worker = (Number(process.env['VITEST_POOL_ID'] ?? 1) - 1) % workers;

const share = (from: number, to: number): readonly [number, number] => {
  const size = Math.floor((to - from) / workers);
  return [from + worker * size, from + (worker + 1) * size];
};

const [namedFrom, namedTo] = share(24_000, 30_000);
const [sippFrom, sippTo] = share(30_000, 32_000);
const [mediaFrom, mediaTo] = share(10_000, 24_000);
const attemptsLimit = 50;

// One after another: a port that was just given back is not the next that is handed out.
let next = namedFrom + Math.floor(Math.random() * (namedTo - namedFrom));

function nextPort(): number {
  next = next + 1 < namedTo ? next + 1 : namedFrom;
  return next;
}

/** @returns a TCP port of 127.0.0.1 that was free a moment ago. */
export async function freeTcpPort(): Promise<number> {
  for (let attempt = 0; attempt < attemptsLimit; attempt += 1) {
    const port = nextPort();
    if (await tcpIsFree(port)) return port;
  }
  throw new Error('no port is free for TCP');
}

/** @returns a port that was free a moment ago for UDP and TCP alike, as SIP wants it. */
export async function freeSipPort(): Promise<number> {
  for (let attempt = 0; attempt < attemptsLimit; attempt += 1) {
    const port = await freeTcpPort();
    if (await udpIsFree(port)) return port;
  }
  throw new Error('no port is free for UDP and TCP');
}

/** @returns a range for media, none of whose ports was found taken. */
export async function freeMediaRange(size: number): Promise<[number, number]> {
  for (let attempt = 0; attempt < attemptsLimit; attempt += 1) {
    const from = mediaFrom + 2 * Math.floor((Math.random() * (mediaTo - mediaFrom - size)) / 2);
    const samples = Array.from({ length: 8 }, (_, n) => from + Math.floor((n * (size - 1)) / 7));
    const free = await Promise.all(samples.map(udpIsFree));
    if (free.every(Boolean)) return [from, from + size - 1];
  }
  throw new Error('no range of media ports is free');
}

/** SIPp takes the port that is named for its sound, and a few after it. */
const sippSpan = 10;
let nextSipp = 0;

/** @returns a port for the sound of one SIPp, which no other that runs now has. */
export function sippMediaPort(): number {
  nextSipp = (nextSipp + 1) % Math.floor((sippTo - sippFrom) / sippSpan);
  return sippFrom + (sippFrom % 2) + nextSipp * sippSpan;
}

async function tcpIsFree(port: number): Promise<boolean> {
  const server = createServer();
  const bound = await new Promise<boolean>((done) => {
    server.once('error', () => done(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => done(true));
  });
  if (bound) await new Promise((done) => server.close(done));
  return bound;
}

async function udpIsFree(port: number): Promise<boolean> {
  const socket = createSocket('udp4');
  const bound = await new Promise<boolean>((done) => {
    socket.once('error', () => done(false));
    socket.bind({ port, address: '127.0.0.1', exclusive: true }, () => done(true));
  });
  if (bound) await new Promise<void>((done) => socket.close(done));
  return bound;
}
