import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';

/** @returns a TCP port of 127.0.0.1 that was free a moment ago. */
export async function freeTcpPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  await new Promise((done) => server.close(done));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** @returns a port that was free a moment ago for UDP and TCP alike, as SIP wants it. */
export async function freeSipPort(): Promise<number> {
  for (let attempt = 0; attempt < 50; attempt += 1) {
    const port = await freeTcpPort();
    if (await udpIsFree(port)) return port;
  }
  throw new Error('no port is free for UDP and TCP');
}

const mediaFrom = 10_000;
const mediaTo = 32_000;

/** @returns a range for media, below the ports that Linux hands out by itself (32768 and up). */
export async function freeMediaRange(size: number): Promise<[number, number]> {
  for (let attempt = 0; attempt < 50; attempt += 1) {
    const from = mediaFrom + 2 * Math.floor((Math.random() * (mediaTo - mediaFrom - size)) / 2);
    const samples = Array.from({ length: 8 }, (_, n) => from + Math.floor((n * (size - 1)) / 7));
    const free = await Promise.all(samples.map(udpIsFree));
    if (free.every(Boolean)) return [from, from + size - 1];
  }
  throw new Error('no range of media ports is free');
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
