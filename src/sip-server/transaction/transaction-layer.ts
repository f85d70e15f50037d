import type { Clock } from '../../shared/clock.ts';
import type { MessageFault } from '../message/message-fault.ts';
import { printMessage } from '../message/message-printer.ts';
import { ownText } from '../message/own-text.ts';
import { responseTo } from '../message/response-to.ts';
import type { SipMessage, SipRequest, SipResponse } from '../message/sip-message.ts';
import { newToken } from '../message/token.ts';
import { magicCookie, printVia } from '../message/via.ts';
import type { SipServerLimits } from '../sip-server-limits.ts';
import type { SipServerObserver } from '../sip-server-observer.ts';
import type { Flow } from '../transport/flow.ts';
import type { MessageReceiver } from '../transport/message-receiver.ts';
import { withReceived } from '../transport/received-via.ts';
import { SourceGuard, type SourcePolicy } from '../transport/source-guard.ts';
import type { TlsSettings } from '../transport/tls-settings.ts';
import { TransportSet } from '../transport/transport-set.ts';
import { ClientTransaction, type ClientTransactionContext, type ClientTransactionUser } from './client-transaction.ts';
import { ServerTransaction, type ServerTransactionContext } from './server-transaction.ts';
import { clientKey, mergeKey, serverKey } from './transaction-key.ts';

/** Who works above the transactions. */
export interface TransactionUser {
  /** Whether a request belongs to something here, so that it is served whatever source it comes from; without it, none does. */
  expects?(request: SipRequest): boolean;
  /** A new request, not an ACK; it must be answered through the transaction. */
  onRequest(transaction: ServerTransaction): void;
  /** An ACK that belongs to no open transaction: one for a 2xx, or a stray. */
  onAck(ack: SipRequest, flow: Flow): void;
  /** A 2xx to an INVITE after its transaction ended; other strays are dropped below. */
  onLateAnswer(response: SipResponse, flow: Flow): void;
}

export interface TransactionLayerOptions {
  readonly listen: readonly string[];
  readonly advertisedAddress?: string | undefined;
  readonly tls?: TlsSettings | undefined;
  /** Without one, everybody is known. */
  readonly sources?: SourcePolicy | undefined;
  readonly limits: SipServerLimits;
  readonly observer: SipServerObserver;
  readonly clock: Clock;
}

const retryAfter = [{ name: 'Retry-After', value: '5' }];

/** Transports and transactions together: a SIP endpoint without any opinion about calls. */
export class TransactionLayer implements MessageReceiver {
  readonly #options: TransactionLayerOptions;
  readonly #user: TransactionUser;
  readonly #guard: SourceGuard;
  readonly #servers = new Map<string, ServerTransaction>();
  readonly #merges = new Map<string, ServerTransaction>();
  readonly #clients = new Map<string, ClientTransaction>();
  readonly #clientContext: ClientTransactionContext;
  readonly #serverContext: ServerTransactionContext;
  #transports: TransportSet | undefined;
  #closed = false;

  private constructor(options: TransactionLayerOptions, user: TransactionUser) {
    this.#options = options;
    this.#user = user;
    this.#guard = new SourceGuard(options.sources, options);
    this.#clientContext = this.#contextForClients();
    this.#serverContext = this.#contextForServers();
  }

  /** @throws {Error} naming the listen point that cannot be bound. */
  static async start(options: TransactionLayerOptions, user: TransactionUser): Promise<TransactionLayer> {
    const layer = new TransactionLayer(options, user);
    layer.#transports = await TransportSet.bind(options, layer);
    return layer;
  }

  get transports(): TransportSet {
    if (this.#transports === undefined) throw new Error('the layer has not started');
    return this.#transports;
  }

  /** Transactions that live. */
  get size(): number {
    return this.#servers.size + this.#clients.size;
  }

  /** A top Via with a fresh branch, as {@link request} wants it. */
  newVia(flow: Flow): string {
    const own = this.transports.ownAddress(flow);
    const parameters = [
      ['branch', `${magicCookie}${newToken()}`],
      ['rport', undefined],
    ] as const;
    return printVia({ transport: flow.protocol.toUpperCase(), host: own.address, port: own.port, parameters });
  }

  /**
   * Sends a request that is complete with its Via, and tells `user` what becomes of it. Nothing is called before this
   * returns. @returns undefined when there are too many transactions; then nothing was sent.
   */
  request(request: SipRequest, flow: Flow, user: ClientTransactionUser): ClientTransaction | undefined {
    if (this.#isFull()) return undefined;
    const transaction = new ClientTransaction(request, flow, user, this.#clientContext);
    this.#clients.set(transaction.key, transaction);
    transaction.start();
    return transaction;
  }

  /** Sends an ACK for a 2xx: it has no transaction (RFC 3261 §13.2.2.4). @returns what {@link sendAgain} takes. */
  sendStateless(request: SipRequest, flow: Flow): string {
    const bytes = printMessage(request);
    this.transports.send(bytes, flow, () => undefined);
    return bytes.toString('latin1');
  }

  /** Sends the very same once more. @param text one character a byte: few bytes need more memory than that. */
  sendAgain(text: string, flow: Flow): void {
    this.transports.send(Buffer.from(text, 'latin1'), flow, () => undefined);
  }

  /** The INVITE that this CANCEL is about (RFC 3261 §9.2). */
  inviteOf(cancel: SipRequest): ServerTransaction | undefined {
    return this.#servers.get(serverKey(cancel, 'INVITE'));
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const transaction of [...this.#servers.values(), ...this.#clients.values()]) transaction.dispose();
    this.#servers.clear();
    this.#clients.clear();
    this.#merges.clear();
    await this.#transports?.close();
  }

  onMessage(message: SipMessage, flow: Flow): void {
    if (this.#closed) return;
    if (message.kind === 'response') this.#takeResponse(message, flow);
    else this.#takeRequest(withReceived(message, flow), flow);
  }

  answersKeepalive(flow: Flow): boolean {
    return this.#guard.knows(flow);
  }

  onFault(fault: MessageFault, flow: Flow): void {
    if (this.#closed) return;
    this.#options.observer.observe({ kind: 'bad-message', protocol: flow.protocol, reason: fault.reason });
    if (!this.#guard.answersFault(flow) || fault.request === undefined) return;
    // Without state: whatever made the message bad may also have spoilt what a transaction would be known by.
    this.#transmit(responseTo(fault.request, fault.status, { toTag: newToken() }), flow);
  }

  #takeRequest(request: SipRequest, flow: Flow): void {
    const key = serverKey(request);
    const known = this.#servers.get(key);
    if (request.method === 'ACK') {
      if (known === undefined) this.#user.onAck(request, flow);
      else known.acknowledge(request);
      return;
    }
    if (known !== undefined) {
      known.repeat();
      return;
    }
    const verdict = this.#belongs(request) ? 'admit' : this.#guard.judge(flow);
    if (verdict === 'ignore') return;
    if (verdict === 'refuse') {
      this.#reject(request, flow, 403, []);
      return;
    }
    if (verdict === 'shed' || this.#isFull()) {
      this.#reject(request, flow, 503, retryAfter);
      return;
    }
    const merge = request.method === 'CANCEL' ? undefined : mergeKey(request);
    if (merge !== undefined && this.#merges.has(merge)) {
      this.#reject(request, flow, 482, []);
      return;
    }
    const transaction = new ServerTransaction(
      request,
      flow,
      { key: ownText(key), mergeKey: merge },
      this.#serverContext,
    );
    this.#servers.set(transaction.key, transaction);
    if (merge !== undefined) this.#merges.set(merge, transaction);
    transaction.start();
    this.#user.onRequest(transaction);
  }

  #belongs(request: SipRequest): boolean {
    return request.method === 'CANCEL'
      ? this.inviteOf(request) !== undefined
      : (this.#user.expects?.(request) ?? false);
  }

  #takeResponse(response: SipResponse, flow: Flow): void {
    const transaction = this.#clients.get(clientKey(response));
    if (transaction !== undefined) transaction.receive(response, flow);
    else if (response.status >= 200 && response.status < 300) this.#user.onLateAnswer(response, flow);
    else this.#options.observer.observe({ kind: 'stray', what: 'response' });
  }

  #reject(request: SipRequest, flow: Flow, status: number, headers: SipResponse['headers']): void {
    this.#options.observer.observe({ kind: 'rejected', status });
    this.#transmit(responseTo(request, status, { toTag: newToken(), headers }), flow);
  }

  #transmit(message: SipMessage, flow: Flow, failed: () => void = () => undefined): void {
    this.transports.send(printMessage(message), flow, failed);
  }

  #isFull(): boolean {
    const full = this.size >= this.#options.limits.transactions;
    if (full) this.#options.observer.observe({ kind: 'limit-hit', limit: 'transactions' });
    return full;
  }

  #contextForClients(): ClientTransactionContext {
    const { clock, limits, observer } = this.#options;
    return {
      clock,
      ringingMs: limits.ringingMs,
      transmit: (message, flow, failed) => this.#transmit(message, flow, failed),
      retransmitted: () => observer.observe({ kind: 'retransmission', direction: 'out' }),
      timedOut: () => observer.observe({ kind: 'transaction-timeout', side: 'client' }),
      strayEvent: () => observer.observe({ kind: 'stray', what: 'machine-event' }),
      ended: (transaction) => this.#clients.delete(transaction.key),
    };
  }

  #contextForServers(): ServerTransactionContext {
    const { clock, limits, observer } = this.#options;
    return {
      clock,
      unansweredMs: limits.unansweredInviteMs,
      ringingMs: limits.ringingMs,
      transmit: (message, flow, failed) => this.#transmit(message, flow, failed),
      retransmitted: (direction) => observer.observe({ kind: 'retransmission', direction }),
      timedOut: () => observer.observe({ kind: 'transaction-timeout', side: 'server' }),
      strayEvent: () => observer.observe({ kind: 'stray', what: 'machine-event' }),
      ended: (transaction) => this.#forget(transaction),
    };
  }

  #forget({ key, mergeKey: merge }: ServerTransaction): void {
    this.#servers.delete(key);
    if (merge !== undefined) this.#merges.delete(merge);
  }
}
