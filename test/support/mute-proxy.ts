import { connect, createServer, type Server, type Socket } from 'node:net';

/** Stands before a server and, once told so, passes requests on and swallows the answers, then cuts the line. */
export class MuteProxy {
  readonly port: number;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #mute = false;

  private constructor(server: Server, port: number) {
    this.#server = server;
    this.port = port;
  }

  static async before(target: number): Promise<MuteProxy> {
    const server = createServer();
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const address = server.address();
    const proxy = new MuteProxy(server, typeof address === 'object' && address !== null ? address.port : 0);
    server.on('connection', (near) => proxy.#join(near, connect(target, '127.0.0.1')));
    return proxy;
  }

  /** From here on nothing comes back; the line is cut when the next answer would have. */
  mute(): void {
    this.#mute = true;
  }

  unmute(): void {
    this.#mute = false;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((done) => this.#server.close(done));
  }

  #join(near: Socket, far: Socket): void {
    const cut = (): void => {
      near.destroy();
      far.destroy();
    };
    for (const socket of [near, far]) {
      this.#sockets.add(socket);
      socket.on('error', cut).on('close', cut);
    }
    near.on('data', (bytes) => far.write(bytes));
    far.on('data', (bytes) => (this.#mute ? cut() : near.write(bytes)));
  }
}
