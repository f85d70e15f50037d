import { isIP } from 'node:net';
import { parseHostPort, printHostPort } from '../message/host-port.ts';
import type { SipProtocol, SocketAddress } from './flow.ts';

export interface ListenPoint extends SocketAddress {
  readonly protocol: SipProtocol;
}

/**
 * Reads `udp/127.0.0.1:5060`, `tcp/[::1]:5060` or `tls/127.0.0.1:5061`; port 0 lets the system choose.
 * @throws {TypeError} naming the text, which is configuration and holds no secret.
 */
export function parseListenPoint(text: string): ListenPoint {
  const [protocol, place = ''] = text.split('/', 2);
  const anyPort = /:0$/.test(place);
  const parsed = parseHostPort(anyPort ? place.slice(0, -2) : place);
  const port = anyPort ? 0 : parsed?.port;
  if (
    (protocol !== 'udp' && protocol !== 'tcp' && protocol !== 'tls') ||
    parsed === undefined ||
    port === undefined ||
    !isIP(parsed.host)
  ) {
    throw new TypeError(`no listen point: ${text}`);
  }
  return { protocol, address: parsed.host, port };
}

export const printListenPoint = (point: ListenPoint): string =>
  `${point.protocol}/${printHostPort(point.address, point.port)}`;
