import { isIP } from 'node:net';
import { assert } from './assert.ts';

export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** Takes `127.0.0.1:8080` or `[::1]:8080` apart; the configuration has checked the form. */
export function parseListenAddress(text: string): ListenAddress {
  const colon = text.lastIndexOf(':');
  const port = Number(text.slice(colon + 1));
  assert(colon > 0 && Number.isInteger(port) && port >= 0 && port <= 65_535);
  return { host: text.slice(0, colon).replace(/^\[|\]$/g, ''), port };
}

/** 127.0.0.0/8 (RFC 1122 §3.2.1.3), ::1 (RFC 4291 §2.5.3), and the name that RFC 6761 §6.3 gives them. */
export function isLoopback(host: string): boolean {
  if (host === 'localhost' || host.endsWith('.localhost')) return true;
  const plain = host.startsWith('::ffff:') ? host.slice('::ffff:'.length) : host;
  return isIP(plain) === 4 ? plain.startsWith('127.') : plain === '::1';
}
