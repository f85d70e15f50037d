import { isIP } from 'node:net';
import type { Clock } from '../../shared/clock.ts';
import { parseSipUri } from '../message/sip-uri.ts';
import type { SipProtocol, Target } from './flow.ts';
import { defaultPort, locateName, type Wish, wishOf } from './location.ts';
import { type NameResolver, systemResolver } from './name-resolver.ts';

export interface LocatorOptions {
  readonly clock: Clock;
  /** Protocols that this server speaks; the first is what a URI without `transport` gets. */
  readonly protocols: readonly SipProtocol[];
  readonly cachedNames: number;
  readonly cachedMs: number;
  readonly resolver?: NameResolver | undefined;
}

interface Cached {
  readonly until: number;
  targets: readonly Target[] | undefined;
  readonly found: Promise<readonly Target[]>;
}

/**
 * Where a request for a URI goes (RFC 3263). Numeric hosts and cached names are answered at once; lookups of one name share
 * one question, so that requests stay in order.
 */
export class Locator {
  readonly #options: LocatorOptions;
  readonly #resolver: NameResolver;
  readonly #cache = new Map<string, Cached>();

  constructor(options: LocatorOptions) {
    this.#options = options;
    this.#resolver = options.resolver ?? systemResolver();
  }

  /**
   * @returns the targets in the order in which they are to be tried, perhaps none; undefined for a URI that is no SIP URI or
   * asks for a protocol that this server does not speak.
   */
  locate(uri: string): readonly Target[] | Promise<readonly Target[]> | undefined {
    const parsed = parseSipUri(uri);
    const wish = parsed === undefined ? undefined : wishOf(parsed, this.#options.protocols);
    if (wish === undefined) return undefined;
    const { host, port, protocol } = wish;
    if (isIP(host) !== 0 && protocol !== undefined) {
      return [{ protocol, address: host, port: port ?? defaultPort(protocol) }];
    }
    const cached = this.#ask(wish);
    return cached.targets ?? cached.found;
  }

  #ask(wish: Wish): Cached {
    const key = `${wish.host}|${wish.port}|${wish.protocol}`;
    const now = this.#options.clock.monotonic();
    const known = this.#cache.get(key);
    if (known !== undefined && known.until > now) return known;
    const found = locateName(wish, this.#options.protocols, this.#resolver, Math.random);
    const cached: Cached = { until: now + this.#options.cachedMs, targets: undefined, found };
    const forget = (): boolean => this.#cache.get(key) === cached && this.#cache.delete(key);
    found.then((targets) => {
      // What has no address now may have one the next time.
      if (targets.length === 0) forget();
      else cached.targets = targets;
    }, forget);
    if (this.#cache.size >= this.#options.cachedNames) {
      for (const oldest of this.#cache.keys()) {
        this.#cache.delete(oldest);
        break;
      }
    }
    this.#cache.set(key, cached);
    return cached;
  }
}
