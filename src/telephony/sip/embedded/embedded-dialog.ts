import { headerOf, type SipRequest, type SipResponse } from '../../../sip-server/message/sip-message.ts';
import type { DialogEvents, DialogIdentity, Responder, SipDialog } from '../../sip-port.ts';
import {
  type DialogMessage,
  goneStatus,
  goodbye,
  information,
  newOffer,
  statusOfRefusal,
  transferNotice,
} from '../dialog-messages.ts';
import { serveInDialog } from '../dialog-requests.ts';
import type { ServerLine } from './server-line.ts';
import { fromWire, textOf } from './wire-text.ts';

/** What a dialog belongs to: the way to the network, and the table in which its requests find it. */
export interface DialogHome {
  readonly line: ServerLine;
  readonly dialogs: Map<string, EmbeddedDialog>;
}

/** One dialog of the server in this process as a leg's signalling. It is in the table from its construction to its end. */
export class EmbeddedDialog implements SipDialog {
  readonly identity: DialogIdentity;
  readonly #id: string;
  readonly #home: DialogHome;
  readonly #events: DialogEvents;
  #over = false;

  /** @param id by which the server knows it. */
  constructor(home: DialogHome, id: string, identity: DialogIdentity, events: DialogEvents) {
    this.#home = home;
    this.#id = id;
    this.identity = identity;
    this.#events = events;
    home.dialogs.set(id, this);
  }

  bye(reason: string): Promise<void> {
    if (this.#over) return Promise.resolve();
    this.#over = true;
    return this.#send(goodbye(reason)).then(() => this.#leave());
  }

  async offer(sdp: string): Promise<{ status: number; sdp: string | null }> {
    const answer = await this.#request(newOffer(sdp));
    return typeof answer === 'number'
      ? { status: answer, sdp: null }
      : { status: answer.status, sdp: textOf(answer.body) };
  }

  async info(contentType: string, body: string): Promise<number> {
    const answer = await this.#request(information(contentType, body));
    return typeof answer === 'number' ? answer : answer.status;
  }

  notifyTransfer(status: number): void {
    void this.#request(transferNotice(status));
  }

  /** A request of the peer, other than BYE. */
  take(request: SipRequest, responder: Responder): void {
    // What crosses our BYE belongs to a dialog that is over (RFC 3261 §15.1.2).
    if (this.#over) return responder.refuse(goneStatus);
    const { method } = request;
    const header = (name: 'Content-Type' | 'Refer-To'): string => fromWire(headerOf(request, name) ?? '');
    serveInDialog({ method, body: textOf(request.body), header }, responder, this.#events);
  }

  acknowledged(ack: SipRequest): void {
    this.#events.acknowledged(textOf(ack.body));
  }

  /** The peer, or the server, has ended it. Harmless when it is over already. */
  ended(reason: string): void {
    this.#leave();
    if (this.#over) return;
    this.#over = true;
    this.#events.hungUp(reason);
  }

  #leave(): void {
    if (this.#home.dialogs.get(this.#id) === this) this.#home.dialogs.delete(this.#id);
  }

  #request(message: DialogMessage): Promise<SipResponse | number> {
    return this.#over ? Promise.resolve(goneStatus) : this.#send(message);
  }

  /** @returns the final answer, or the status that says why nothing was sent. */
  #send(message: DialogMessage): Promise<SipResponse | number> {
    const { line } = this.#home;
    return new Promise((resolve) =>
      line.request(
        { dialogId: this.#id, ...message },
        {
          answered: (response) => {
            if (response.status < 200) return;
            if (message.method === 'INVITE' && response.status < 300) line.acknowledge('ACK', this.#id);
            resolve(response);
          },
          refused: (reason) => resolve(statusOfRefusal(reason)),
        },
      ),
    );
  }
}
