import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type ServerOptions, WebSocketServer } from 'ws';
import type { Clock, Timer } from '../shared/clock.ts';
import { CodedError } from '../shared/coded-error.ts';
import { AgentSocket, closeCodes } from './agent-socket.ts';
import type { ApiObserver, SocketRefusal } from './api-observer.ts';
import type { Audience } from './audience.ts';
import { demand, identityOfHeader, queryOf, scopeOf } from './bearer.ts';
import { reportFault } from './fault-report.ts';
import type { Identity, TokenVerifier } from './identity.ts';
import type { OriginPolicy } from './origin-policy.ts';
import { problemOf } from './problem.ts';
import { sendRawProblem } from './raw-problem.ts';
import type { Scope } from './route.ts';

export const eventsPath = '/v1/events';
export const subprotocol = 'tonelock.v1';
const bearerPrefix = 'bearer.';

/** A client says nothing but `resume`; this is RFC 6455 §7.4.1's 1009 above it. */
export const maxMessageBytes = 4096;
export const pingIntervalMs = 30_000;
export const missedPongsLimit = 2;
export const socketsLimit = 20_000;
export const admissionsLimit = 500;
const closeTimeoutMs = 5_000;

/** Every limit by name; the type declarations of ws do not know `closeTimeout` yet. */
const serverOptions: ServerOptions & { closeTimeout: number } = {
  noServer: true,
  clientTracking: false,
  perMessageDeflate: false,
  maxPayload: maxMessageBytes,
  maxFragments: 4,
  maxBufferedChunks: 64,
  autoPong: false,
  closeTimeout: closeTimeoutMs,
  handleProtocols: () => subprotocol,
};

export interface SocketGateParts {
  readonly verify: TokenVerifier;
  readonly origins: OriginPolicy;
  readonly audience: Audience;
  readonly observer: ApiObserver;
  readonly clock: Clock;
  readonly socketsPerAgent: number;
  readonly admitsHost: (host: string | undefined) => boolean;
}

class Refusal extends CodedError {
  readonly reason: SocketRefusal;
  constructor(reason: SocketRefusal, ...rest: ConstructorParameters<typeof CodedError>) {
    super(...rest);
    this.reason = reason;
  }
}

/** Decides before the upgrade who gets a socket, and keeps the open ones. */
export class SocketGate {
  readonly #parts: SocketGateParts;
  readonly #server = new WebSocketServer(serverOptions);
  readonly #sockets = new Map<string, Set<AgentSocket>>();
  #open = 0;
  #admissions = 0;
  #closing = false;
  #heartbeat: Timer;
  #emptied: () => void = () => {};

  constructor(parts: SocketGateParts) {
    this.#parts = parts;
    this.#heartbeat = this.#scheduleHeartbeat();
  }

  get open(): number {
    return this.#open;
  }

  /** The handler of a server's `upgrade` event. Answers with a problem document where it refuses. */
  async admit(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    socket.on('error', () => socket.destroy());
    this.#admissions += 1;
    try {
      const { identity, scope } = await this.#examined(request);
      if (socket.destroyed) return;
      this.#welcome(request, socket, head, identity, scope);
    } catch (error) {
      this.#refuse(socket, error);
    } finally {
      this.#admissions -= 1;
    }
  }

  /** Admits nobody from here on and tells every client. Resolves when the last socket is gone. */
  async close(): Promise<void> {
    this.#closing = true;
    this.#heartbeat.cancel();
    for (const socket of this.#all()) socket.close(closeCodes.goingAway, 'the gateway is closing');
    if (this.#open > 0) await new Promise<void>((resolve) => (this.#emptied = resolve));
  }

  terminate(): void {
    for (const socket of this.#all()) socket.terminate();
  }

  async #examined(request: IncomingMessage): Promise<{ identity: Identity; scope: Scope }> {
    const { origins, admitsHost, verify } = this.#parts;
    const { origin, host } = request.headers;
    const url = request.url ?? '/';
    if (url.split('?', 1)[0] !== eventsPath) throw new Refusal('path', 'not-found');
    if (!admitsHost(host) || !origins.admits(origin, host)) throw new Refusal('origin', 'forbidden');
    if (this.#closing || this.#admissions > admissionsLimit) throw new Refusal('unavailable', 'overloaded');
    const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim());
    if (!offered.includes(subprotocol)) throw new Refusal('protocol', 'bad-request', `offer ${subprotocol}`);
    const token = offered.find((name) => name.startsWith(bearerPrefix))?.slice(bearerPrefix.length);
    const identity = await identityOfHeader(verify, token === undefined ? undefined : `Bearer ${token}`);
    demand(identity, ['calls.read']);
    return { identity, scope: scopeOf(identity, queryOf({ url })) };
  }

  /** Nothing is awaited between the look at the limit and the place taken: two at once do not both get the last one. */
  #welcome(request: IncomingMessage, socket: Duplex, head: Buffer, identity: Identity, scope: Scope): void {
    const { clock, observer, audience, socketsPerAgent } = this.#parts;
    const taken = this.#sockets.get(identity.agent)?.size ?? 0;
    if (this.#closing) throw new Refusal('unavailable', 'overloaded');
    if (taken >= socketsPerAgent || this.#open >= socketsLimit) throw new Refusal('limit', 'too-many-requests');
    this.#server.handleUpgrade(request, socket, head, (webSocket) => {
      const { expiresAt } = identity;
      const agentSocket = new AgentSocket({
        socket: webSocket,
        clock,
        observer,
        expiresAt,
        snapshot: (seq) => audience.snapshot(scope, seq),
      });
      this.#add(identity.agent, agentSocket);
      observer.socketOpened();
      webSocket.on('close', (code) => {
        audience.unfollow(scope, agentSocket);
        this.#remove(identity.agent, agentSocket);
        observer.socketClosed(code);
      });
      void audience.follow(scope, agentSocket).then((feed) => agentSocket.begin(feed));
    });
  }

  #refuse(socket: Duplex, error: unknown): void {
    const { observer } = this.#parts;
    const problem = problemOf(error);
    if (problem.code === 'internal') reportFault(observer, 'events', error);
    observer.upgradeRefused(reasonOf(error));
    sendRawProblem(socket, problem);
  }

  #add(agent: string, socket: AgentSocket): void {
    const sockets = this.#sockets.get(agent) ?? new Set();
    this.#sockets.set(agent, sockets.add(socket));
    this.#open += 1;
  }

  #remove(agent: string, socket: AgentSocket): void {
    const sockets = this.#sockets.get(agent);
    if (sockets?.delete(socket) !== true) return;
    this.#open -= 1;
    if (sockets.size === 0) this.#sockets.delete(agent);
    if (this.#open === 0) this.#emptied();
  }

  #scheduleHeartbeat(): Timer {
    return this.#parts.clock.after(pingIntervalMs, () => {
      for (const socket of this.#all()) socket.heartbeat(missedPongsLimit);
      this.#heartbeat = this.#scheduleHeartbeat();
    });
  }

  #all(): AgentSocket[] {
    return [...this.#sockets.values()].flatMap((sockets) => [...sockets]);
  }
}

function reasonOf(error: unknown): SocketRefusal {
  if (error instanceof Refusal) return error.reason;
  if (!(error instanceof CodedError)) return 'unavailable';
  if (error.code === 'unauthenticated') return 'token';
  if (error.code === 'forbidden') return 'permission';
  return error.code === 'bad-request' ? 'protocol' : 'unavailable';
}
