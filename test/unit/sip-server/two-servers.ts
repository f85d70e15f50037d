import Srf from 'drachtio-srf';
import { type SipServer, type SipServerOptions, startSipServer } from '../../../src/sip-server/sip-server.ts';
import type { SipServerEvent } from '../../../src/sip-server/sip-server-observer.ts';

/** The parts of drachtio-srf that the tests touch; its own declarations leave half of it out. */
export interface App {
  on(event: string, listener: (...rest: never[]) => void): void;
  invite(handler: (request: AppRequest, response: AppResponse) => void): void;
  options(handler: (request: AppRequest, response: AppResponse) => void): void;
  message(handler: (request: AppRequest, response: AppResponse) => void): void;
  subscribe(handler: (request: AppRequest, response: AppResponse) => void): void;
  createUAS(request: AppRequest, response: AppResponse, options: object): Promise<AppDialog>;
  createUAC(uri: string, options: object, progress?: object): Promise<AppDialog>;
  request(uri: string, options: object): Promise<AppRequest>;
  connect(options: object): void;
  disconnect(): void;
}

export interface AppMessage {
  readonly body: string;
  readonly method: string;
  readonly uri: string;
  get(name: string): string;
  has(name: string): boolean;
}

export interface AppRequest extends AppMessage {
  readonly source_address: string;
  cancel(options?: object): void;
  proxy(options: object): Promise<{ connected: boolean; finalStatus: number; responses: unknown[] }>;
  on(event: string, listener: (message: AppResponse) => void): void;
}

export interface AppResponse extends AppMessage {
  readonly status: number;
  send(
    status: number,
    options?: object,
    callback?: (error: unknown) => void,
    onPrack?: (prack: AppMessage) => void,
  ): void;
}

export interface AppDialog {
  readonly id: string;
  readonly sip: { readonly callId: string; readonly localTag: string; readonly remoteTag: string };
  readonly local: { readonly contact: string };
  destroy(options?: object): Promise<AppMessage>;
  modify(sdp: string): Promise<string>;
  request(options: object): Promise<AppResponse>;
  on(event: string, listener: (request: AppRequest, response: AppResponse) => void): void;
  once(event: string, listener: (request: AppRequest, reason: AppResponse) => void): void;
}

export const sdp = (port: number): string =>
  `v=0\r\no=- 1 ${port} IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio ${port} RTP/AVP 0\r\n`;

/** A server with one application on it, and everything it counted. */
export class Side {
  readonly server: SipServer;
  readonly app: App;
  readonly events: SipServerEvent[];
  readonly #more: App[] = [];
  #left = false;

  private constructor(server: SipServer, app: App, events: SipServerEvent[]) {
    this.server = server;
    this.app = app;
    this.events = events;
  }

  static async open(options: Partial<SipServerOptions> = {}): Promise<Side> {
    const events: SipServerEvent[] = [];
    const server = await startSipServer({
      listen: ['udp/127.0.0.1:0', 'tcp/127.0.0.1:0'],
      clients: { host: '127.0.0.1', port: 0 },
      secret: 'test secret',
      observer: { observe: (event) => events.push(event) },
      ...options,
    });
    return new Side(server, await connected(server, 'test secret'), events);
  }

  /** Another application on the same server. */
  async another(): Promise<App> {
    const app = await connected(this.server, 'test secret');
    this.#more.push(app);
    return app;
  }

  port(protocol: 'udp' | 'tcp'): number {
    return this.server.listenPoints.find((point) => point.protocol === protocol)?.port ?? 0;
  }

  uri(protocol: 'udp' | 'tcp' = 'udp', user = 'x'): string {
    const tail = protocol === 'tcp' ? ';transport=tcp' : '';
    return `sip:${user}@127.0.0.1:${this.port(protocol)}${tail}`;
  }

  /** The application goes; the server stays. */
  leave(): void {
    // The library asserts that it has a socket to close.
    if (!this.#left) this.app.disconnect();
    this.#left = true;
  }

  async close(): Promise<void> {
    this.leave();
    for (const app of this.#more) app.disconnect();
    await this.server.close();
  }
}

export async function connected(server: SipServer, secret: string, tags: string[] = []): Promise<App> {
  const app = new Srf(tags as never) as unknown as App;
  app.on('error', () => undefined);
  await new Promise<void>((resolve, reject) => {
    app.on('connect', (error: unknown) => (error ? reject(new Error('refused')) : resolve()));
    app.connect({ host: '127.0.0.1', port: server.clientPort, secret });
  });
  return app;
}

/** Resolves with the arguments of the first call. */
export function once<T extends unknown[]>(start: (listener: (...args: T) => void) => void): Promise<T> {
  return new Promise((resolve) => start((...args) => resolve(args)));
}

/** Waits, in real time, until `holds`; for sockets, which no fake clock turns. */
export async function until(holds: () => boolean, ms = 3_000): Promise<void> {
  const end = performance.now() + ms;
  while (!holds()) {
    if (performance.now() > end) throw new Error('it did not come about');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
