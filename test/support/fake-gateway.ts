import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { type WebSocket, WebSocketServer } from 'ws';
import type { HouseWords } from '../../src/panel/commands.ts';
import type { SessionView } from '../../src/payment/session-view.ts';
import type { Transaction } from '../../src/payment/transaction.ts';
import type { CallView } from '../../src/telephony/call-view.ts';

/** The policy that the gateway sends with its pages: whatever breaks under it breaks a test. */
const policy = (host: string): string =>
  `default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self' ws://${host}; img-src 'self' data:; base-uri 'none'; require-trusted-types-for 'script'; trusted-types lit-html`;
const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
};

export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
  readonly idempotencyKey: string | undefined;
}

/** What a test lets happen at one command; it may change the session and returns its status, 200 when it says nothing. */
export type Answer = (body: unknown) => { status: number; code?: string } | undefined;

/**
 * A gateway without telephony or payments: it serves the built pages, speaks HTTP and WebSocket as the contract has them,
 * and says what the test tells it to say. One agent, one call at most in `open`.
 */
export class FakeGateway {
  readonly requests: SeenRequest[] = [];
  readonly answers = new Map<string, Answer>();
  calls: CallView[] = [];
  sessions: SessionView[] = [];
  transactions: Transaction[] = [];
  mayGiveBack: ('refunds' | 'void')[] = [];
  knowsToken = true;
  panel: HouseWords = { audio: 'mute', sayings: { en: {}, ja: {} }, mayTakePayments: true, searchField: null };
  /** What a search finds, by its query. */
  readonly findable = new Map<string, Transaction[]>();
  demo: { customer: { state: 'idle' | 'calling' | 'talking' }; agent: object } | undefined;
  #seq = 0;
  readonly #sockets = new Set<WebSocket>();
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(pages: string, port = 0): Promise<FakeGateway> {
    const server = createServer((request, response) => void gateway.#handle(pages, request, response));
    const gateway = new FakeGateway(server);
    const sockets = new WebSocketServer({ noServer: true, handleProtocols: () => 'tonelock.v1' });
    server.on('upgrade', (request, socket, head) => {
      if (!gateway.knowsToken) return void socket.end('HTTP/1.1 401 Unauthorized\r\n\r\n');
      sockets.handleUpgrade(request, socket, head, (opened) => gateway.#greet(opened));
    });
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    return gateway;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }
  get origin(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Cuts every WebSocket, as a restart or a broken network does. */
  cut(): void {
    for (const socket of this.#sockets) socket.terminate();
  }

  async stop(): Promise<void> {
    this.cut();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  send(type: string, fields: object = {}): void {
    this.#seq += 1;
    const session = this.sessions[0];
    const subject = { callId: session?.callId ?? this.calls[0]?.callId ?? null, sessionId: session?.id ?? null };
    this.#say({ seq: this.#seq, at: new Date().toISOString(), type, ...subject, ...fields });
  }

  /** Changes the session and tells everybody, as the gateway does after whatever happened. */
  change(change: Partial<SessionView>): void {
    const session = this.sessions[0];
    if (session === undefined) throw new Error('no session to change');
    this.sessions = [{ ...session, ...change }];
    this.send('session.changed', { session: this.sessions[0], by: 'test' });
  }

  startCall(call: CallView): void {
    this.calls = [...this.calls, call];
    this.send('call.started', { call, callId: call.callId, sessionId: null });
  }

  #say(frame: object): void {
    for (const socket of this.#sockets) socket.send(JSON.stringify(frame));
  }

  #greet(socket: WebSocket): void {
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    const { calls, sessions } = this;
    socket.send(JSON.stringify({ seq: this.#seq, type: 'snapshot', at: new Date().toISOString(), calls, sessions }));
  }

  async #handle(pages: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname: path, search } = new URL(request.url ?? '/', this.origin);
    if (path.startsWith('/v1/')) return this.#command(path, search, request, response);
    const file = normalize(join(pages, path.endsWith('/') ? `${path}index.html` : path));
    const bytes = file.startsWith(pages) ? await readFile(file).catch(() => undefined) : undefined;
    response.setHeader('content-security-policy', policy(request.headers.host ?? ''));
    response.setHeader('content-type', types[extname(file)] ?? 'application/octet-stream');
    response.writeHead(bytes === undefined ? 404 : 200).end(bytes);
  }

  async #command(path: string, search: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const text = await bodyOf(request);
    const body: unknown = text === '' ? undefined : JSON.parse(text);
    const { method = 'GET' } = request;
    const key = request.headers['idempotency-key'];
    if (method !== 'GET') {
      this.requests.push({ method, path, body, idempotencyKey: typeof key === 'string' ? key : undefined });
    }
    const result = this.knowsToken ? this.#run(method, path, body) : { status: 401, code: 'unauthenticated' };
    response.setHeader('content-type', result.code === undefined ? 'application/json' : 'application/problem+json');
    response.writeHead(result.status);
    response.end(JSON.stringify(result.code === undefined ? this.#value(path, search) : { code: result.code }));
  }

  #run(method: string, path: string, body: unknown): { status: number; code?: string } {
    const name = `${method} ${path.replace(/^\/v1\/sessions\/[^/]+/, '').replace(/^\/v1\/calls\/[^/]+/, '/call')}`;
    return this.answers.get(name)?.(body) ?? { status: 200 };
  }

  #value(path: string, search: string): unknown {
    if (path === '/v1/calls') return { calls: this.calls };
    if (path === '/v1/demo') return this.demo;
    if (path === '/v1/panel') return this.panel;
    if (path === '/v1/transactions') return { transactions: this.findable.get(search) ?? [] };
    return path.endsWith('/transactions')
      ? { transactions: this.transactions, can: this.mayGiveBack }
      : (this.sessions[0] ?? {});
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
