import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { connect as connectTls, createServer as createTlsServer, type TLSSocket } from 'node:tls';
import { printHostPort } from '../message/host-port.ts';
import type { Flow, SocketAddress } from './flow.ts';
import { isUnspecified, plainAddress } from './ip-address.ts';
import type { ListenPoint } from './listen-point.ts';
import { StreamConnection, type StreamConnectionContext } from './stream-connection.ts';
import { clientOptions, serverOptions, type TlsSettings } from './tls-settings.ts';
import type { Transport } from './transport.ts';

/** TCP or TLS at one listen point: the connections it accepted and those it made. */
export class StreamTransport implements Transport {
  readonly protocol: 'tcp' | 'tls';
  readonly point: ListenPoint;
  readonly #server: Server;
  readonly #context: StreamConnectionContext;
  readonly #tls: TlsSettings | undefined;
  readonly #byNumber = new Map<number, StreamConnection>();
  readonly #byRemote = new Map<string, number>();
  readonly #perSource = new Map<string, number>();
  #last = 0;
  #closed = false;

  private constructor(
    server: Server,
    point: ListenPoint,
    context: StreamConnectionContext,
    tls: TlsSettings | undefined,
  ) {
    this.#server = server;
    this.point = point;
    this.protocol = context.protocol;
    this.#context = context;
    this.#tls = tls;
    const failed = (): void => context.observer.observe({ kind: 'transport-failure', protocol: context.protocol });
    if (tls === undefined) server.on('connection', (socket: Socket) => this.#accept(socket));
    else {
      server.on('secureConnection', (socket: TLSSocket) => this.#acceptChecked(socket, tls));
      server.on('tlsClientError', failed);
    }
    server.on('error', failed);
  }

  /** @throws what the system says if the address cannot be bound. */
  static async bind(
    point: ListenPoint,
    context: StreamConnectionContext,
    tls: TlsSettings | undefined,
  ): Promise<StreamTransport> {
    const { handshakeMs, connections } = context.limits;
    const server = tls === undefined ? createServer() : createTlsServer(serverOptions(tls, handshakeMs));
    // Those in their handshake, too.
    server.maxConnections = connections;
    server.listen(point.port, point.address);
    await once(server, 'listening');
    const bound = server.address();
    const port = typeof bound === 'object' && bound !== null ? bound.port : point.port;
    return new StreamTransport(server, { ...point, port }, context, tls);
  }

  get connections(): number {
    return this.#byNumber.size;
  }

  isOpen(connection: number): boolean {
    return this.#byNumber.has(connection);
  }

  connectionTo(remote: SocketAddress): number | undefined {
    return this.#byRemote.get(printHostPort(remote.address, remote.port));
  }

  send(bytes: Buffer, flow: Flow, failed: () => void): void {
    if (this.#closed) return;
    const number = flow.connection ?? this.connectionTo(flow.remote);
    const connection = (number === undefined ? undefined : this.#byNumber.get(number)) ?? this.#connect(flow);
    if (connection === undefined) queueMicrotask(failed);
    else connection.send(bytes, failed);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const connection of [...this.#byNumber.values()]) connection.close();
    await closed;
  }

  /** A certificate that was asked for and shown has to be a good one; none at all is the peer's right. */
  #acceptChecked(socket: TLSSocket, tls: TlsSettings): void {
    const shown = Object.keys(socket.getPeerCertificate() ?? {}).length > 0;
    if (tls.clientCertificates === 'check' && shown && !socket.authorized) socket.destroy();
    else this.#accept(socket);
  }

  #accept(socket: Socket): void {
    const { remoteAddress, remotePort } = socket;
    const address = remoteAddress === undefined ? undefined : plainAddress(remoteAddress);
    if (this.#isFull() || address === undefined || remotePort === undefined || this.#hasEnough(address)) {
      socket.destroy();
      return;
    }
    this.#add(socket, { address, port: remotePort });
  }

  #connect({ remote, serverName }: Flow): StreamConnection | undefined {
    if (this.#isFull()) return undefined;
    // From the listen point's own address, so that a peer that admits callers by address knows us.
    const localAddress = isUnspecified(this.point.address) ? undefined : this.point.address;
    const where = { host: remote.address, port: remote.port, ...(localAddress && { localAddress }) };
    const socket =
      this.#tls === undefined ? connect(where) : connectTls({ ...where, ...clientOptions(this.#tls, serverName) });
    const deadline = this.#context.clock.after(this.#context.limits.connectMs, () => socket.destroy());
    socket.once(this.#tls === undefined ? 'connect' : 'secureConnect', () => deadline.cancel());
    socket.once('close', () => deadline.cancel());
    return this.#add(socket, remote, this.#tls !== undefined);
  }

  #hasEnough(address: string): boolean {
    const full = (this.#perSource.get(address) ?? 0) >= this.#context.limits.connectionsPerSource;
    if (full) this.#context.observer.observe({ kind: 'limit-hit', limit: 'connectionsPerSource' });
    return full;
  }

  #isFull(): boolean {
    const full = this.#byNumber.size >= this.#context.limits.connections;
    if (full) this.#context.observer.observe({ kind: 'limit-hit', limit: 'connections' });
    return full;
  }

  #add(socket: Socket, remote: SocketAddress, handshakes = false): StreamConnection {
    this.#last += 1;
    const number = this.#last;
    const place = printHostPort(remote.address, remote.port);
    const connection = new StreamConnection(socket, number, { local: this.point, remote }, this.#context, handshakes);
    this.#byNumber.set(number, connection);
    this.#byRemote.set(place, number);
    this.#perSource.set(remote.address, (this.#perSource.get(remote.address) ?? 0) + 1);
    socket.once('close', () => {
      this.#byNumber.delete(number);
      const left = (this.#perSource.get(remote.address) ?? 1) - 1;
      if (left > 0) this.#perSource.set(remote.address, left);
      else this.#perSource.delete(remote.address);
      if (this.#byRemote.get(place) === number) this.#byRemote.delete(place);
    });
    return connection;
  }
}
