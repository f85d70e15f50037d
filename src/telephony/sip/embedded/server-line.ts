import type { Reply } from '../../../sip-server/client-protocol/client.ts';
import { noBody, type SipRequest, type SipResponse } from '../../../sip-server/message/sip-message.ts';
import type { Resident } from '../../../sip-server/resident/resident.ts';
import type { SipHeaders } from '../../sip-port.ts';
import { bodyOf, fieldsOf, toWire } from './wire-text.ts';

/** A request of ours; the server adds what every request has. */
export interface Outgoing {
  readonly method: string;
  /** '' inside a dialog, which knows its own. */
  readonly uri?: string;
  readonly dialogId?: string;
  readonly headers: SipHeaders;
  readonly body: string | null;
}

/** What becomes of a request: it was sent and is answered, at last by a final answer; or it was refused, once and at once. */
export interface OutgoingEvents {
  sent?(request: SipRequest, transactionId: string): void;
  /** @param dialogId of the dialog that the answer belongs to, if it does to one. */
  answered(response: SipResponse, dialogId: string): void;
  /** Nothing was sent. @param reason in the server's words. */
  refused(reason: string): void;
}

const unheard = (): void => undefined;

/** A request of which the server knows the rest. */
const bare = { transactionId: '', dialogId: '', nextHop: '', method: '', uri: '', headers: [], body: noBody };

/** What we send by the server in this process, and which answer belongs to what. */
export class ServerLine {
  readonly #resident: Resident;
  readonly #unanswered = new Map<string, OutgoingEvents>();

  constructor(resident: Resident) {
    this.#resident = resident;
  }

  request({ method, uri = '', dialogId = '', headers, body }: Outgoing, events: OutgoingEvents): void {
    const said = { method, uri: toWire(uri), headers: fieldsOf(headers), body: bodyOf(body) };
    this.#resident.request({ transactionId: '', dialogId, nextHop: '', ...said }, (reply) => {
      if (!reply.ok) return events.refused(reply.reason);
      this.#unanswered.set(reply.transactionId, events);
      if (reply.message.kind === 'request') events.sent?.(reply.message, reply.transactionId);
    });
  }

  /** ACK of a 2xx (RFC 3261 §13.2.2.4), PRACK of a reliable provisional answer (RFC 3262 §4): the dialog knows which. */
  acknowledge(method: 'ACK' | 'PRACK', dialogId: string): void {
    this.#resident.request({ ...bare, method, dialogId }, unheard);
  }

  /** CANCEL of an INVITE that was sent (RFC 3261 §9.1). Its final answer still comes. */
  cancel(transactionId: string): void {
    this.#resident.request({ ...bare, method: 'CANCEL', transactionId }, unheard);
  }

  /** @param replied with what was sent, or why nothing was. */
  respond(
    transactionId: string,
    status: number,
    { headers, body }: { readonly headers: SipHeaders; readonly body: string | null },
    replied: (reply: Reply) => void = unheard,
  ): void {
    const response = { transactionId, status, headers: fieldsOf(headers), body: bodyOf(body) };
    this.#resident.respond(response, replied);
  }

  /** An answer of the network to something that was sent. */
  answered(transactionId: string, response: SipResponse, dialogId: string): void {
    const events = this.#unanswered.get(transactionId);
    if (response.status >= 200) this.#unanswered.delete(transactionId);
    events?.answered(response, dialogId);
  }

  /** Nothing comes any more; whoever waits is told. */
  close(): void {
    this.#resident.leave();
    const waiting = [...this.#unanswered.values()];
    this.#unanswered.clear();
    for (const events of waiting) events.refused('the SIP server is closed');
  }
}
