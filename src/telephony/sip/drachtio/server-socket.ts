import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { systemClock } from '../../../shared/clock.ts';
import type { SipArrivals } from '../../sip-port.ts';
import { TrunkTable } from '../../trunk-table.ts';
import type { LinkTerms, StackObserver } from './drachtio-stack.ts';
import { ServedLink } from './served-link.ts';

export interface ServerSocketOptions extends LinkTerms {
  readonly host: string;
  readonly port: number;
  /** CIDRs from which servers connect. It is we who say the secret, so nobody else may hear it. */
  readonly peers: readonly string[];
  /** PEM texts; with them servers have to connect by TLS. */
  readonly tls?: { readonly cert: string; readonly key: string };
}

interface Surroundings {
  readonly observer: Pick<StackObserver, 'linkSilent' | 'dialogsLost' | 'unreadable' | 'linkRefused'>;
  readonly sessionExpiresSeconds: number;
}

/** Connections at once; a call has one. */
const linksMax = 10_000;
const handshakeMs = 5000;

/** Where SIP servers connect to us for each call that they have for us. */
export class ServerSocket {
  readonly #server: Server;
  readonly #links = new Set<ServedLink>();

  private constructor(server: Server, event: string, take: (socket: Socket) => void) {
    this.#server = server;
    server.on(event, take);
    // A handshake that fails is its maker's affair.
    server.on('tlsClientError', () => undefined);
  }

  /** @throws {Error} where the address cannot be bound, or certificate and key are none. */
  static async open(options: ServerSocketOptions & Surroundings, arrivals: SipArrivals): Promise<ServerSocket> {
    const { host, port, tls, peers, observer } = options;
    const server =
      tls === undefined
        ? createServer()
        : createTlsServer({ ...tls, minVersion: 'TLSv1.2', handshakeTimeout: handshakeMs });
    const known = new TrunkTable([{ name: 'servers', side: 'agent', peers }]);
    const parts = { terms: options, clock: systemClock, ...options };
    const opened: ServerSocket = new ServerSocket(
      server,
      tls === undefined ? 'connection' : 'secureConnection',
      (socket) => {
        const { remoteAddress: address = '', remotePort: at = 0 } = socket;
        if (known.find({ address, port: at, protocol: 'tcp' }) !== undefined && opened.#links.size < linksMax) {
          opened.#serve(socket, new ServedLink(socket, parts, arrivals));
          return;
        }
        observer.linkRefused();
        socket.destroy();
      },
    );
    server.listen(port, host);
    await once(server, 'listening');
    server.on('error', () => undefined);
    return opened;
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  /** Harmless when called twice. */
  close(): void {
    this.#server.close();
    for (const link of this.#links) link.close();
  }

  #serve(socket: Socket, link: ServedLink): void {
    this.#links.add(link);
    socket.once('close', () => this.#links.delete(link));
  }
}
