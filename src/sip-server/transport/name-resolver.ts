import { lookup, Resolver } from 'node:dns/promises';

/** One NAPTR record, as far as RFC 3263 §4.1 reads it: `service` is `SIP+D2U` and the like. */
export interface Naptr {
  readonly order: number;
  readonly preference: number;
  readonly flags: string;
  readonly service: string;
  readonly replacement: string;
}

export interface Srv {
  readonly priority: number;
  readonly weight: number;
  readonly port: number;
  readonly name: string;
}

/** What is asked of the naming system. All of it settles; what is not there is an empty list. */
export interface NameResolver {
  naptr(domain: string): Promise<readonly Naptr[]>;
  srv(name: string): Promise<readonly Srv[]>;
  /** IPv4 and IPv6 addresses, in the order in which they are to be tried. */
  addresses(host: string): Promise<readonly string[]>;
}

/** A call waits for this: a name server that does not answer must not take the caller's patience. */
const patience = { timeout: 1_500, tries: 2 } as const;

/** The machine's own resolver; addresses also by its hosts file. A name without a domain has no records to ask for. */
export function systemResolver(): NameResolver {
  const resolver = new Resolver(patience);
  const inDomain = (name: string): boolean => name.replace(/\.$/, '').includes('.');
  const none = <T>(): readonly T[] => [];
  return {
    naptr: (domain) => (inDomain(domain) ? resolver.resolveNaptr(domain).catch(none<Naptr>) : Promise.resolve([])),
    srv: (name) =>
      inDomain(name.replace(/^_sips?\._\w+\./, '')) ? resolver.resolveSrv(name).catch(none<Srv>) : Promise.resolve([]),
    addresses: (host) =>
      lookup(host, { all: true })
        .then((found) => found.map(({ address }) => address))
        .catch(none<string>),
  };
}
