import { createSocket } from 'node:dgram';
import { createServer, isIPv6, connect as tcpConnect } from 'node:net';
import { connect as tlsConnect } from 'node:tls';

const limitMs = 5000;
const pingMs = 1500;

/** @returns undefined when the port is free, or the system's word for why not (EADDRINUSE …). */
export function bindFault(protocol: 'udp' | 'tcp', host: string, port: number): Promise<string | undefined> {
  return new Promise((done) => {
    const failed = (error: NodeJS.ErrnoException): void => done(error.code ?? 'cannot be bound');
    if (protocol === 'tcp') {
      const server = createServer();
      server.once('error', failed);
      server.listen({ host, port, exclusive: true }, () => server.close(() => done(undefined)));
      return;
    }
    const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4');
    socket.once('error', failed);
    socket.bind({ address: host, port, exclusive: true }, () => socket.close(() => done(undefined)));
  });
}

export interface Reached {
  readonly fault: string | undefined;
  readonly ms: number;
}

/** Opens a connection and closes it; by TLS it also checks the certificate as the gateway would. */
export function reach(host: string, port: number, tls?: { readonly ca?: Buffer }): Promise<Reached> {
  const since = performance.now();
  return new Promise((done) => {
    const socket =
      tls === undefined ? tcpConnect({ host, port }) : tlsConnect({ host, port, servername: host, ...tls });
    const end = (fault: string | undefined): void => {
      clearTimeout(timer);
      socket.destroy();
      done({ fault, ms: Math.round(performance.now() - since) });
    };
    const timer = setTimeout(() => end('no answer'), limitMs);
    socket.once(tls === undefined ? 'connect' : 'secureConnect', () => end(undefined));
    socket.once('error', (error: NodeJS.ErrnoException) => end(error.code ?? 'refused'));
  });
}

/** A ping of the ng protocol: is there an rtpengine? */
export function rtpengineAnswers(host: string, port: number): Promise<boolean> {
  return new Promise((done) => {
    const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4');
    const end = (answered: boolean): void => {
      clearTimeout(timer);
      socket.close();
      done(answered);
    };
    const timer = setTimeout(() => end(false), pingMs);
    socket.once('error', () => end(false));
    socket.once('message', (bytes) => end(bytes.includes('4:pong')));
    socket.send('doctor d7:command4:pinge', port, host);
  });
}
