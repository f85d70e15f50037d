import type { Application } from '../client-protocol/applications.ts';
import type { Reply } from '../client-protocol/client.ts';
import type { Passage } from '../client-protocol/client-line.ts';
import type { ClientRequest, ClientResponse, SipWish } from '../client-protocol/client-message.ts';
import type { SipMessage } from '../message/sip-message.ts';
import { phraseOf } from '../message/status-phrase.ts';

/** Who gets what the network has for a resident. Never called while a call of the resident's own is under way. */
export type Passed = (message: SipMessage, passage: Passage) => void;

export type ResidentRequest = Omit<ClientRequest, 'kind' | 'id'>;
/** With the phrase that belongs to its status. */
export type ResidentResponse = Omit<ClientResponse, 'kind' | 'id' | 'reason'>;
export type Replied = (reply: Reply) => void;

export interface ResidentUser {
  onSip(resident: Resident, wish: SipWish): void;
  onLeft(resident: Resident): void;
}

const now = Promise.resolve();
/** After what is under way. Not queueMicrotask(), which makes an AsyncResource each time: a call has a dozen of these. */
const afterwards = (act: () => void): void => void now.then(act);

const gone: Reply = { ok: false, reason: 'the application has left' };

/**
 * An application in the server's own process. It is served as those that are connected are, with messages as they are instead of
 * texts. What it hears comes in the order of the events, each when whatever led to it is over: nobody is called back
 * from within a call.
 */
export class Resident implements Application {
  readonly routes: ReadonlySet<string>;
  readonly tags: ReadonlySet<string> = new Set();
  readonly #passed: Passed;
  readonly #user: ResidentUser;
  readonly #waiting = new Map<string, Replied>();
  #asked = 0;
  #here = true;

  /** @param methods of the requests that it wants, in upper case. */
  constructor(methods: readonly string[], passed: Passed, user: ResidentUser) {
    this.routes = new Set(methods.map((method) => method.toLowerCase()));
    this.#passed = passed;
    this.#user = user;
  }

  get connected(): boolean {
    return this.#here;
  }

  /** Sends a request. @param replied called once: with what was sent, or why nothing was. Answers are passed. */
  request(request: ResidentRequest, replied: Replied): void {
    const id = this.#enter(replied);
    const { headers, body, transactionId, dialogId, nextHop, method, uri } = request;
    const kind = 'request';
    if (id !== '') this.#user.onSip(this, { kind, id, headers, body, transactionId, dialogId, nextHop, method, uri });
  }

  /** Answers a request that was passed. @param replied called once, for a 2xx after what has to be acknowledged before it was. */
  respond(response: ResidentResponse, replied: Replied): void {
    const id = this.#enter(replied);
    const { headers, body, transactionId, status } = response;
    const reason = phraseOf(status);
    if (id !== '') this.#user.onSip(this, { kind: 'response', id, headers, body, transactionId, status, reason });
  }

  pass(message: SipMessage, passage: Passage): void {
    if (this.#here) afterwards(() => this.#passed(message, passage));
  }

  reply(messageId: string, reply: Reply): void {
    const replied = this.#waiting.get(messageId);
    this.#waiting.delete(messageId);
    if (replied !== undefined) afterwards(() => replied(reply));
  }

  /** It asks for no records, and proxies nothing. */
  record(): void {}
  proxied(): void {}

  /** As if a connected application had gone; whoever waits for a reply is told. Harmless when called twice. */
  leave(): void {
    if (!this.#here) return;
    this.#here = false;
    this.#user.onLeft(this);
    for (const id of [...this.#waiting.keys()]) this.reply(id, gone);
  }

  /** @returns under which id the reply is awaited; `''` when nothing can be asked any more. */
  #enter(replied: Replied): string {
    if (!this.#here) {
      afterwards(() => replied(gone));
      return '';
    }
    this.#asked += 1;
    const id = String(this.#asked);
    this.#waiting.set(id, replied);
    return id;
  }
}
