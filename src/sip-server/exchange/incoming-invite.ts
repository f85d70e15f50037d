import type { Client } from '../client-protocol/client.ts';
import type { ClientResponse } from '../client-protocol/client-message.ts';
import { Dialog } from '../dialog/dialog.ts';
import { answeringDialog } from '../dialog/dialog-state.ts';
import { RepeatedAnswer } from '../dialog/repeated-answer.ts';
import { type SessionTerms, termsOfAnswer } from '../dialog/session-terms.ts';
import { responseTo } from '../message/response-to.ts';
import { type HeaderField, type SipRequest, type SipResponse, tokensOf } from '../message/sip-message.ts';
import { newToken } from '../message/token.ts';
import { cancellationOf } from '../transaction/hop-request.ts';
import type { ServerTransaction } from '../transaction/server-transaction.ts';
import { composeAnswer, givenTag } from './answer-composer.ts';
import { missingContentType, unknownTransaction } from './client-refusals.ts';
import type { Answerable, ClientDialog, Exchange } from './exchange.ts';
import { sequenceOf } from './refusal.ts';
import { ReliableProvisionals } from './reliable-provisionals.ts';
import { agreeSession } from './session-refresh.ts';
import { abandonDialog } from './unsolicited-bye.ts';

/** An INVITE from the network, new or within a dialog, from its arrival to the acknowledgement of its answer. */
export class IncomingInvite implements Answerable {
  readonly client: Client;
  readonly #exchange: Exchange;
  readonly #transaction: ServerTransaction;
  readonly #isNew: boolean;
  /** There once an answer is sent reliably; most INVITEs have none. */
  #reliable: ReliableProvisionals | undefined;
  #dialog: ClientDialog | undefined;
  #tag = newToken();
  #tagUsed = false;
  #terms: SessionTerms | undefined;
  #held: ClientResponse | undefined;

  /** Answers 100 and passes the INVITE up. */
  constructor(exchange: Exchange, transaction: ServerTransaction, client: Client, dialog: ClientDialog | undefined) {
    this.#exchange = exchange;
    this.#transaction = transaction;
    this.client = client;
    this.#dialog = dialog;
    this.#isNew = dialog === undefined;
    if (dialog !== undefined) dialog.incomingInvite = this;
    exchange.answerable.set(transaction.id, this);
    transaction.user = {
      onAck: (ack) => this.#dialog && acknowledged(exchange, this.#dialog, ack),
      onUnanswered: () => this.#withdraw(),
      onEnd: () => this.#forget(),
    };
    transaction.respond(responseTo(transaction.request, 100));
    if (this.#isNew) exchange.records.tell({ kind: 'attempt', source: 'network' }, transaction.request);
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
    if (!this.#transaction.open) {
      this.#refuseClient(message, unknownTransaction);
      return;
    }
    if (message.status >= 200 && message.status < 300 && this.#reliable?.holdsDescription) {
      // RFC 3262 §3: no 2xx before a description that was sent reliably has been acknowledged.
      this.#held = message;
      return;
    }
    const reliably = message.status > 100 && message.status < 200 && tokensOf(message, 'Require').includes('100rel');
    if (reliably && !this.#callerTakesReliable()) {
      this.#refuseClient(message, 'caller does not support 100rel');
      return;
    }
    const reliable = reliably ? this.#provisionals() : undefined;
    if (reliable !== undefined && reliable.size >= this.#exchange.limits.waitingProvisionals) {
      this.#exchange.observer.observe({ kind: 'limit-hit', limit: 'waitingProvisionals' });
      this.#refuseClient(message, 'too many unacknowledged provisional responses');
      return;
    }
    const sequence = reliable?.nextSequence() ?? 0;
    const extra = reliable === undefined ? [] : [{ name: 'RSeq', value: String(sequence) }];
    const response = this.#compose(message, extra);
    if (response === undefined) {
      this.#refuseClient(message, missingContentType);
      return;
    }
    if (!this.#enterDialog(response)) {
      this.#refuseClient(message, 'too many dialogs');
      return;
    }
    if (reliable === undefined) this.#transaction.respond(response);
    else reliable.add(sequence, response);
    const dialogId = this.#dialog?.id ?? '';
    this.client.reply(message.id, { ok: true, message: response, flow, transactionId: id, dialogId });
    if (response.status >= 200) this.#finish(request, response);
    if (this.#isNew && response.status >= 200) this.#record(response);
  }

  /** The peer cancelled: 487, and the application hears of it. */
  cancelled(cancel: SipRequest): void {
    this.#transaction.respond(responseTo(this.#transaction.request, 487, { toTag: this.#takeTag() }));
    if (this.#isNew) {
      this.#exchange.records.tell({ kind: 'stop', source: 'network', reason: 'call-canceled' }, cancel);
    }
    this.#tell(cancel);
    this.#end();
  }

  /** Ends the INVITE without the application's doing; it hears of it as of a CANCEL. */
  refuse(status: number): void {
    if (!this.#transaction.open) return;
    this.#transaction.respond(responseTo(this.#transaction.request, status, { toTag: this.#takeTag() }));
    this.#withdraw();
  }

  clientLost(): void {
    this.#transaction.respond(responseTo(this.#transaction.request, 503, { toTag: this.#takeTag() }));
    this.#end();
  }

  handOver(): ServerTransaction | undefined {
    if (!this.#transaction.open || this.#dialog !== undefined || this.#tagUsed) return undefined;
    this.#exchange.answerable.delete(this.#transaction.id);
    return this.#transaction;
  }

  /** A PRACK for this INVITE; false if nothing waits for it. */
  provisionallyAcknowledged(sequence: number): boolean {
    const confirmed = this.#reliable?.confirm(sequence) ?? false;
    if (this.#held !== undefined && this.#reliable?.holdsDescription !== true) {
      const held = this.#held;
      this.#held = undefined;
      // After the PRACK has been passed up and answered.
      setImmediate(() => this.answer(held));
    }
    return confirmed;
  }

  /** The tag that the answers carry, also that to a CANCEL (RFC 3261 §9.2). */
  get tag(): string {
    return this.#takeTag();
  }

  #compose(message: ClientResponse, extra: readonly HeaderField[]): SipResponse | undefined {
    const { request, flow } = this.#transaction;
    const given = givenTag(message);
    if (given !== undefined && !this.#tagUsed) this.#tag = given;
    if (message.status > 100) this.#tagUsed = true;
    this.#terms = message.status >= 200 && message.status < 300 ? termsOfAnswer(request, message) : undefined;
    return composeAnswer(this.#exchange, request, flow, message, { toTag: this.#tag, extra, terms: this.#terms });
  }

  #provisionals(): ReliableProvisionals {
    this.#reliable ??= new ReliableProvisionals(
      this.#exchange.clock,
      (response) => this.#transaction.respond(response),
      () => this.refuse(504),
    );
    return this.#reliable;
  }

  #takeTag(): string {
    this.#tagUsed = true;
    return this.#tag;
  }

  #callerTakesReliable(): boolean {
    const { request } = this.#transaction;
    return tokensOf(request, 'Supported').includes('100rel') || tokensOf(request, 'Require').includes('100rel');
  }

  #enterDialog(response: SipResponse): boolean {
    if (response.status <= 100 || response.status >= 300 || this.#dialog !== undefined) return true;
    if (this.#exchange.dialogs.isFull) {
      this.#exchange.observer.observe({ kind: 'limit-hit', limit: 'dialogs' });
      return false;
    }
    const { request, flow } = this.#transaction;
    const origin = { owner: this.client, role: 'answering', kind: 'call' } as const;
    this.#dialog = new Dialog(origin, answeringDialog(request, response), flow);
    this.#dialog.incomingInvite = this;
    this.#exchange.dialogs.add(this.#dialog);
    return true;
  }

  #finish(request: SipRequest, response: SipResponse): void {
    const dialog = this.#dialog;
    this.#end(response.status < 300);
    if (dialog === undefined || response.status >= 300) return;
    dialog.confirmed = true;
    dialog.heard(request);
    dialog.described(response);
    dialog.keepContact(response);
    agreeSession(this.#exchange, dialog, this.#terms);
    dialog.answer?.dispose();
    const repeat = (): void => {
      this.#exchange.observer.observe({ kind: 'retransmission', direction: 'out' });
      this.#transaction.respond(response);
    };
    dialog.answeredInvite = { sequence: sequenceOf(request), transactionId: this.#transaction.id };
    dialog.answer = new RepeatedAnswer(this.#exchange.clock, 'final', repeat, () => {
      abandonDialog(this.#exchange, dialog, 'ack-timeout', true);
    });
  }

  // What the application knows only as a CANCEL of the network: the INVITE is over, whoever ended it.
  #withdraw(): void {
    this.#tell(cancellationOf(this.#transaction.request, []));
    this.#end();
  }

  #tell(cancel: SipRequest): void {
    this.client.pass(cancel, {
      source: 'network',
      flow: this.#transaction.flow,
      transactionId: this.#transaction.id,
      dialogId: this.#dialog?.id ?? '',
      receivedOn: undefined,
    });
  }

  #record(response: SipResponse): void {
    const { records } = this.#exchange;
    if (response.status < 300) records.tell({ kind: 'start', source: 'application', role: 'uas' }, response);
    else records.tell({ kind: 'stop', source: 'application', reason: 'call-rejected' }, response);
  }

  #forget(): void {
    this.#exchange.answerable.delete(this.#transaction.id);
    if (this.#dialog?.incomingInvite === this) this.#end();
  }

  #end(keepDialog = false): void {
    this.#exchange.answerable.delete(this.#transaction.id);
    this.#reliable?.stop();
    if (this.#held !== undefined) this.#refuseClient(this.#held, unknownTransaction);
    this.#held = undefined;
    const dialog = this.#dialog;
    if (dialog === undefined) return;
    if (dialog.incomingInvite === this) dialog.incomingInvite = undefined;
    if (this.#isNew && !keepDialog) this.#exchange.dialogs.remove(dialog);
  }

  #refuseClient(message: ClientResponse, reason: string): void {
    this.client.reply(message.id, { ok: false, reason });
  }
}

/** An ACK for a 2xx of ours: it is passed up once, and whatever waited for it goes out. */
export function acknowledged(exchange: Exchange, dialog: ClientDialog, ack: SipRequest): void {
  const invite = dialog.answeredInvite;
  if (invite === undefined || invite.sequence !== sequenceOf(ack) || dialog.answer?.confirm() !== true) {
    exchange.observer.observe({ kind: 'stray', what: 'ack' });
    return;
  }
  dialog.answer = undefined;
  dialog.owner.pass(ack, {
    source: 'network',
    flow: dialog.flow,
    transactionId: invite.transactionId,
    dialogId: dialog.id,
    receivedOn: undefined,
  });
  dialog.releaseHeld();
}
