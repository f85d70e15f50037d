import type { DialogEvents, DialogIdentity, Responder, SipDialog, SipHeaders } from '../../sip-port.ts';
import {
  type DialogMessage,
  goneStatus,
  goodbye,
  information,
  newOffer,
  statusOfRefusal,
  transferNotice,
} from '../dialog-messages.ts';
import { type DialogRequest, serveInDialog } from '../dialog-requests.ts';
import type { SrfDialog, SrfRequest, SrfResponse } from './drachtio-types.ts';

/** One drachtio dialog as a leg's signalling. Listeners are attached in the constructor, before anything can arrive. */
export class DrachtioDialog implements SipDialog {
  readonly identity: DialogIdentity;
  readonly #dialog: SrfDialog;
  #over = false;
  #forget: () => void = () => undefined;

  constructor(dialog: SrfDialog, events: DialogEvents) {
    this.#dialog = dialog;
    this.identity = { remoteTarget: dialog.remote.uri, ...dialog.sip };
    const end = (reason: string): void => {
      this.#forget();
      if (this.#over) return;
      this.#over = true;
      events.hungUp(reason === '' ? 'normal release' : reason);
    };
    this.#forget = dialog.link?.whileDialog(() => end('sip-server-lost')) ?? (() => undefined);
    dialog.on('destroy', (_, reason) => end(reason));
    // What crosses our BYE belongs to a dialog that is over (RFC 3261 §15.1.2).
    const serve = (response: SrfResponse, handle: (responder: Responder) => void): void => {
      const responder = responderFor(response);
      if (this.#over) responder.refuse(goneStatus);
      else handle(responder);
    };
    for (const event of ['modify', 'update', 'info', 'refer', 'message']) {
      dialog.on(event, (request, response) =>
        serve(response, (responder) => serveInDialog(readable(request), responder, events)),
      );
    }
    dialog.on('ack', (request) => events.acknowledged(bodyOf(request)));
  }

  bye(reason: string): Promise<void> {
    if (this.#over) return Promise.resolve();
    this.#over = true;
    const { headers } = goodbye(reason);
    this.#forget();
    return this.#answered<void>(undefined, (resolve) => this.#dialog.destroy({ headers }, () => resolve()));
  }

  async offer(sdp: string): Promise<{ status: number; sdp: string | null }> {
    const message = newOffer(sdp);
    const headers = { Contact: this.#dialog.local.contact, ...message.headers };
    const response = await this.#request({ ...message, headers });
    return typeof response === 'number'
      ? { status: response, sdp: null }
      : { status: response.status, sdp: bodyOf(response) };
  }

  async info(contentType: string, body: string): Promise<number> {
    const response = await this.#request(information(contentType, body));
    return typeof response === 'number' ? response : response.status;
  }

  notifyTransfer(status: number): void {
    void this.#request(transferNotice(status));
  }

  /** @returns the final response, or the status that says why nothing was sent. */
  #request({ method, headers, body }: DialogMessage): Promise<SrfResponse | number> {
    if (this.#over) return Promise.resolve(goneStatus);
    return this.#answered<SrfResponse | number>(goneStatus, (resolve) =>
      this.#dialog.request({ method, headers: { ...headers }, body: body ?? undefined }, (error, response) => {
        if (error !== null || response === undefined) resolve(statusOfRefusal(textOf(error)));
        // The library hands over provisional answers, too, each by a call of its own.
        else if (response.status >= 200) resolve(response);
      }),
    );
  }

  /** Settles with `none` when asking fails at once, and when the link to the SIP server is lost: no answer comes then. */
  #answered<T>(none: T, ask: (resolve: (answer: T) => void) => void): Promise<T> {
    return new Promise((resolve) => {
      const forget = this.#dialog.link?.whileWaiting(() => resolve(none));
      const settle = (answer: T): void => {
        forget?.();
        resolve(answer);
      };
      try {
        ask(settle);
      } catch {
        settle(none);
      }
    });
  }
}

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

export const bodyOf = (message: { readonly body: string | undefined }): string | null =>
  message.body === undefined || message.body === '' ? null : message.body;

const readable = (request: SrfRequest): DialogRequest => ({
  method: request.method,
  body: bodyOf(request),
  header: (name) => (request.has(name) ? request.get(name) : ''),
});

/** Answers once, and swallows what the stack says of an answer that came too late: the transaction is over then. */
export function responderFor(response: SrfResponse): Responder {
  let answered = false;
  const send = (status: number, options: object): void => {
    if (answered) return;
    answered = true;
    try {
      response.send(status, options, () => undefined);
    } catch {
      // A status that the library does not know: 500 says as much (RFC 3261 §8.1.3.2).
      response.send(500, {}, () => undefined);
    }
  };
  return {
    acceptLater: () => send(202, {}),
    accept: (sdp, headers = {}) => {
      if (sdp === null) return send(200, { headers: { ...headers } });
      send(200, { headers: { 'Content-Type': 'application/sdp', ...headers }, body: sdp });
    },
    refuse: (status, headers?: SipHeaders) => send(status, { headers: { ...headers } }),
  };
}
