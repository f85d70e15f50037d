import { isIP } from 'node:net';
import { parameterOf } from '../message/parameters.ts';
import type { SipUri } from '../message/sip-uri.ts';
import type { SipProtocol, Target } from './flow.ts';
import type { NameResolver, Srv } from './name-resolver.ts';

/** Targets of one URI, the records of a hostile name server included. */
const targetsMax = 16;

export const defaultPort = (protocol: SipProtocol): number => (protocol === 'tls' ? 5061 : 5060);

/** What the URI itself says. `protocol` is undefined where the naming system is to choose. */
export interface Wish {
  readonly host: string;
  readonly port: number | undefined;
  readonly protocol: SipProtocol | undefined;
  readonly secure: boolean;
}

/** @returns undefined where the URI wants what `spoken` has not (RFC 3263 §4.1). */
export function wishOf(uri: SipUri, spoken: readonly SipProtocol[]): Wish | undefined {
  const named = parameterOf(uri.parameters, 'transport')?.toLowerCase();
  const secure = uri.scheme === 'sips' || named === 'tls';
  // RFC 3261 §19.1.1: maddr, where given, takes the place of the host.
  const host = (parameterOf(uri.parameters, 'maddr') ?? uri.host).toLowerCase();
  const wanted = secure ? 'tls' : named;
  const { port } = uri;
  if (wanted !== undefined) {
    const protocol = spoken.find((known) => known === wanted);
    return protocol === undefined ? undefined : { host, port, protocol, secure };
  }
  // RFC 3263 §4.1: a numeric host or a port leaves nothing to ask for; UDP, or what there is.
  const plain = spoken.find((known) => known !== 'tls');
  if (plain === undefined) return undefined;
  return { host, port, protocol: isIP(host) !== 0 || port !== undefined ? plain : undefined, secure };
}

interface Service {
  readonly protocol: SipProtocol;
  readonly srvName: string;
}

/** Finds the targets of a host name by NAPTR, SRV and addresses, in the order in which they are to be tried (RFC 3263 §4). */
export async function locateName(
  wish: Wish,
  spoken: readonly SipProtocol[],
  resolver: NameResolver,
  random: () => number,
): Promise<readonly Target[]> {
  const { host, port } = wish;
  const plain = wish.protocol ?? spoken.find((known) => known !== 'tls') ?? 'udp';
  if (port !== undefined) return addressesOf(host, port, plain, host, resolver);
  const services =
    wish.protocol === undefined ? await servicesOf(host, spoken, resolver) : [serviceOf(host, wish.protocol)];
  const targets: Target[] = [];
  for (const { protocol, srvName } of services) {
    for (const srv of inTurn(await resolver.srv(srvName), random)) {
      if (targets.length >= targetsMax) break;
      targets.push(...(await addressesOf(srv.name, srv.port, protocol, host, resolver)));
    }
  }
  // RFC 3263 §4.2: without SRV records, the addresses of the host and the default port.
  const found = targets.length > 0 ? targets : await addressesOf(host, defaultPort(plain), plain, host, resolver);
  return found.slice(0, targetsMax);
}

const prefixes = { udp: '_sip._udp.', tcp: '_sip._tcp.', tls: '_sips._tcp.' } as const;
const services = { 'sip+d2u': 'udp', 'sip+d2t': 'tcp', 'sips+d2t': 'tls' } as const;

const serviceOf = (host: string, protocol: SipProtocol): Service => ({
  protocol,
  srvName: `${prefixes[protocol]}${host}`,
});

/** By NAPTR where there are such records, else every protocol that we speak, by its SRV name. */
async function servicesOf(
  host: string,
  spoken: readonly SipProtocol[],
  resolver: NameResolver,
): Promise<readonly Service[]> {
  const records = (await resolver.naptr(host))
    .filter(({ flags }) => flags.toLowerCase() === 's')
    .toSorted((a, b) => a.order - b.order || a.preference - b.preference);
  const named: Service[] = [];
  for (const { service, replacement } of records) {
    const protocol = services[service.toLowerCase() as keyof typeof services];
    if (protocol !== undefined && spoken.includes(protocol)) named.push({ protocol, srvName: replacement });
  }
  return named.length > 0 ? named : spoken.filter((known) => known !== 'tls').map((known) => serviceOf(host, known));
}

/** The certificate has to name the domain that the URI named, not what the naming system led to (RFC 5922 §7.1). */
async function addressesOf(
  host: string,
  port: number,
  protocol: SipProtocol,
  serverName: string,
  resolver: NameResolver,
): Promise<readonly Target[]> {
  const addresses = isIP(host) === 0 ? await resolver.addresses(host) : [host];
  return addresses.map((address) => ({ protocol, address, port, serverName }));
}

/** RFC 2782: the lowest priority first; within one, by chance in proportion to the weights. */
function inTurn(records: readonly Srv[], random: () => number): readonly Srv[] {
  const left = records.filter(({ name }) => name !== '' && name !== '.').toSorted((a, b) => a.priority - b.priority);
  const ordered: Srv[] = [];
  while (left.length > 0) {
    const peers = left.filter(({ priority }) => priority === left[0]?.priority);
    const chosen = drawn(peers, random());
    if (chosen === undefined) break;
    ordered.push(chosen);
    left.splice(left.indexOf(chosen), 1);
  }
  return ordered;
}

function drawn(peers: readonly Srv[], chance: number): Srv | undefined {
  let lot = chance * peers.reduce((sum, { weight }) => sum + weight, 0);
  for (const peer of peers) {
    lot -= peer.weight;
    if (lot < 0) return peer;
  }
  return peers[0];
}
