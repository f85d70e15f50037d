import type { Client } from '../client-protocol/client.ts';
import type { ClientTarget } from '../client-protocol/client-target.ts';
import { responseTo } from '../message/response-to.ts';
import { newToken } from '../message/token.ts';
import type { RequestRule } from '../routing/request-rule.ts';
import { parseRouteDecision, type RouteDecision } from '../routing/route-decision.ts';
import { answerTo, questionOf } from '../routing/route-question.ts';
import type { ServerTransaction } from '../transaction/server-transaction.ts';
import type { Exchange, Proxied } from './exchange.ts';
import { hand } from './hand.ts';
import { proxyTo } from './proxying.ts';
import { reject } from './refusal.ts';

/** A new request for whose method there is a rule. */
export function direct(exchange: Exchange, transaction: ServerTransaction, { to }: RequestRule): void {
  if (to.kind === 'tag') {
    give(exchange, transaction, exchange.clients.pick(transaction.request.method, to.tag));
  } else if (exchange.asking.size >= exchange.limits.routeQuestions) {
    exchange.observer.observe({ kind: 'limit-hit', limit: 'routeQuestions' });
    reject(exchange, transaction, 503, [{ name: 'Retry-After', value: '5' }]);
  } else {
    const directed = new Directed(exchange, transaction);
    if (to.kind === 'ask') directed.ask(to.url);
    else directed.dial(to.target);
  }
}

/** As drachtio-server does where nobody with the tag wants the method, or nobody takes the connection: 480. */
function give(exchange: Exchange, transaction: ServerTransaction, client: Client | undefined): void {
  if (client === undefined) reject(exchange, transaction, 480);
  else hand(exchange, transaction, client);
}

/** A request that waits for the word of an HTTP server, or for an application; the caller may cancel it meanwhile. */
class Directed implements Proxied {
  readonly #exchange: Exchange;
  readonly #transaction: ServerTransaction;
  #stopWaiting: () => void = () => undefined;
  #settled = false;

  constructor(exchange: Exchange, transaction: ServerTransaction) {
    this.#exchange = exchange;
    this.#transaction = transaction;
    exchange.proxied.set(transaction.id, this);
    exchange.asking.add(transaction.id);
    transaction.user = { onUnanswered: () => this.#abandon(), onEnd: () => this.#abandon() };
    if (transaction.request.method === 'INVITE') transaction.respond(responseTo(transaction.request, 100));
  }

  ask(url: string): void {
    const { clock, limits } = this.#exchange;
    const { request, flow } = this.#transaction;
    const abort = new AbortController();
    const deadline = clock.after(limits.routeAnswerMs, () => abort.abort());
    this.#stopWaiting = () => {
      deadline.cancel();
      abort.abort();
    };
    answerTo(questionOf(url, request, flow), abort.signal).then(
      (text) => this.#decided(parseRouteDecision(text)),
      () => this.#decided(undefined),
    );
  }

  dial(target: ClientTarget): void {
    const dialled = this.#exchange.clients.dial(target, (client) => {
      if (this.#settle()) give(this.#exchange, this.#transaction, client);
    });
    this.#stopWaiting = () => dialled.cancel();
  }

  cancel(): void {
    if (this.#abandon()) reject(this.#exchange, this.#transaction, 487);
  }

  dispose(): void {
    this.#abandon();
  }

  #decided(decision: RouteDecision | undefined): void {
    if (this.#settled) return;
    if (decision?.action === 'dial') {
      this.#stopWaiting();
      this.dial(decision.target);
    } else if (this.#abandon()) this.#obey(decision);
  }

  #obey(decision: Exclude<RouteDecision, { readonly action: 'dial' }> | undefined): void {
    const { request } = this.#transaction;
    switch (decision?.action) {
      case undefined:
        reject(this.#exchange, this.#transaction, 500);
        break;
      case 'reject': {
        const reason = decision.reason === undefined ? {} : { reason: decision.reason };
        this.#transaction.respond(responseTo(request, decision.status, { toTag: newToken(), ...reason }));
        break;
      }
      case 'redirect': {
        const headers = decision.contacts.map((value) => ({ name: 'Contact', value }));
        this.#transaction.respond(responseTo(request, 302, { toTag: newToken(), headers }));
        break;
      }
      case 'proxy':
        proxyTo(this.#exchange, this.#transaction, { remainInDialog: decision.recordRoute, headers: [], ...decision });
        break;
      case 'route':
        give(this.#exchange, this.#transaction, this.#exchange.clients.pick(request.method, decision.tag));
        break;
    }
  }

  /** Whatever it waits for is no longer wanted. */
  #abandon(): boolean {
    if (!this.#settle()) return false;
    this.#stopWaiting();
    return true;
  }

  /** @returns whether this was the first time: whoever gets true has the request. */
  #settle(): boolean {
    if (this.#settled) return false;
    this.#settled = true;
    this.#exchange.proxied.delete(this.#transaction.id);
    this.#exchange.asking.delete(this.#transaction.id);
    this.#transaction.user = {};
    return true;
  }
}
