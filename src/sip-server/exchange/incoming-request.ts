import type { Client } from '../client-protocol/client.ts';
import type { ClientResponse } from '../client-protocol/client-message.ts';
import { Dialog } from '../dialog/dialog.ts';
import { answeringDialog } from '../dialog/dialog-state.ts';
import { termsOfAnswer } from '../dialog/session-terms.ts';
import { responseTo } from '../message/response-to.ts';
import { headerOf, type SipResponse } from '../message/sip-message.ts';
import { newToken } from '../message/token.ts';
import type { ServerTransaction } from '../transaction/server-transaction.ts';
import { composeAnswer, givenTag } from './answer-composer.ts';
import { missingContentType, unknownTransaction } from './client-refusals.ts';
import type { Answerable, ClientDialog, Exchange } from './exchange.ts';
import { agreeSession } from './session-refresh.ts';

/** A request other than INVITE that an application has to answer, in a dialog or outside. */
export class IncomingRequest implements Answerable {
  readonly client: Client;
  readonly #exchange: Exchange;
  readonly #transaction: ServerTransaction;
  readonly #dialog: ClientDialog | undefined;
  readonly #tag = newToken();

  /** Passes the request up. */
  constructor(exchange: Exchange, transaction: ServerTransaction, client: Client, dialog: ClientDialog | undefined) {
    this.#exchange = exchange;
    this.#transaction = transaction;
    this.client = client;
    this.#dialog = dialog;
    exchange.answerable.set(transaction.id, this);
    transaction.user = { onEnd: () => exchange.answerable.delete(transaction.id) };
    client.pass(transaction.request, {
      source: 'network',
      flow: transaction.flow,
      transactionId: transaction.id,
      dialogId: dialog?.id ?? '',
      receivedOn: exchange.layer.transports.ownAddress(transaction.flow),
    });
  }

  answer(message: ClientResponse): void {
    const { request, flow, id } = this.#transaction;
    const toTag = givenTag(message) ?? this.#tag;
    const refreshes = request.method === 'UPDATE' && message.status >= 200 && message.status < 300;
    const terms = refreshes ? termsOfAnswer(request, message) : undefined;
    const response = composeAnswer(this.#exchange, request, flow, message, { toTag, terms });
    if (response === undefined) {
      this.client.reply(message.id, { ok: false, reason: missingContentType });
      return;
    }
    if (message.status >= 200) this.#exchange.answerable.delete(id);
    if (!this.#transaction.respond(response)) {
      this.client.reply(message.id, { ok: false, reason: unknownTransaction });
      return;
    }
    if (refreshes && this.#dialog !== undefined) {
      this.#dialog.described(response);
      agreeSession(this.#exchange, this.#dialog, terms);
    }
    const dialogId = this.#dialog?.id ?? this.#subscribed(response)?.id ?? '';
    this.client.reply(message.id, { ok: true, message: response, flow, transactionId: id, dialogId });
    this.#endSubscription(response);
  }

  clientLost(): void {
    this.#exchange.answerable.delete(this.#transaction.id);
    this.#transaction.respond(responseTo(this.#transaction.request, 503, { toTag: this.#tag }));
  }

  handOver(): ServerTransaction | undefined {
    if (!this.#transaction.open || this.#dialog !== undefined) return undefined;
    this.#exchange.answerable.delete(this.#transaction.id);
    return this.#transaction;
  }

  // RFC 6665 §4.2.1: accepting a SUBSCRIBE makes a dialog.
  #subscribed(response: SipResponse): ClientDialog | undefined {
    const { request, flow } = this.#transaction;
    if (request.method !== 'SUBSCRIBE' || response.status < 200 || response.status > 299) return undefined;
    if (this.#exchange.dialogs.isFull) return undefined;
    const state = answeringDialog(request, response);
    const dialog = new Dialog({ owner: this.client, role: 'answering', kind: 'subscription' }, state, flow);
    dialog.confirmed = true;
    this.#exchange.dialogs.add(dialog);
    return dialog;
  }

  // A subscription that its notifier terminated is over once we have said so (RFC 6665 §4.4.1); a call's dialog is not.
  #endSubscription(response: SipResponse): void {
    const { request } = this.#transaction;
    const dialog = this.#dialog;
    if (dialog === undefined || request.method !== 'NOTIFY' || response.status < 200) return;
    const over = /^terminated\b/i.test(headerOf(request, 'Subscription-State') ?? '');
    if (over && dialog.kind === 'subscription') this.#exchange.dialogs.remove(dialog);
  }
}
