import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import type { MetricSample } from '../observability/metrics.ts';
import type { Clock } from '../shared/clock.ts';
import { CodedError } from '../shared/coded-error.ts';
import { asAttemptId, asSessionId } from '../shared/ids.ts';
import { isLoopback, parseListenAddress } from '../shared/listen-address.ts';
import type { ApiObserver } from './api-observer.ts';
import { asyncApiDocument } from './async-api.ts';
import type { Audience } from './audience.ts';
import type { CallDirectory } from './call-directory.ts';
import { callRoutes } from './call-routes.ts';
import { consoleRoutes } from './console-routes.ts';
import type { DemoControl } from './demo-control.ts';
import { demoRoutes } from './demo-routes.ts';
import { descriptionRoutes } from './description-routes.ts';
import type { Elsewhere, ForwardedAnswer, ForwardedRequest } from './elsewhere.ts';
import { embeddingRoutes } from './embedding-routes.ts';
import type { AgentEvent, EventSubject } from './frame.ts';
import { createHttpServer, defaultHttpLimits, type HttpLimits } from './http-server.ts';
import { IdempotencyStore } from './idempotency-store.ts';
import { openApiDocument } from './open-api.ts';
import { operationRoutes } from './operation-routes.ts';
import { OriginPolicy } from './origin-policy.ts';
import { registerPages } from './pages.ts';
import { type PanelSettings, panelRoutes } from './panel-routes.ts';
import { localShelves, PanelTickets, type TicketShelves } from './panel-tickets.ts';
import type { Readiness } from './readiness.ts';
import type { RefundCounter } from './refund-counter.ts';
import { isPaymentId, refundRoutes } from './refund-routes.ts';
import type { Route } from './route.ts';
import { mountRoutes } from './route-adapter.ts';
import { RoutePerformer } from './route-performer.ts';
import type { SessionDesk } from './session-desk.ts';
import { sessionRoutes } from './session-routes.ts';
import { SocketGate } from './socket-gate.ts';
import { Switchyard } from './switchyard.ts';
import { ticketRoutes } from './ticket-routes.ts';
import { createTokenVerifier, type TokenSettings } from './token-verifier.ts';

export interface AgentApiOptions {
  /** `127.0.0.1:8080`; port 0 lets the system choose. */
  readonly listen: string;
  readonly allowedOrigins: readonly string[];
  /** Pages that may hold the panel in a frame, beside our own and those of `allowedOrigins`. */
  readonly frameAncestors: readonly string[];
  /** What the panels of this gateway say. */
  readonly panel: PanelSettings;
  readonly tokens: TokenSettings;
  readonly limits: { readonly socketsPerAgent: number } & Partial<HttpLimits>;
  readonly desk: SessionDesk;
  readonly refunds: RefundCounter;
  readonly calls: CallDirectory;
  readonly readiness: Readiness;
  readonly metricsText: () => Promise<string>;
  readonly metricSamples: () => Promise<MetricSample[]>;
  /** The folder of built pages: `panel/`, `console/` and `demo/` in it. */
  readonly pages: string;
  /** Only with the demo. */
  readonly demo?: DemoControl;
  readonly observer: ApiObserver;
  readonly clock: Clock;
  /** Who follows whose events. */
  readonly audience: Audience;
  /** Where there are other gateways: what they have, and where tickets stand for all. */
  readonly neighbours?: { readonly elsewhere: Elsewhere; readonly shelves: TicketShelves };
}

export interface AgentApi {
  readonly address: { readonly host: string; readonly port: number };
  /**
   * Sends an event to the sockets of the agents it concerns (two, for a transfer) and to those who follow everybody, and
   * keeps it for those who come back. Never throws; an event that does not fit its schema is kept back and counted.
   */
  publish(agents: string | readonly string[], event: AgentEvent, about: EventSubject): void;
  /** A request that another gateway has passed on; what is refused is an answer too. */
  perform(request: ForwardedRequest): Promise<ForwardedAnswer>;
  counts(): { sockets: number; logs: number; storedAnswers: number };
  /** Tells the sockets, lets running requests end, closes. Resolves when the port is free. Twice is once. */
  close(): Promise<void>;
}

/** How long sockets and requests may take to end at `close` before they are cut. */
const closeGraceMs = 2_000;

/**
 * Opens the HTTP and WebSocket interface for panels and CRMs.
 * @throws {Error} naming the key of the configuration that is unsafe, or the system's error when it cannot listen.
 */
export async function startAgentApi(options: AgentApiOptions): Promise<AgentApi> {
  const { clock, observer, demo, audience, neighbours } = options;
  const listen = parseListenAddress(options.listen);
  const tickets = new PanelTickets(clock, neighbours?.shelves ?? localShelves(clock));
  const verify = tickets.beside(await createTokenVerifier(options.tokens, listen.host, clock));
  if (demo !== undefined && !isLoopback(listen.host)) {
    throw new Error(`demo.enabled: the demo works on loopback only; http.listen is ${listen.host}`);
  }
  const origins = new OriginPolicy(options.allowedOrigins);
  const admitsHost = hostPolicy(options.tokens);
  const limits = { ...defaultHttpLimits, ...options.limits };
  const answers = new IdempotencyStore(clock);
  const performer = new RoutePerformer({ answers, observer, clock });
  const framers = [...new Set([...options.allowedOrigins, ...options.frameAncestors])];
  const app = await createHttpServer({ limits, origins, framers, admitsHost, observer });
  const routes = routeTable({ ...options, tickets, framers });
  mountRoutes(app, routes, { verify, performer, switchyard: switchyardOf(options) });
  await registerPages(app, options.pages, demo !== undefined);
  const gate = new SocketGate({
    verify,
    origins,
    audience,
    observer,
    clock,
    socketsPerAgent: limits.socketsPerAgent,
    admitsHost,
  });
  app.server.on('upgrade', (request, socket, head) => void gate.admit(request, socket, head));
  await app.listen({ host: listen.host, port: listen.port });
  const { port } = app.server.address() as AddressInfo;
  let closed: Promise<void> | undefined;
  return {
    address: { host: listen.host, port },
    publish: (agents, event, about) => audience.publish([agents].flat(), event, about),
    perform: async (request) => {
      const route = routes.find(({ name }) => name === request.route);
      if (route === undefined) throw new CodedError('not-found');
      return await performer.performForwarded(route, request);
    },
    counts: () => ({ sockets: gate.open, logs: audience.logs, storedAnswers: answers.size }),
    close: () => {
      closed ??= closeAll(app, gate, clock);
      return closed;
    },
  };
}

/** The one table of routes: mounted, and described in both interface documents. */
export function routeTable(
  options: Pick<
    AgentApiOptions,
    'calls' | 'desk' | 'refunds' | 'readiness' | 'metricsText' | 'metricSamples' | 'clock' | 'demo' | 'panel'
  > & {
    readonly tickets: PanelTickets;
    readonly framers: readonly string[];
  },
): Route[] {
  const { calls, desk, refunds, readiness, metricsText, metricSamples, clock, tickets, framers, demo, panel } = options;
  const routes = [
    ...operationRoutes(readiness, metricsText),
    ...consoleRoutes(readiness, metricSamples, () => clock.now()),
    ...ticketRoutes(tickets, calls),
    ...embeddingRoutes(framers),
    ...panelRoutes(panel),
    ...callRoutes(calls, desk),
    ...sessionRoutes(desk),
    ...refundRoutes(refunds),
    ...(demo === undefined ? [] : demoRoutes(demo)),
  ];
  const described = descriptionRoutes(() => openApiDocument([...routes, ...described]), asyncApiDocument);
  return [...routes, ...described];
}

/**
 * Simulated tokens can be guessed, so a page that a resolver points at loopback (DNS rebinding) must not use them: the
 * Host it names gives it away.
 */
function hostPolicy(tokens: TokenSettings): (host: string | undefined) => boolean {
  if (tokens.kind === 'jwt') return () => true;
  return (host) => {
    const address = `http://${host ?? ''}`;
    return URL.canParse(address) && isLoopback(new URL(address).hostname.replace(/^\[|\]$/g, ''));
  };
}

function switchyardOf({ neighbours, desk, calls, refunds }: AgentApiOptions): Switchyard | undefined {
  if (neighbours === undefined) return undefined;
  const callOf = async (payment: string): Promise<string | undefined> =>
    isPaymentId(payment) ? refunds.callOf(asAttemptId(payment)) : undefined;
  const isHere = (id: string): boolean => calls.find(id) !== undefined || desk.get(asSessionId(id)) !== undefined;
  return new Switchyard({ elsewhere: neighbours.elsewhere, isHere, callOf });
}

async function closeAll(app: FastifyInstance, gate: SocketGate, clock: Clock): Promise<void> {
  const cut = clock.after(closeGraceMs, () => {
    gate.terminate();
    app.server.closeAllConnections();
  });
  await Promise.all([gate.close(), app.close()]);
  cut.cancel();
}
