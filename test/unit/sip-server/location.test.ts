import { describe, expect, it } from 'vitest';
import { parseSipUri, type SipUri } from '../../../src/sip-server/message/sip-uri.ts';
import type { SipProtocol, Target } from '../../../src/sip-server/transport/flow.ts';
import { locateName, wishOf } from '../../../src/sip-server/transport/location.ts';
import type { NameResolver, Naptr, Srv } from '../../../src/sip-server/transport/name-resolver.ts';

interface Zone {
  readonly naptr?: Record<string, readonly Naptr[]>;
  readonly srv?: Record<string, readonly Srv[]>;
  readonly addresses?: Record<string, readonly string[]>;
}

const resolverOf = ({ naptr = {}, srv = {}, addresses = {} }: Zone): NameResolver => ({
  naptr: async (domain) => naptr[domain] ?? [],
  srv: async (name) => srv[name] ?? [],
  addresses: async (host) => addresses[host] ?? [],
});

const all: readonly SipProtocol[] = ['udp', 'tcp', 'tls'];
const naptr = (order: number, service: string, replacement: string): Naptr => ({
  order,
  preference: 1,
  flags: 's',
  service,
  replacement,
});
const short = ({ protocol, address, port }: Target): string => `${protocol} ${address}:${port}`;

async function located(uri: string, zone: Zone, chance = 0): Promise<readonly string[]> {
  const wish = wishOf(parseSipUri(uri) as SipUri, all);
  if (wish === undefined) return ['not spoken'];
  return (await locateName(wish, all, resolverOf(zone), () => chance)).map(short);
}

const zone: Zone = {
  naptr: {
    'example.com': [
      naptr(50, 'SIP+D2T', '_sip._tcp.example.com'),
      naptr(20, 'SIPS+D2T', '_sips._tcp.example.com'),
      naptr(10, 'H323+D2U', '_h323._udp.example.com'),
      { ...naptr(5, 'SIP+D2U', 'x.example.com'), flags: 'u' },
    ],
  },
  srv: {
    '_sip._tcp.example.com': [
      { priority: 2, weight: 0, port: 5070, name: 'late.example.com' },
      { priority: 1, weight: 10, port: 5060, name: 'a.example.com' },
      { priority: 1, weight: 90, port: 5062, name: 'b.example.com' },
    ],
    '_sips._tcp.example.com': [{ priority: 1, weight: 1, port: 5061, name: 'a.example.com' }],
    '_sip._udp.plain.example': [{ priority: 1, weight: 1, port: 5099, name: 'a.example.com' }],
    '_sip._udp.none.example': [{ priority: 0, weight: 0, port: 0, name: '' }],
  },
  addresses: {
    'a.example.com': ['192.0.2.1', '2001:db8::1'],
    'b.example.com': ['192.0.2.2'],
    'late.example.com': ['192.0.2.3'],
    'example.com': ['192.0.2.99'],
    'none.example': ['192.0.2.50'],
  },
};

describe('the location of a server (RFC 3263)', () => {
  it('goes by NAPTR, then SRV, then addresses of both families, each in its order', async () => {
    expect(await located('sip:x@example.com', zone)).toEqual([
      ...['tls 192.0.2.1:5061', 'tls 2001:db8::1:5061'],
      ...['tcp 192.0.2.1:5060', 'tcp 2001:db8::1:5060', 'tcp 192.0.2.2:5062', 'tcp 192.0.2.3:5070'],
    ]);
  });

  it('lets chance choose within a priority in proportion to the weights (RFC 2782)', async () => {
    expect((await located('sip:x@example.com;transport=tcp', zone, 0.5))[0]).toBe('tcp 192.0.2.2:5062');
    expect((await located('sip:x@example.com;transport=tcp', zone, 0.05))[0]).toBe('tcp 192.0.2.1:5060');
  });

  it.each([
    ['a transport leads to its SRV records', 'sip:x@example.com;transport=tcp', 'tcp 192.0.2.1:5060'],
    ['a port leads to addresses at once', 'sip:x@example.com:5080', 'udp 192.0.2.99:5080'],
    ['without NAPTR, SRV of what we speak', 'sip:x@plain.example', 'udp 192.0.2.1:5099'],
    ['a service that is said not to be there leaves the addresses', 'sip:x@none.example', 'udp 192.0.2.50:5060'],
    ['sips is TLS', 'sips:x@a.example.com', 'tls 192.0.2.1:5061'],
    ['without any record, the default port', 'sip:x@b.example.com', 'udp 192.0.2.2:5060'],
    ['a transport that nobody here speaks', 'sip:x@example.com;transport=sctp', 'not spoken'],
  ])('%s', async (_, uri, first) => {
    expect((await located(uri, zone))[0]).toBe(first);
  });

  it('finds nothing for a name that is not there, and never more than sixteen targets', async () => {
    expect(await located('sip:x@nowhere.example', zone)).toEqual([]);
    const many = Array.from({ length: 500 }, (_, n) => ({ priority: n, weight: 1, port: 5060, name: 'a.example.com' }));
    expect(await located('sip:x@many.example', { ...zone, srv: { '_sip._udp.many.example': many } })).toHaveLength(16);
  });

  it('has the certificate checked for the domain that was asked for, whatever SRV says', async () => {
    const wish = wishOf(parseSipUri('sips:x@example.com') as SipUri, all);
    const [target] = wish === undefined ? [] : await locateName(wish, all, resolverOf(zone), () => 0);
    expect(target?.serverName).toBe('example.com');
  });
});
