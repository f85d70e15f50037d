import type { Client } from '../client-protocol/client.ts';
import { Dialog } from '../dialog/dialog.ts';
import { callingDialog, dialogIdOf, withTargetOf } from '../dialog/dialog-state.ts';
import { termsOfResponse } from '../dialog/session-terms.ts';
import { tagOf } from '../message/name-address.ts';
import { type HeaderField, headerOf, type SipResponse, tokensOf } from '../message/sip-message.ts';
import { newUuid } from '../message/token.ts';
import { cancellationOf } from '../transaction/hop-request.ts';
import type { Flow } from '../transport/flow.ts';
import { acknowledgeExtraFork, credentialsOf, repeatAcknowledgement } from './acknowledge.ts';
import { Attempt } from './attempt.ts';
import type { Cancellable, ClientDialog, Exchange } from './exchange.ts';
import type { OutgoingDraft } from './outgoing-draft.ts';
import { localResponse } from './outgoing-request.ts';
import { agreeSession } from './session-refresh.ts';

interface EarlyBranch {
  readonly dialog: ClientDialog;
  /** RSeq of the last reliable provisional answer that was passed up. */
  reliable: number;
}

const nobody = { onResponse: () => undefined, onTimeout: () => undefined, onTransportFailure: () => undefined };

/** An INVITE of an application, new or within a dialog, to the end of its transaction: forks, CANCEL, repeated answers. */
export class OutgoingInvite implements Cancellable {
  readonly id = newUuid();
  readonly client: Client;
  readonly #exchange: Exchange;
  readonly #known: ClientDialog | undefined;
  readonly #attempt: Attempt;
  readonly #branches = new Map<string, EarlyBranch>();
  #winner: ClientDialog | undefined;
  #cancel: 'no' | 'wanted' | 'sent' = 'no';
  #reason: readonly HeaderField[] = [];
  #rings = false;

  constructor(exchange: Exchange, client: Client, draft: OutgoingDraft, dialog: ClientDialog | undefined) {
    this.#exchange = exchange;
    this.client = client;
    this.#known = dialog;
    this.#attempt = new Attempt(exchange, draft, {
      onResponse: (response, from) => this.#take(response, from),
      onTimeout: () => this.#fail(408),
      onTransportFailure: () => this.#fail(503),
      onRingsTooLong: () => this.cancel(),
    });
  }

  start(): void {
    const { request } = this.#attempt;
    this.#exchange.cancellable.set(this.id, this);
    if (this.#known !== undefined) {
      this.#known.outgoingInvite = this;
      this.#known.inviteCredentials = credentialsOf(request);
    }
    if (this.#known === undefined) this.#exchange.records.tell({ kind: 'attempt', source: 'application' }, request);
    this.#attempt.start();
  }

  cancelFor(messageId: string, headers: readonly HeaderField[]): void {
    const { request, flow } = this.#attempt;
    this.#reason = headers;
    this.cancel();
    const message = cancellationOf(request, headers);
    this.client.reply(messageId, { ok: true, message, flow, transactionId: newUuid(), dialogId: '' });
  }

  cancel(): void {
    if (this.#cancel !== 'no') return;
    this.#cancel = 'wanted';
    this.#attempt.settle();
    // RFC 3261 §9.1: not before a provisional answer has come; until then the peer could not match it.
    if (this.#rings) this.#sendCancel();
  }

  #sendCancel(): void {
    this.#cancel = 'sent';
    const { request, flow } = this.#attempt;
    this.#exchange.layer.request(cancellationOf(request, this.#reason), flow, nobody);
    this.#attempt.cancelled();
  }

  #take(response: SipResponse, from: Flow): void {
    if (response.status < 200) this.#progress(response, from);
    else if (response.status < 300) this.#accept(response, from);
    else this.#finish(response, from);
  }

  #progress(response: SipResponse, from: Flow): void {
    this.#rings = true;
    if (this.#cancel === 'wanted') this.#sendCancel();
    const branch = response.status > 100 ? this.#branchOf(response, from) : undefined;
    const sequence = Number(headerOf(response, 'RSeq'));
    if (tokensOf(response, 'Require').includes('100rel') && sequence > 0 && branch !== undefined) {
      // RFC 3262 §4: what comes again or out of order is not passed up; its PRACK is on its way, or the peer repeats it.
      if (branch.reliable !== 0 && sequence !== branch.reliable + 1) {
        this.#exchange.observer.observe({ kind: 'retransmission', direction: 'in' });
        return;
      }
      branch.reliable = sequence;
      branch.dialog.toConfirm = `${sequence} ${headerOf(response, 'CSeq')}`;
    }
    this.#pass(response, from);
  }

  #accept(response: SipResponse, from: Flow): void {
    const tag = tagOf(headerOf(response, 'To')) ?? '';
    const winner = this.#winner;
    if (winner !== undefined) {
      if (winner.state.remoteTag === tag) repeatAcknowledgement(this.#exchange, winner);
      else acknowledgeExtraFork(this.#exchange, this.#attempt.request, response, from);
      return;
    }
    const dialog = this.#known ?? this.#branches.get(tag)?.dialog ?? this.#newDialog(response, from);
    this.#end();
    if (dialog === undefined) {
      // No room for another dialog: the peer must not be left with a call that nobody here knows.
      acknowledgeExtraFork(this.#exchange, this.#attempt.request, response, from);
      this.#pass(localResponse(this.#attempt.request, 503), undefined);
      return;
    }
    this.#winner = dialog;
    const { routeSet } = callingDialog(this.#attempt.request, response);
    // RFC 3261 §13.2.2.4: the 2xx decides the route set of a new dialog; within a dialog it stays as it is (§12.2).
    if (this.#known === undefined) dialog.state = { ...dialog.state, routeSet };
    dialog.state = withTargetOf(dialog.state, response);
    dialog.heard(response);
    dialog.described(this.#attempt.request);
    dialog.keepContact(this.#attempt.request);
    this.#attempt.accepted();
    if (this.#known === undefined) {
      this.#exchange.records.tell({ kind: 'start', source: 'network', role: 'uac' }, response);
    }
    agreeSession(this.#exchange, dialog, termsOfResponse(response));
    dialog.flow = from;
    dialog.confirmed = true;
    dialog.endsOnAcknowledgement = this.#cancel !== 'no' && this.#known === undefined;
    dialog.acknowledgement = undefined;
    this.#pass(response, from, dialog.id);
  }

  #finish(response: SipResponse, from: Flow | undefined): void {
    this.#end();
    if (this.#known === undefined) {
      const reason = this.#cancel === 'no' ? 'call-rejected' : 'call-canceled';
      this.#exchange.records.tell({ kind: 'stop', source: 'network', reason }, response);
    }
    this.#pass(response, from);
  }

  #fail(status: number): void {
    this.#finish(localResponse(this.#attempt.request, this.#cancel === 'no' ? status : 487), undefined);
  }

  #end(): void {
    this.#exchange.cancellable.delete(this.id);
    if (this.#known?.outgoingInvite === this) this.#known.outgoingInvite = undefined;
    for (const { dialog } of this.#branches.values()) {
      if (!dialog.confirmed) queueMicrotask(() => !dialog.confirmed && this.#exchange.dialogs.remove(dialog));
    }
  }

  #branchOf(response: SipResponse, from: Flow): EarlyBranch | undefined {
    const tag = tagOf(headerOf(response, 'To'));
    if (this.#known !== undefined || tag === undefined) return undefined;
    const known = this.#branches.get(tag);
    if (known !== undefined) {
      known.dialog.state = withTargetOf(known.dialog.state, response);
      return known;
    }
    if (this.#branches.size >= this.#exchange.limits.forks) {
      this.#exchange.observer.observe({ kind: 'limit-hit', limit: 'forks' });
      return undefined;
    }
    const dialog = this.#newDialog(response, from);
    if (dialog === undefined) return undefined;
    const branch = { dialog, reliable: 0 };
    this.#branches.set(tag, branch);
    return branch;
  }

  #newDialog(response: SipResponse, from: Flow): ClientDialog | undefined {
    if (this.#exchange.dialogs.isFull) {
      this.#exchange.observer.observe({ kind: 'limit-hit', limit: 'dialogs' });
      return undefined;
    }
    const { request } = this.#attempt;
    const origin = { owner: this.client, role: 'calling', kind: 'call' } as const;
    const dialog = new Dialog(origin, callingDialog(request, response), from);
    dialog.inviteSequence = dialog.state.localSequence;
    dialog.inviteCredentials = credentialsOf(request);
    this.#exchange.dialogs.add(dialog);
    return dialog;
  }

  /** Of the dialog that may come of this. */
  get #dialogId(): string {
    if (this.#known !== undefined) return this.#known.id;
    const { request } = this.#attempt;
    return dialogIdOf(headerOf(request, 'Call-ID') ?? '', tagOf(headerOf(request, 'From')) ?? '');
  }

  #pass(response: SipResponse, flow: Flow | undefined, dialogId = this.#dialogId): void {
    const transactionId = this.id;
    this.client.pass(response, { source: 'network', flow, transactionId, dialogId, receivedOn: undefined });
  }
}
