import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import type { Clock } from '../../shared/clock.ts';
import { parameterOf } from '../message/parameters.ts';
import { parseSipUri } from '../message/sip-uri.ts';
import type { SipProtocol, Target } from './flow.ts';

/** Turns a host name into an address. Rejects when there is none. */
export type Resolve = (host: string) => Promise<string>;

const systemResolve: Resolve = async (host) => (await lookup(host)).address;

export interface LocatorOptions {
  readonly clock: Clock;
  /** Protocols that this server speaks; the first is what a URI without `transport` gets. */
  readonly protocols: readonly SipProtocol[];
  readonly cachedNames: number;
  readonly cachedMs: number;
  readonly resolve?: Resolve;
}

interface Cached {
  readonly until: number;
  address: string | undefined;
  readonly found: Promise<string>;
}

const defaultPort = 5060;

/**
 * Where a request for a URI goes (RFC 3263 without NAPTR and SRV: numeric hosts and address records). Numeric hosts and
 * cached names are answered at once; lookups of one name share one question, so that requests stay in order.
 */
export class Locator {
  readonly #options: LocatorOptions;
  readonly #cache = new Map<string, Cached>();

  constructor(options: LocatorOptions) {
    this.#options = options;
  }

  /** @returns undefined for a URI that is no SIP URI or asks for a protocol that this server does not speak. */
  locate(uri: string): Target | Promise<Target> | undefined {
    const parsed = parseSipUri(uri);
    if (parsed === undefined || parsed.scheme === 'sips') return undefined;
    const wanted = parameterOf(parsed.parameters, 'transport')?.toLowerCase();
    const protocol = this.#options.protocols.find((known) => wanted === undefined || known === wanted);
    if (protocol === undefined) return undefined;
    // RFC 3263 §4: maddr, where given, takes the place of the host.
    const host = parameterOf(parsed.parameters, 'maddr') ?? parsed.host;
    const port = parsed.port ?? defaultPort;
    if (isIP(host)) return { protocol, address: host, port };
    const cached = this.#ask(host.toLowerCase());
    if (cached.address !== undefined) return { protocol, address: cached.address, port };
    return cached.found.then((address) => ({ protocol, address, port }));
  }

  #ask(host: string): Cached {
    const now = this.#options.clock.monotonic();
    const known = this.#cache.get(host);
    if (known !== undefined && known.until > now) return known;
    const found = (this.#options.resolve ?? systemResolve)(host);
    const cached: Cached = { until: now + this.#options.cachedMs, address: undefined, found };
    found.then(
      (address) => {
        cached.address = address;
      },
      () => this.#cache.delete(host),
    );
    if (this.#cache.size >= this.#options.cachedNames) {
      for (const oldest of this.#cache.keys()) {
        this.#cache.delete(oldest);
        break;
      }
    }
    this.#cache.set(host, cached);
    return cached;
  }
}
