import { contactOf, dialogIdOf } from '../../../sip-server/dialog/dialog-state.ts';
import { tagOf } from '../../../sip-server/message/name-address.ts';
import { headerOf, type SipRequest, type SipResponse } from '../../../sip-server/message/sip-message.ts';
import type { DialEvents, DialTarget, OutgoingInvite, SipHeaders } from '../../sip-port.ts';
import { fromHeader } from '../from-header.ts';
import { leastSession, type SessionTiming } from '../session-timing.ts';
import { type DialogHome, EmbeddedDialog } from './embedded-dialog.ts';
import { fromWire, textOf } from './wire-text.ts';

/** RFC 3261 §8.1.3.1: a request that could not be sent was answered by 503. */
export const unsentStatus = 503;

export interface DialSurroundings {
  readonly home: DialogHome;
  readonly timing: SessionTiming;
  /** INVITEs that have no final answer yet, by the id that their dialogs would have. */
  readonly dials: Map<string, EmbeddedDial>;
}

/** An INVITE of ours to the end of its transaction; one that asked for too short a session goes once more (RFC 4028 §7.3). */
export class EmbeddedDial implements OutgoingInvite {
  readonly #surroundings: DialSurroundings;
  readonly #target: DialTarget;
  readonly #events: DialEvents;
  #cancelled = false;
  #again = false;
  #dialogId = '';
  #transactionId: string | undefined;
  #localTag = '';

  constructor(surroundings: DialSurroundings, target: DialTarget, events: DialEvents) {
    this.#surroundings = surroundings;
    this.#target = target;
    this.#events = events;
    this.#call(surroundings.timing.calling());
  }

  /** What we offered, which an UPDATE before the answer is told again. */
  get sdp(): string {
    return this.#target.sdp;
  }

  cancel(): void {
    this.#cancelled = true;
    if (this.#transactionId !== undefined) this.#surroundings.home.line.cancel(this.#transactionId);
  }

  #call(timing: SipHeaders): void {
    const { uri, sdp, headers } = this.#target;
    const all = { 'Content-Type': 'application/sdp', From: fromHeader(this.#target), ...headers, ...timing };
    this.#surroundings.home.line.request(
      { method: 'INVITE', uri, headers: all, body: sdp },
      {
        sent: (request, transactionId) => this.#sent(request, transactionId),
        answered: (response, dialogId) => this.#take(response, dialogId),
        refused: () => this.#refused(unsentStatus, ''),
      },
    );
  }

  #sent(request: SipRequest, transactionId: string): void {
    this.#localTag = fromWire(tagOf(headerOf(request, 'From')) ?? '');
    this.#dialogId = dialogIdOf(fromWire(headerOf(request, 'Call-ID') ?? ''), this.#localTag);
    this.#surroundings.dials.set(this.#dialogId, this);
    this.#transactionId = transactionId;
    if (this.#cancelled) this.cancel();
  }

  #take(response: SipResponse, dialogId: string): void {
    const { line } = this.#surroundings.home;
    if (response.status < 200) {
      this.#events.progress(response.status, textOf(response.body));
      if (headerOf(response, 'RSeq') !== undefined) line.acknowledge('PRACK', dialogId);
      return;
    }
    const least =
      this.#again || this.#cancelled ? undefined : leastSession(response.status, headerOf(response, 'Min-SE'));
    if (least !== undefined) {
      this.#again = true;
      this.#over();
      return this.#call(this.#surroundings.timing.calling(least));
    }
    if (response.status >= 300) return this.#refused(response.status, fromWire(response.reason));
    this.#over();
    line.acknowledge('ACK', dialogId);
    this.#events.answered(this.#dialog(response, dialogId), textOf(response.body));
  }

  /** A 2xx without a Contact is against RFC 3261 §12.1.1; what was called is then where the dialog goes on, for the server too. */
  #dialog(response: SipResponse, id: string): EmbeddedDialog {
    const identity = {
      callId: fromWire(headerOf(response, 'Call-ID') ?? ''),
      localTag: this.#localTag,
      remoteTag: fromWire(tagOf(headerOf(response, 'To')) ?? ''),
      remoteTarget: fromWire(contactOf(response) ?? this.#target.uri),
    };
    return new EmbeddedDialog(this.#surroundings.home, id, identity, this.#events.dialog);
  }

  #refused(status: number, reason: string): void {
    this.#over();
    this.#events.refused(status, reason);
  }

  /** There is nothing to cancel any more. */
  #over(): void {
    this.#transactionId = undefined;
    this.#surroundings.dials.delete(this.#dialogId);
  }
}
