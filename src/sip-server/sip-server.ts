import { type Clock, systemClock } from '../shared/clock.ts';
import { Applications } from './client-protocol/applications.ts';
import { ClientListener } from './client-protocol/client-listener.ts';
import type { ClientChoice } from './exchange/exchange.ts';
import { SipExchange } from './exchange/sip-exchange.ts';
import { printHostPort } from './message/host-port.ts';
import { type Passed, Resident } from './resident/resident.ts';
import type { RequestRule } from './routing/request-rule.ts';
import { defaultSipServerLimits, type SipServerLimits } from './sip-server-limits.ts';
import type { SipServerObserver } from './sip-server-observer.ts';
import { TransactionLayer } from './transaction/transaction-layer.ts';
import type { SipProtocol } from './transport/flow.ts';
import { Locator } from './transport/locator.ts';
import type { NameResolver } from './transport/name-resolver.ts';
import type { SourcePolicy } from './transport/source-guard.ts';
import type { TlsSettings } from './transport/tls-settings.ts';

export interface SipServerOptions {
  /** `udp/127.0.0.1:5060`, `tcp/[::1]:5060`, `tls/127.0.0.1:5061`; port 0 lets the system choose. */
  readonly listen: readonly string[];
  readonly tls?: TlsSettings;
  /** Stands in Via and Contact instead of the address that a socket is bound to. */
  readonly advertisedAddress?: string;
  /**
   * Where applications connect with drachtio-srf; port 0 lets the system choose. By TLS (`tls` is needed then) where there is a
   * port for that. `ca`: who may have signed the certificates of applications that we connect to; else `tls.ca` says. Without
   * it only who holds the server can link an application to it.
   */
  readonly clients?: {
    readonly host: string;
    readonly port: number;
    readonly tlsPort?: number;
    readonly ca?: string | undefined;
  };
  /** What an application that connects has to say before anything is done for it. */
  readonly secret: string;
  /** Who may begin calls and other things; without it everybody may. */
  readonly sources?: SourcePolicy;
  /** New requests that go elsewhere than to the next application in turn, or about which an HTTP server is asked. */
  readonly rules?: readonly RequestRule[];
  readonly observer: SipServerObserver;
  readonly limits?: Partial<SipServerLimits>;
  /** In the place of the machine's own. */
  readonly resolver?: NameResolver;
  readonly clock?: Clock;
}

export interface SipServer {
  /** 0 where applications cannot connect. */
  readonly clientPort: number;
  readonly clientTlsPort: number | undefined;
  readonly listenPoints: readonly { readonly protocol: SipProtocol; readonly address: string; readonly port: number }[];
  counts(): {
    readonly transactions: number;
    readonly dialogs: number;
    readonly connections: number;
    readonly clients: number;
  };
  /** Takes in an application of this process, which wants requests of these methods. */
  reside(methods: readonly string[], passed: Passed): Resident;
  /** Ends all sockets and timers; calls are not ended. Harmless when called twice. */
  close(): Promise<void>;
}

// The library turns pinging on for 0.8.2 and later.
const version = 'v0.9.10-embedded';

/**
 * Starts a SIP server that speaks drachtio-server's protocol to applications.
 * @throws {Error} naming the listen point, or the clients' host and port, that cannot be bound; nothing stays open then.
 */
export async function startSipServer(options: SipServerOptions): Promise<SipServer> {
  const settings = {
    clock: options.clock ?? systemClock,
    limits: { ...defaultSipServerLimits, ...options.limits },
    observer: options.observer,
    rules: options.rules ?? [],
  };
  const { listen, advertisedAddress, secret, clients, sources, tls } = options;
  const locator = locatorFor(options, settings);

  // The exchange stands between the layer below it and the listener above it; both call it only once they have started.
  const applications = new Applications();
  const parts: Parts = { applications };
  const exchange = new SipExchange(() => started(parts.layer), choiceOf(parts), settings, locator);
  parts.layer = await TransactionLayer.start({ listen, advertisedAddress, sources, tls, ...settings }, exchange);
  const layer = parts.layer;
  const points = layer.transports.points;
  const placesOf = (seen?: string): string =>
    points.map(({ protocol, address, port }) => `${protocol}/${printHostPort(seen ?? address, port)}`).join(',');
  try {
    parts.listener = await ClientListener.start(
      { places: clients, tls, secret, applications, ca: clients?.ca ?? tls?.ca, ...settings },
      {
        onSip: (client, message) => exchange.onSip(client, message),
        onClientLost: (client) => exchange.onClientLost(client),
        welcome: () => [placesOf(advertisedAddress), version, placesOf()],
      },
    );
  } catch (error) {
    await layer.close();
    throw error;
  }
  const listener = parts.listener;
  return {
    clientPort: listener.port,
    clientTlsPort: listener.tlsPort,
    listenPoints: points,
    counts: () => ({
      transactions: layer.size,
      dialogs: exchange.dialogs,
      connections: layer.transports.connections,
      clients: applications.size + listener.dialled,
    }),
    reside: (methods, passed) => takeIn(applications, exchange, methods, passed),
    close: async () => {
      await listener.close();
      exchange.close();
      await layer.close();
    },
  };
}

function locatorFor(
  { listen, resolver }: SipServerOptions,
  settings: { clock: Clock; limits: SipServerLimits },
): Locator {
  const { resolvedNames: cachedNames, resolvedNameMs: cachedMs } = settings.limits;
  const protocols = (['udp', 'tcp', 'tls'] as const).filter((name) =>
    listen.some((text) => text.startsWith(`${name}/`)),
  );
  return new Locator({ ...settings, protocols, cachedNames, cachedMs, resolver });
}

interface Parts {
  readonly applications: Applications;
  layer?: TransactionLayer;
  listener?: ClientListener;
}

const choiceOf = (parts: Parts): ClientChoice => ({
  pick: (method, tag) => parts.applications.pick(method, tag),
  dial: (target, done) => started(parts.listener).dial(target, done),
  get methods() {
    return parts.applications.methods;
  },
  get size() {
    return parts.applications.size + (parts.listener?.dialled ?? 0);
  },
});

function takeIn(
  applications: Applications,
  exchange: SipExchange,
  methods: readonly string[],
  passed: Passed,
): Resident {
  const resident = new Resident(methods, passed, {
    onSip: (from, wish) => exchange.onSip(from, wish),
    onLeft: (from) => {
      applications.remove(from);
      exchange.onClientLost(from);
    },
  });
  applications.add(resident);
  return resident;
}

function started<T>(part: T | undefined): T {
  if (part === undefined) throw new Error('the SIP server has not started');
  return part;
}
