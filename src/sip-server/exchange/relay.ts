import { isIP } from 'node:net';
import { parseNameAddress, tagOf } from '../message/name-address.ts';
import { parameterOf } from '../message/parameters.ts';
import { headerOf, type SipRequest } from '../message/sip-message.ts';
import { parseSipUri } from '../message/sip-uri.ts';
import type { ServerTransaction } from '../transaction/server-transaction.ts';
import type { Exchange } from './exchange.ts';
import { callIdOf, ProxyCall } from './proxy-call.ts';
import { forwarded, hopsLeft, withoutOwnRoute } from './proxy-path.ts';
import { reject } from './refusal.ts';
import { flowOf } from './route.ts';

/** Lets later requests of a proxied call pass; the oldest call makes room for a new one past the limit. */
export function keepRelaying(exchange: Exchange, callId: string): void {
  if (exchange.relayed.size >= exchange.limits.dialogs) {
    exchange.observer.observe({ kind: 'limit-hit', limit: 'dialogs' });
    for (const oldest of exchange.relayed) {
      exchange.relayed.delete(oldest);
      break;
    }
  }
  exchange.relayed.add(callId);
}

/** Whether a request belongs to a call that we stay in as a proxy. Nothing else is relayed: this is no open relay. */
export function relays(exchange: Exchange, request: SipRequest): boolean {
  if (exchange.relayed.size === 0 || !exchange.relayed.has(callIdOf(request))) return false;
  if (tagOf(headerOf(request, 'To')) === undefined) return false;
  const route = parseNameAddress(headerOf(request, 'Route') ?? '');
  const uri = route === undefined ? undefined : parseSipUri(route.uri);
  if (uri === undefined || !isIP(uri.host)) return false;
  const protocol = parameterOf(uri.parameters, 'transport')?.toLowerCase() === 'tcp' ? 'tcp' : 'udp';
  return exchange.layer.transports.isOwn({ protocol, address: uri.host, port: uri.port ?? 5060 });
}

/** Passes a later request of a proxied call on, and its answers back; a BYE that was answered ends the relaying. */
export function relayRequest(exchange: Exchange, transaction: ServerTransaction): void {
  const { request, target } = withoutOwnRoute(transaction.request);
  if (hopsLeft(request) <= 0) {
    reject(exchange, transaction, 483);
    return;
  }
  const call = new ProxyCall(exchange, transaction, request, {
    targets: [target],
    simultaneous: false,
    followRedirects: false,
    recordRoute: false,
    provisionalMs: undefined,
    finalMs: undefined,
    headers: [],
    heard: () => undefined,
    done: () => request.method === 'BYE' && exchange.relayed.delete(callIdOf(request)),
  });
  call.start();
}

/** An ACK for a 2xx goes on without a transaction (RFC 3261 §16.6). */
export function relayAck(exchange: Exchange, ack: SipRequest): void {
  const { request, target } = withoutOwnRoute(ack);
  if (hopsLeft(request) <= 0) return;
  flowOf(exchange, target.nextHop, undefined, (flow) => {
    if (flow === undefined || typeof flow === 'string') return;
    exchange.layer.sendStateless(forwarded(exchange, request, target, flow, { recordRoute: false, headers: [] }), flow);
  });
}
