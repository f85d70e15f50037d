import { printHostPort } from '../message/host-port.ts';
import { parseNameAddress } from '../message/name-address.ts';
import { type HeaderField, headerOf, headersOf, type SipRequest, type SipResponse } from '../message/sip-message.ts';
import type { Flow } from '../transport/flow.ts';
import type { Exchange } from './exchange.ts';

/** Where a proxied request goes: its new Request-URI, and the URI of the next hop. */
export interface ProxyTarget {
  readonly uri: string;
  readonly nextHop: string;
}

/** Hops that a request without Max-Forwards may still make (RFC 3261 §16.6 step 3). */
const defaultHops = 70;

export const hopsLeft = (request: SipRequest): number => Number(headerOf(request, 'Max-Forwards') ?? defaultHops);

/** The request as it goes on over `flow` (RFC 3261 §16.6): our Via on top, one hop less, our Record-Route if we stay. */
export function forwarded(
  exchange: Exchange,
  request: SipRequest,
  target: ProxyTarget,
  flow: Flow,
  added: { readonly recordRoute: boolean; readonly headers: readonly HeaderField[] },
): SipRequest {
  const own = exchange.layer.transports.ownAddress(flow);
  const transport = flow.protocol === 'udp' ? '' : `;transport=${flow.protocol}`;
  const stay: readonly HeaderField[] = added.recordRoute
    ? [{ name: 'Record-Route', value: `<sip:${printHostPort(own.address, own.port)}${transport};lr>` }]
    : [];
  const rest = request.headers.filter(({ name }) => name !== 'Max-Forwards');
  const headers: readonly HeaderField[] = [
    { name: 'Via', value: exchange.layer.newVia(flow) },
    ...stay,
    { name: 'Max-Forwards', value: String(hopsLeft(request) - 1) },
    ...rest,
    ...added.headers,
  ];
  return { ...request, uri: target.uri, headers };
}

/** The answer as it goes back (RFC 3261 §16.7 step 3): without our Via. */
export function returned(response: SipResponse): SipResponse {
  const ours = response.headers.findIndex(({ name }) => name === 'Via');
  return { ...response, headers: response.headers.filter((_, index) => index !== ours) };
}

/** The request without its first Route, which is ours, and where it goes on to (RFC 3261 §16.4, §16.6 step 6). */
export function withoutOwnRoute(request: SipRequest): { readonly request: SipRequest; readonly target: ProxyTarget } {
  const [, next] = headersOf(request, 'Route');
  const first = request.headers.findIndex(({ name }) => name === 'Route');
  const nextHop = (next === undefined ? undefined : parseNameAddress(next)?.uri) ?? request.uri;
  return {
    request: { ...request, headers: request.headers.filter((_, index) => index !== first) },
    target: { uri: request.uri, nextHop },
  };
}
