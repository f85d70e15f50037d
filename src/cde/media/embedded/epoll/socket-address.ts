import { isIPv4 } from 'node:net';
import { canonicalAddress } from '../../offer-answer/canonical-address.ts';
import { linux } from './libc.ts';

/*
 * struct sockaddr_in and sockaddr_in6 (ip(7), ipv6(7)); the family in the machine's order, the rest in the network's:
 *
 *   family (2) | port (2) | address (4)  | 0 (8)
 *   family (2) | port (2) | flow (4)     | address (16) | scope (4)
 */
export const socketAddressBytes = 28;
const familyOnlyBytes = 16;

/** Writes an address for the kernel. @returns how many bytes of it count. */
export function writeSocketAddress(bytes: Buffer, at: number, address: string, port: number): number {
  bytes.fill(0, at, at + socketAddressBytes);
  bytes.writeUInt16BE(port, at + 2);
  if (isIPv4(address)) {
    bytes.writeUInt16LE(linux.AF_INET, at);
    for (const [i, part] of address.split('.').entries()) bytes.writeUInt8(Number(part), at + 4 + i);
    return familyOnlyBytes;
  }
  bytes.writeUInt16LE(linux.AF_INET6, at);
  for (const [i, word] of wordsOf(address).entries()) bytes.writeUInt16BE(word, at + 8 + 2 * i);
  return socketAddressBytes;
}

/** How many bytes of an address count, by its family. */
export const addressLength = (bytes: Buffer, at: number): number =>
  bytes.readUInt16LE(at) === linux.AF_INET ? familyOnlyBytes : socketAddressBytes;

/** An address without a family: `connect` to it lets a socket go (connect(2)). */
export function writeNoAddress(bytes: Buffer, at: number): number {
  bytes.fill(0, at, at + socketAddressBytes);
  return familyOnlyBytes;
}

export const readPort = (bytes: Buffer, at: number): number => bytes.readUInt16BE(at + 2);

/** The address as text, in the same form as Node's own sockets give it. */
export function readAddress(bytes: Buffer, at: number): string {
  if (bytes.readUInt16LE(at) === linux.AF_INET) return [...bytes.subarray(at + 4, at + 8)].join('.');
  const words = Array.from({ length: 8 }, (_, i) => bytes.readUInt16BE(at + 8 + 2 * i).toString(16));
  return canonicalAddress(words.join(':'));
}

function wordsOf(address: string): number[] {
  const [head = '', tail] = dotted(address).split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const between = tail === undefined ? [] : Array.from({ length: 8 - before.length - after.length }, () => '0');
  return [...before, ...between, ...after].map((word) => Number.parseInt(word, 16));
}

/** RFC 4291 §2.2: the last 32 bits may be written as IPv4 writes them. */
const dotted = (address: string): string =>
  address.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, a, b, c, d) =>
    [Number(a) * 256 + Number(b), Number(c) * 256 + Number(d)].map((word) => word.toString(16)).join(':'),
  );
