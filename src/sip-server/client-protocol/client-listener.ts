import { once } from 'node:events';
import { createServer, isIP, connect as plainConnect, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, connect as tlsConnect } from 'node:tls';
import type { Clock } from '../../shared/clock.ts';
import type { SipServerLimits } from '../sip-server-limits.ts';
import type { SipServerObserver } from '../sip-server-observer.ts';
import { serverOptions, type TlsSettings } from '../transport/tls-settings.ts';
import type { Applications } from './applications.ts';
import { ClientConnection, type ClientConnectionContext } from './client-connection.ts';
import type { SipWish } from './client-message.ts';
import type { ClientTarget } from './client-target.ts';

export interface ClientListenerOptions {
  /** Where applications connect, if anywhere; at `tlsPort` by TLS, with what is in `tls`. */
  readonly places: { readonly host: string; readonly port: number; readonly tlsPort?: number } | undefined;
  readonly tls: TlsSettings | undefined;
  readonly secret: string;
  readonly limits: SipServerLimits;
  readonly observer: SipServerObserver;
  readonly clock: Clock;
  /** Where those that have said the secret are entered. */
  readonly applications: Applications;
  /** Who may have signed the certificates of applications that are connected to; else those that the system trusts. */
  readonly ca?: string | undefined;
}

/** Who acts on what applications send. */
export interface ClientUser {
  onSip(client: ClientConnection, message: SipWish): void;
  /** An application that was authenticated has gone. */
  onClientLost(client: ClientConnection): void;
  /** Contacts, version and local contacts for the answer to `authenticate`. */
  welcome(): readonly string[];
}

/** The sockets on which applications connect, and those by which we connect to them. */
export class ClientListener {
  /** The plain one first. */
  readonly #servers: readonly Server[];
  readonly #options: ClientListenerOptions;
  readonly #user: ClientUser;
  readonly #waiting = new Set<ClientConnection>();
  readonly #clients = new Set<ClientConnection>();
  /** Those that we connected to, each for one request; what others want goes to none of them. */
  readonly #dialled = new Set<ClientConnection>();

  private constructor(servers: readonly Server[], options: ClientListenerOptions, user: ClientUser) {
    this.#servers = servers;
    this.#options = options;
    this.#user = user;
  }

  /** @throws {Error} naming host and port if they cannot be bound, or saying that there is no certificate for TLS. */
  static async start(options: ClientListenerOptions, user: ClientUser): Promise<ClientListener> {
    const { places, tls, limits } = options;
    const servers: Server[] = [];
    const listener = new ClientListener(servers, options, user);
    if (places === undefined) return listener;
    const { host, port, tlsPort } = places;
    try {
      const plain = createServer().on('connection', (socket) => listener.#accept(socket));
      servers.push(await bound(plain, host, port));
      if (tlsPort === undefined) return listener;
      if (tls === undefined) throw new Error('applications cannot connect by TLS without certificate and key');
      const secured = createTlsServer(serverOptions(tls, limits.handshakeMs));
      secured.on('secureConnection', (socket) => listener.#accept(socket));
      servers.push(await bound(secured, host, tlsPort));
      return listener;
    } catch (error) {
      for (const server of servers) server.close();
      throw error;
    }
  }

  get port(): number {
    return portOf(this.#servers[0]) ?? 0;
  }

  get tlsPort(): number | undefined {
    return portOf(this.#servers[1]);
  }

  /** Applications that we are connected to, each for one request. */
  get dialled(): number {
    return this.#dialled.size;
  }

  async close(): Promise<void> {
    const closed = this.#servers.map((server) => new Promise((resolve) => server.close(resolve)));
    for (const client of [...this.#waiting, ...this.#clients, ...this.#dialled]) client.close();
    await Promise.all(closed);
  }

  /**
   * Connects to an application that listens. It has to say the secret, as the others do.
   * @param done called once, later: with nothing where nobody is there, or has no secret; not after `cancel`.
   */
  dial(target: ClientTarget, done: (client: ClientConnection | undefined) => void): { cancel(): void } {
    const { limits, observer, ca } = this.#options;
    if (this.#dialled.size >= limits.dialledClients) {
      observer.observe({ kind: 'limit-hit', limit: 'dialledClients' });
      setImmediate(done, undefined);
      return { cancel: () => undefined };
    }
    let waiting = true;
    const settle = (client: ClientConnection | undefined): void => {
      if (!waiting) return;
      waiting = false;
      done(client);
    };
    const socket = target.tls
      ? tlsConnect({ ...trust(target.host, ca), host: target.host, port: target.port })
      : plainConnect(target.port, target.host);
    const client = new ClientConnection(socket, {
      ...this.#context(),
      authenticated: (client) => {
        observer.observe({ kind: 'client-connected' });
        settle(client);
      },
      lost: (client) => {
        const known = this.#dialled.delete(client);
        if (waiting) settle(undefined);
        else if (known) this.#user.onClientLost(client);
      },
    });
    this.#dialled.add(client);
    return {
      cancel: () => {
        waiting = false;
        client.close();
      },
    };
  }

  #accept(socket: Socket): void {
    const { limits, observer } = this.#options;
    if (this.#waiting.size + this.#clients.size >= limits.clients) {
      observer.observe({ kind: 'limit-hit', limit: 'clients' });
      socket.destroy();
      return;
    }
    this.#waiting.add(new ClientConnection(socket, this.#context()));
  }

  #context(): ClientConnectionContext {
    const { secret, limits, observer, clock, applications } = this.#options;
    return {
      secret,
      limits,
      observer,
      clock,
      welcome: () => this.#user.welcome(),
      onSip: (client, message) => this.#user.onSip(client, message),
      authenticated: (client) => {
        this.#waiting.delete(client);
        this.#clients.add(client);
        applications.add(client);
        observer.observe({ kind: 'client-connected' });
      },
      lost: (client) => {
        this.#waiting.delete(client);
        if (!this.#clients.delete(client)) return;
        applications.remove(client);
        observer.observe({ kind: 'client-lost' });
        this.#user.onClientLost(client);
      },
    };
  }
}

async function bound(server: Server, host: string, port: number): Promise<Server> {
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'failed';
    throw new Error(`cannot listen for clients on ${host}:${port}: ${code}`, { cause: error });
  }
  // A handshake that fails is its maker's affair.
  return server.on('error', () => undefined).on('tlsClientError', () => undefined);
}

function portOf(server: Server | undefined): number | undefined {
  const address = server?.address();
  return typeof address === 'object' && address !== null ? address.port : undefined;
}

/** RFC 6066 §3: no name where the application is called by its address. */
const trust = (host: string, ca: string | undefined) =>
  ({
    minVersion: 'TLSv1.2',
    ...(ca === undefined ? {} : { ca }),
    ...(isIP(host) === 0 ? { servername: host } : {}),
  }) as const;
