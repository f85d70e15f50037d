import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { printHostPort } from '../message/host-port.ts';
import type { Flow, SocketAddress } from './flow.ts';
import { isUnspecified, plainAddress } from './ip-address.ts';
import type { ListenPoint } from './listen-point.ts';
import { TcpConnection, type TcpConnectionContext } from './tcp-connection.ts';
import type { Transport } from './transport.ts';

/** TCP at one listen point: the connections it accepted and those it made. */
export class TcpTransport implements Transport {
  readonly protocol = 'tcp';
  readonly point: ListenPoint;
  readonly #server: Server;
  readonly #context: TcpConnectionContext;
  readonly #byNumber = new Map<number, TcpConnection>();
  readonly #byRemote = new Map<string, number>();
  readonly #perSource = new Map<string, number>();
  #last = 0;
  #closed = false;

  private constructor(server: Server, point: ListenPoint, context: TcpConnectionContext) {
    this.#server = server;
    this.point = point;
    this.#context = context;
    server.on('connection', (socket) => this.#accept(socket));
    server.on('error', () => context.observer.observe({ kind: 'transport-failure', protocol: 'tcp' }));
  }

  /** @throws what the system says if the address cannot be bound. */
  static async bind(point: ListenPoint, context: TcpConnectionContext): Promise<TcpTransport> {
    const server = createServer();
    server.listen(point.port, point.address);
    await once(server, 'listening');
    const bound = server.address();
    const port = typeof bound === 'object' && bound !== null ? bound.port : point.port;
    return new TcpTransport(server, { ...point, port }, context);
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
    const connection = (number === undefined ? undefined : this.#byNumber.get(number)) ?? this.#connect(flow.remote);
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

  #accept(socket: Socket): void {
    const { remoteAddress, remotePort } = socket;
    const address = remoteAddress === undefined ? undefined : plainAddress(remoteAddress);
    if (this.#isFull() || address === undefined || remotePort === undefined || this.#hasEnough(address)) {
      socket.destroy();
      return;
    }
    this.#add(socket, { address, port: remotePort });
  }

  #connect(remote: SocketAddress): TcpConnection | undefined {
    if (this.#isFull()) return undefined;
    // From the listen point's own address, so that a peer that admits callers by address knows us.
    const localAddress = isUnspecified(this.point.address) ? undefined : this.point.address;
    const socket = connect({ host: remote.address, port: remote.port, ...(localAddress && { localAddress }) });
    const deadline = this.#context.clock.after(this.#context.limits.connectMs, () => socket.destroy());
    socket.once('connect', () => deadline.cancel());
    socket.once('close', () => deadline.cancel());
    return this.#add(socket, remote);
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

  #add(socket: Socket, remote: SocketAddress): TcpConnection {
    this.#last += 1;
    const number = this.#last;
    const place = printHostPort(remote.address, remote.port);
    const connection = new TcpConnection(socket, number, { local: this.point, remote }, this.#context);
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
