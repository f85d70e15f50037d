import type { SipRequest, SipResponse } from '../message/sip-message.ts';
import type { ClientTransaction, ClientTransactionUser } from '../transaction/client-transaction.ts';
import type { Flow } from '../transport/flow.ts';
import type { Exchange } from './exchange.ts';
import type { OutgoingDraft } from './outgoing-draft.ts';

/**
 * One request of an application on its way to the first of its targets that takes it: after silence, a transport that
 * failed or a 503, the next one is tried as a transaction of its own (RFC 3263 §4.3).
 */
export class Attempt {
  readonly #exchange: Exchange;
  readonly #user: ClientTransactionUser;
  #draft: OutgoingDraft;
  #transaction: ClientTransaction | undefined;
  #heard = false;
  #settled = false;

  constructor(exchange: Exchange, draft: OutgoingDraft, user: ClientTransactionUser) {
    this.#exchange = exchange;
    this.#draft = draft;
    this.#user = user;
  }

  /** As it was sent last: what a CANCEL has to repeat. */
  get request(): SipRequest {
    return this.#draft.request;
  }

  get flow(): Flow {
    return this.#draft.flow;
  }

  /** Nothing is told before this returns. */
  start(): void {
    this.#transaction = this.#draft.unreachable
      ? undefined
      : this.#exchange.layer.request(this.#draft.request, this.#draft.flow, {
          onResponse: (response, from) => this.#take(response, from),
          onTimeout: () => this.#failed(() => this.#user.onTimeout()),
          onTransportFailure: () => {
            this.#draft.refused();
            this.#failed(() => this.#user.onTransportFailure());
          },
          onRingsTooLong: () => this.#user.onRingsTooLong?.(),
        });
    if (this.#transaction === undefined) queueMicrotask(() => this.#user.onTransportFailure());
  }

  /** A CANCEL went out: from here on there is no other target. */
  cancelled(): void {
    this.#settled = true;
    this.#transaction?.cancelled();
  }

  /** No other target from here on, although nothing was sent. */
  settle(): void {
    this.#settled = true;
  }

  #take(response: SipResponse, from: Flow): void {
    if (response.status === 503 && !this.#heard && this.#moved()) return;
    if (response.status > 100) this.#heard = true;
    this.#user.onResponse(response, from);
  }

  #failed(tell: () => void): void {
    if (this.#heard || !this.#moved()) tell();
  }

  #moved(): boolean {
    const next = this.#settled ? undefined : this.#draft.next();
    if (next === undefined) return false;
    this.#exchange.observer.observe({ kind: 'next-target' });
    this.#draft = next;
    this.start();
    return true;
  }
}
