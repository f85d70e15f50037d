import { connect as connectPlain, isIP, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import type { Clock } from '../../../shared/clock.ts';
import type { PspTarget } from './psp-target.ts';

/** How long the connection and its handshake may take. */
export const connectLimitMs = 10_000;

/**
 * A connection to a provider on which nothing was written yet: with TLS the handshake is done and the certificate is right.
 * Rejects when it does not come to that, in time or at all; then certainly nothing was written.
 */
export function openPspSocket(target: PspTarget, clock: Clock, limitMs: number, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = open(target);
    const fail = (): void => {
      settle();
      socket.destroy();
      reject(new Error('no connection'));
    };
    const timer = clock.after(Math.min(limitMs, connectLimitMs), fail);
    const ready = (): void => {
      if (target.tls !== null && !(socket as TLSSocket).authorized) return fail();
      settle();
      resolve(socket);
    };
    const settle = (): void => {
      timer.cancel();
      signal.removeEventListener('abort', fail);
      socket.removeListener('close', fail);
      socket.removeListener(readyEvent, ready);
    };
    const readyEvent = target.tls === null ? 'connect' : 'secureConnect';
    // An error is followed by `close`; without a listener of its own it would end the process.
    socket.on('error', () => {});
    socket.once('close', fail);
    socket.once(readyEvent, ready);
    signal.addEventListener('abort', fail, { once: true });
    if (signal.aborted) fail();
  });
}

function open({ host, port, tls }: PspTarget): Socket {
  // A request of one segment goes at once.
  if (tls === null) return connectPlain({ host, port, noDelay: true });
  // RFC 6066 §3: no server name for an address.
  return connectTls({ host, port, ...(isIP(host) === 0 && { servername: host }), ...tls });
}
