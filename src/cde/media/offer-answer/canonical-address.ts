import { isIPv4, SocketAddress } from 'node:net';

/** One text for one address, the one by which sockets name it: `::1` and `0:0:0:0:0:0:0:1` are the same. */
export const canonicalAddress = (address: string): string =>
  isIPv4(address) ? address : new SocketAddress({ address, family: 'ipv6' }).address;
