import type { Responder, SipHeaders } from '../../sip-port.ts';
import type { ServerLine } from './server-line.ts';

/** Answers one request, once. An answer that comes too late finds no transaction, and nothing is sent. */
export class ServerResponder implements Responder {
  readonly #line: ServerLine;
  readonly #transactionId: string;
  #answered = false;

  constructor(line: ServerLine, transactionId: string) {
    this.#line = line;
    this.#transactionId = transactionId;
  }

  accept(sdp: string | null, headers: SipHeaders = {}): void {
    this.#answer(200, sdp === null ? headers : { 'Content-Type': 'application/sdp', ...headers }, sdp);
  }

  acceptLater(): void {
    this.#answer(202, {}, null);
  }

  refuse(status: number, headers: SipHeaders = {}): void {
    this.#answer(status, headers, null);
  }

  #answer(status: number, headers: SipHeaders, body: string | null): void {
    if (this.#answered) return;
    this.#answered = true;
    this.#line.respond(this.#transactionId, status, { headers, body });
  }
}
