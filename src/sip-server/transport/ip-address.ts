import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';

/** An IPv4 address that came through an IPv6 socket (`::ffff:192.0.2.1`) in its own form. */
export const plainAddress = (address: string): string =>
  address.startsWith('::ffff:') && isIP(address.slice(7)) === 4 ? address.slice(7) : address;

export const isUnspecified = (address: string): boolean => address === '0.0.0.0' || address === '::';

export const isLoopback = (address: string): boolean => address.startsWith('127.') || address === '::1';

/** Addresses that mean nothing outside their own network: RFC 1918, 6598, 3927, 4193 and loopback. */
export function isPrivate(address: string): boolean {
  if (isLoopback(address)) return true;
  if (isIP(address) === 6) return /^f[cd]|^fe[89ab]/i.test(address);
  const [a = 0, b = 0] = address.split('.').map(Number);
  return (
    a === 10 ||
    (a === 172 && b >= 16 && b <= 31) ||
    (a === 192 && b === 168) ||
    (a === 169 && b === 254) ||
    (a === 100 && b >= 64 && b <= 127)
  );
}

/** The address to write into messages where a socket is bound to all of them. */
export function reachableAddress(bound: string, peer: string): string {
  if (!isUnspecified(bound)) return bound;
  const family = isIP(peer) === 6 ? 'IPv6' : 'IPv4';
  if (isLoopback(peer)) return family === 'IPv6' ? '::1' : '127.0.0.1';
  return outwardAddresses()[family] ?? '127.0.0.1';
}

/** Interfaces hardly ever change, and this is asked several times a message; the system takes its time to tell. */
const interfacesMs = 5_000;
let lastLook: { readonly at: number; readonly addresses: Readonly<Record<string, string>> } | undefined;

/** The first address of each family that is not this machine's own. */
function outwardAddresses(): Readonly<Record<string, string>> {
  const now = performance.now();
  if (lastLook !== undefined && now - lastLook.at < interfacesMs) return lastLook.addresses;
  const addresses: Record<string, string> = {};
  for (const { internal, family, address } of Object.values(networkInterfaces()).flatMap((found) => found ?? [])) {
    if (!internal) addresses[family] ??= address;
  }
  lastLook = { at: now, addresses };
  return addresses;
}
