import type { CallRecord } from '../client-protocol/client-line.ts';
import { contactOf } from '../dialog/dialog-state.ts';
import { tagOf } from '../message/name-address.ts';
import {
  type HeaderField,
  headerOf,
  type SipMessage,
  type SipRequest,
  type SipResponse,
} from '../message/sip-message.ts';
import type { ServerTransaction } from '../transaction/server-transaction.ts';
import type { Flow } from '../transport/flow.ts';
import type { Exchange, Proxied } from './exchange.ts';
import { ProxyBranch } from './proxy-branch.ts';
import { forwarded, type ProxyTarget, returned } from './proxy-path.ts';

export interface ProxyPlan {
  readonly targets: readonly ProxyTarget[];
  readonly simultaneous: boolean;
  readonly followRedirects: boolean;
  readonly recordRoute: boolean;
  readonly provisionalMs: number | undefined;
  readonly finalMs: number | undefined;
  readonly headers: readonly HeaderField[];
  /** Every answer of every target but 100. */
  heard(response: SipResponse, flow: Flow | undefined): void;
  /** The final answer has gone back. */
  done(): void;
}

/** A request on its way through us to one target or several (RFC 3261 §16): forks, the choice of answers, CANCEL. */
export class ProxyCall implements Proxied {
  readonly #exchange: Exchange;
  readonly #transaction: ServerTransaction;
  readonly #request: SipRequest;
  readonly #plan: ProxyPlan;
  readonly #waiting: ProxyTarget[];
  readonly #branches: ProxyBranch[] = [];
  #best: SipResponse | undefined;
  #finished = false;

  /** `request` is the transaction's, perhaps without a Route of ours. */
  constructor(exchange: Exchange, transaction: ServerTransaction, request: SipRequest, plan: ProxyPlan) {
    this.#exchange = exchange;
    this.#transaction = transaction;
    this.#request = request;
    this.#plan = plan;
    this.#waiting = plan.targets.slice(0, exchange.limits.proxyTargets);
    exchange.proxied.set(transaction.id, this);
    transaction.user = { onUnanswered: () => this.cancel(), onEnd: () => this.#end() };
    this.#record({ kind: 'attempt', source: 'network' }, transaction.request);
  }

  start(): void {
    do this.#startNext();
    while (this.#plan.simultaneous && this.#waiting.length > 0);
  }

  /** The caller has cancelled, or nothing more is to be tried. */
  cancel(): void {
    this.#waiting.length = 0;
    for (const branch of this.#branches) branch.cancel();
  }

  dispose(): void {
    for (const branch of this.#branches) branch.dispose();
  }

  #startNext(): void {
    const target = this.#waiting.shift();
    if (target === undefined) return;
    const { provisionalMs, finalMs, recordRoute, headers } = this.#plan;
    const branch = new ProxyBranch(this.#exchange, this.#request, target, {
      provisionalMs,
      finalMs,
      compose: (to, flow) => forwarded(this.#exchange, this.#request, to, flow, { recordRoute, headers }),
      answered: (from, response, flow) => this.#answered(from, response, flow),
    });
    this.#branches.push(branch);
    branch.start();
  }

  #answered(branch: ProxyBranch, response: SipResponse, flow: Flow | undefined): void {
    this.#plan.heard(response, flow);
    const back = flow === undefined ? response : returned(response);
    if (response.status < 300) {
      // RFC 3261 §16.7 step 5: provisional answers and every 2xx go back at once.
      if (response.status < 200 && this.#finished) return;
      this.#transaction.respond(back);
      if (response.status >= 200 && !this.#finished) {
        this.#record({ kind: 'start', source: 'network', role: 'proxy-uas' }, back);
      }
      if (response.status >= 200) this.#finish();
      return;
    }
    if (this.#finished) return;
    if (response.status < 400 && this.#plan.followRedirects && this.#redirect(branch, response)) return;
    this.#best = better(this.#best, back);
    // RFC 3261 §16.7 step 5: after a 6xx nothing more is tried.
    if (response.status >= 600) this.cancel();
    else if (!this.#plan.simultaneous) this.#startNext();
    if (this.#finished || this.#waiting.length > 0 || this.#branches.some((other) => !other.over)) return;
    this.#transaction.respond(this.#best);
    this.#record({ kind: 'stop', source: 'network', reason: 'call-rejected' }, this.#best);
    this.#finish();
  }

  #redirect(branch: ProxyBranch, response: SipResponse): boolean {
    const uri = contactOf(response);
    if (uri === undefined || uri === branch.target.uri) return false;
    if (this.#branches.length + this.#waiting.length >= this.#exchange.limits.proxyTargets) {
      this.#exchange.observer.observe({ kind: 'limit-hit', limit: 'proxyTargets' });
      return false;
    }
    this.#waiting.unshift({ uri, nextHop: uri });
    this.#startNext();
    return true;
  }

  /** Of new calls: what passes within a dialog is none. */
  #record(record: CallRecord, message: SipMessage): void {
    const request = this.#request;
    if (request.method === 'INVITE' && tagOf(headerOf(request, 'To')) === undefined) {
      this.#exchange.records.tell(record, message);
    }
  }

  #finish(): void {
    if (this.#finished) return;
    this.#finished = true;
    this.cancel();
    this.#plan.done();
  }

  #end(): void {
    this.#exchange.proxied.delete(this.#transaction.id);
    if (this.#finished) return;
    this.#finished = true;
    this.cancel();
    this.dispose();
    this.#plan.done();
  }
}

// RFC 3261 §16.7 step 6: 6xx before all, else the lowest class; within a class, one that tells the caller what to do.
const telling: ReadonlySet<string> = new Set(['401', '407', '415', '420', '484']);

function better(old: SipResponse | undefined, found: SipResponse): SipResponse {
  if (old === undefined) return found;
  const rank = ({ status }: SipResponse): number =>
    status >= 600 ? 0 : Math.floor(status / 100) + (telling.has(String(status)) ? -0.5 : 0);
  return rank(found) < rank(old) ? found : old;
}

export const callIdOf = (request: SipRequest): string => headerOf(request, 'Call-ID') ?? '';
