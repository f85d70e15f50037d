import type { Client } from '../client-protocol/client.ts';
import type { ClientProxy } from '../client-protocol/client-message.ts';
import { responseTo } from '../message/response-to.ts';
import type { HeaderField } from '../message/sip-message.ts';
import { uriScheme } from '../message/sip-uri.ts';
import { newToken } from '../message/token.ts';
import type { ServerTransaction } from '../transaction/server-transaction.ts';
import { ownHeaders } from './client-headers.ts';
import { unknownTransaction } from './client-refusals.ts';
import type { Exchange } from './exchange.ts';
import { callIdOf, ProxyCall, type ProxyPlan } from './proxy-call.ts';
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
  const refused = proxyTo(
    exchange,
    transaction,
    { ...message, headers: ownHeaders(message.headers) },
    (response, flow) => message.fullResponse && client.proxied(message.id, response, flow),
    () => client.proxied(message.id),
  );
  if (refused !== undefined) refuse(refused);
}

/** How a request is to be proxied, whoever says so. */
export interface ProxyWish {
  readonly destinations: readonly string[];
  readonly remainInDialog: boolean;
  readonly followRedirects: boolean;
  readonly simultaneous: boolean;
  readonly provisionalMs: number | undefined;
  readonly finalMs: number | undefined;
  readonly headers: readonly HeaderField[];
}

/** @returns why it was answered instead, if it was. */
export function proxyTo(
  exchange: Exchange,
  transaction: ServerTransaction,
  wish: ProxyWish,
  heard: ProxyPlan['heard'] = () => undefined,
  done: ProxyPlan['done'] = () => undefined,
): string | undefined {
  const { request } = transaction;
  const targets = wish.destinations.filter((uri) => uriScheme(uri) === 'sip').map((uri) => ({ uri, nextHop: uri }));
  // RFC 3261 §16.3 step 3: a request without hops left goes no further.
  const status = hopsLeft(request) <= 0 ? 483 : targets.length === 0 ? 404 : 0;
  if (status > 0) {
    transaction.respond(responseTo(request, status, { toTag: newToken() }));
    return status === 483 ? 'too many hops' : 'no destination';
  }
  if (wish.remainInDialog) keepRelaying(exchange, callIdOf(request));
  const { simultaneous, followRedirects, remainInDialog, provisionalMs, finalMs, headers } = wish;
  const call = new ProxyCall(exchange, transaction, request, {
    targets,
    simultaneous,
    followRedirects,
    recordRoute: remainInDialog,
    provisionalMs,
    finalMs,
    headers,
    heard,
    done,
  });
  call.start();
  return undefined;
}
