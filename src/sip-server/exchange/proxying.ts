import type { Client } from '../client-protocol/client.ts';
import type { ClientProxy } from '../client-protocol/client-message.ts';
import { responseTo } from '../message/response-to.ts';
import { uriScheme } from '../message/sip-uri.ts';
import { newToken } from '../message/token.ts';
import { ownHeaders } from './client-headers.ts';
import { unknownTransaction } from './client-refusals.ts';
import type { Exchange } from './exchange.ts';
import { callIdOf, ProxyCall } from './proxy-call.ts';
import { hopsLeft } from './proxy-path.ts';
import { keepRelaying } from './relay.ts';

/** Proxies a request for the application that has it. */
export function proxyFor(exchange: Exchange, client: Client, message: ClientProxy): void {
  const refuse = (reason: string): void => client.reply(message.id, { ok: false, reason });
  const pending = exchange.answerable.get(message.transactionId);
  const transaction = pending?.client === client ? pending.handOver() : undefined;
  if (transaction === undefined) {
    refuse(unknownTransaction);
    return;
  }
  const { request } = transaction;
  const targets = message.destinations.filter((uri) => uriScheme(uri) === 'sip').map((uri) => ({ uri, nextHop: uri }));
  // RFC 3261 §16.3 step 3: a request without hops left goes no further.
  const status = hopsLeft(request) <= 0 ? 483 : targets.length === 0 ? 404 : 0;
  if (status > 0) {
    transaction.respond(responseTo(request, status, { toTag: newToken() }));
    refuse(status === 483 ? 'too many hops' : 'no destination');
    return;
  }
  if (message.remainInDialog) keepRelaying(exchange, callIdOf(request));
  const { simultaneous, followRedirects, remainInDialog, provisionalMs, finalMs } = message;
  const call = new ProxyCall(exchange, transaction, request, {
    targets,
    simultaneous,
    followRedirects,
    recordRoute: remainInDialog,
    provisionalMs,
    finalMs,
    headers: ownHeaders(message.headers),
    heard: (response, flow) => message.fullResponse && client.proxied(message.id, response, flow),
    done: () => client.proxied(message.id),
  });
  call.start();
}
