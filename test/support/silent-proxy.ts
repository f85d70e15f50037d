import { connect, createServer, type Server, type Socket } from 'node:net';

/** Stands before a server; while `silent` it takes connections and bytes like before, and nothing ever comes back. */
export class SilentProxy {
  silent = false;
  /** Connections that it ever took. */
  connections = 0;
  readonly port: number;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(server: Server, port: number) {
    this.#server = server;
    this.port = port;
  }

  static async before(target: { readonly host: string; readonly port: number }): Promise<SilentProxy> {
    const server = createServer();
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const address = server.address();
    const proxy = new SilentProxy(server, typeof address === 'object' && address !== null ? address.port : 0);
    server.on('connection', (near) => proxy.#join(near, connect(target.port, target.host)));
    return proxy;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((done) => this.#server.close(done));
  }

  #join(near: Socket, far: Socket): void {
    this.connections += 1;
    for (const socket of [near, far]) {
      this.#sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        this.#sockets.delete(socket);
        near.destroy();
        far.destroy();
      });
    }
    near.on('data', (bytes) => {
      if (!this.silent) far.write(bytes);
    });
    far.on('data', (bytes) => {
      if (!this.silent) near.write(bytes);
    });
  }
}
