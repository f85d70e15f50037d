import type { Timer } from '../../shared/clock.ts';
import type { SipRequest, SipResponse } from '../message/sip-message.ts';
import type { ClientTransaction } from '../transaction/client-transaction.ts';
import { cancellationOf } from '../transaction/hop-request.ts';
import type { Flow } from '../transport/flow.ts';
import type { Exchange } from './exchange.ts';
import { localResponse } from './outgoing-request.ts';
import type { ProxyTarget } from './proxy-path.ts';
import { flowOf } from './route.ts';

export interface ProxyBranchPlan {
  readonly provisionalMs: number | undefined;
  readonly finalMs: number | undefined;
  compose(target: ProxyTarget, flow: Flow): SipRequest;
  /** Every answer but 100; a 2xx whenever it comes again. */
  answered(branch: ProxyBranch, response: SipResponse, flow: Flow | undefined): void;
}

const nobody = { onResponse: () => undefined, onTimeout: () => undefined, onTransportFailure: () => undefined };

/** One target of a proxied request. */
export class ProxyBranch {
  readonly target: ProxyTarget;
  /** Whether a final answer has come. */
  over = false;
  readonly #exchange: Exchange;
  readonly #upstream: SipRequest;
  readonly #plan: ProxyBranchPlan;
  #transaction: ClientTransaction | undefined;
  #provisional: Timer | undefined;
  #final: Timer | undefined;
  #cancel: 'no' | 'wanted' | 'sent' = 'no';
  #answering = false;

  constructor(exchange: Exchange, upstream: SipRequest, target: ProxyTarget, plan: ProxyBranchPlan) {
    this.#exchange = exchange;
    this.#upstream = upstream;
    this.target = target;
    this.#plan = plan;
  }

  start(): void {
    flowOf(this.#exchange, this.target.nextHop, undefined, (flow) => {
      if (this.over) return;
      if (flow === undefined || typeof flow === 'string') this.#fail(503);
      else this.#send(flow);
    });
  }

  cancel(): void {
    if (this.#cancel !== 'no' || this.over) return;
    this.#cancel = 'wanted';
    // RFC 3261 §9.1: not before a provisional answer.
    if (this.#answering) this.#sendCancel();
  }

  dispose(): void {
    this.over = true;
    this.#provisional?.cancel();
    this.#final?.cancel();
  }

  #send(flow: Flow): void {
    const { clock, layer } = this.#exchange;
    const { provisionalMs, finalMs } = this.#plan;
    this.#transaction = layer.request(this.#plan.compose(this.target, flow), flow, {
      onResponse: (response, from) => this.#take(response, from),
      onTimeout: () => this.#fail(408),
      onTransportFailure: () => this.#fail(503),
      onRingsTooLong: () => this.cancel(),
    });
    if (this.#transaction === undefined) queueMicrotask(() => this.#fail(503));
    if (provisionalMs !== undefined) this.#provisional = clock.after(provisionalMs, () => this.#giveUp());
    if (finalMs !== undefined) this.#final = clock.after(finalMs, () => this.#giveUp());
  }

  #take(response: SipResponse, from: Flow): void {
    this.#provisional?.cancel();
    if (response.status < 200) {
      this.#answering = true;
      if (this.#cancel === 'wanted') this.#sendCancel();
      if (response.status > 100 && !this.over) this.#plan.answered(this, response, from);
      return;
    }
    // A 2xx counts also after we have given the target up, or another has won: the caller has to acknowledge and end it.
    if (this.over && response.status >= 300) return;
    this.dispose();
    this.#plan.answered(this, response, from);
  }

  #giveUp(): void {
    if (this.over) return;
    this.cancel();
    this.#fail(408);
  }

  #fail(status: number): void {
    if (this.over) return;
    this.dispose();
    this.#plan.answered(this, localResponse(this.#upstream, status), undefined);
  }

  #sendCancel(): void {
    this.#cancel = 'sent';
    if (this.#transaction === undefined || this.#upstream.method !== 'INVITE') return;
    this.#exchange.layer.request(cancellationOf(this.#transaction.request, []), this.#transaction.flow, nobody);
    this.#transaction.cancelled();
  }
}
