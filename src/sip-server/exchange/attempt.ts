import { noBody, type SipRequest, type SipResponse } from '../message/sip-message.ts';
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
  #request: SipRequest;
  #flow: Flow;
  /** As long as nobody has been heard. */
  #draft: OutgoingDraft | undefined;
  #settled = false;
  #transaction: ClientTransaction | undefined;

  constructor(exchange: Exchange, draft: OutgoingDraft, user: ClientTransactionUser) {
    this.#exchange = exchange;
    this.#draft = draft;
    this.#request = draft.request;
    this.#flow = draft.flow;
    this.#user = user;
  }

  /** As it was sent last: what a CANCEL has to repeat. */
  get request(): SipRequest {
    return this.#request;
  }

  get flow(): Flow {
    return this.#flow;
  }

  /** Nothing is told before this returns. */
  start(): void {
    this.#transaction = this.#draft?.unreachable
      ? undefined
      : this.#exchange.layer.request(this.#request, this.#flow, {
          onResponse: (response, from) => this.#take(response, from),
          onTimeout: () => this.#failed(() => this.#user.onTimeout()),
          onTransportFailure: () => {
            this.#draft?.refused();
            this.#failed(() => this.#user.onTransportFailure());
          },
          onRingsTooLong: () => this.#user.onRingsTooLong?.(),
        });
    if (this.#transaction === undefined) queueMicrotask(() => this.#user.onTransportFailure());
  }

  /** A 2xx came: a further one, of another fork, is answered without what we described. */
  accepted(): void {
    this.#request = { ...this.#request, body: noBody };
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
    if (response.status === 503 && this.#moved()) return;
    // Whoever has been heard is the one.
    if (response.status > 100) this.#draft = undefined;
    this.#user.onResponse(response, from);
  }

  #failed(tell: () => void): void {
    if (!this.#moved()) tell();
  }

  #moved(): boolean {
    const next = this.#settled ? undefined : this.#draft?.next();
    if (next === undefined) return false;
    this.#exchange.observer.observe({ kind: 'next-target' });
    this.#draft = next;
    this.#request = next.request;
    this.#flow = next.flow;
    this.start();
    return true;
  }
}
