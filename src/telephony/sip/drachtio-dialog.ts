import type { DialogEvents, Responder, SipDialog, SipHeaders } from '../sip-port.ts';
import type { SrfDialog, SrfRequest, SrfResponse } from './drachtio-types.ts';

/** How long a request inside a dialog may stay without a final answer (RFC 3261 §17.1.2.2, timer F) before we give up. */
export const silentStatus = 408;

/** One drachtio dialog as a leg's signalling. Listeners are attached in the constructor, before anything can arrive. */
export class DrachtioDialog implements SipDialog {
  readonly #dialog: SrfDialog;
  #over = false;

  constructor(dialog: SrfDialog, events: DialogEvents) {
    this.#dialog = dialog;
    dialog.on('destroy', (_, reason) => {
      if (this.#over) return;
      this.#over = true;
      events.hungUp(reason === '' ? 'normal release' : reason);
    });
    dialog.on('modify', (request, response) => events.offered(bodyOf(request), responderFor(response)));
    dialog.on('update', (request, response) => {
      const sdp = bodyOf(request);
      // An UPDATE without an offer refreshes the session and changes nothing (RFC 4028 §7.4).
      if (sdp === null) responderFor(response).accept(null);
      else events.offered(sdp, responderFor(response));
    });
    dialog.on('ack', (request) => events.acknowledged(bodyOf(request)));
    dialog.on('info', (request, response) =>
      events.info(headerOf(request, 'Content-Type'), request.body ?? '', responderFor(response)),
    );
    dialog.on('refer', (request, response) => events.referred(headerOf(request, 'Refer-To'), responderFor(response)));
    dialog.on('message', (_, response) => responderFor(response).refuse(405, { Allow: allowedMethods }));
  }

  bye(reason: string): Promise<void> {
    if (this.#over) return Promise.resolve();
    this.#over = true;
    // RFC 3326 §2; the text is ours and holds no quotation mark.
    const headers = { Reason: `SIP;cause=200;text="${reason}"` };
    return new Promise((resolve) => {
      try {
        this.#dialog.destroy({ headers }, () => resolve());
      } catch {
        resolve();
      }
    });
  }

  async offer(sdp: string): Promise<{ status: number; sdp: string | null }> {
    const response = await this.#request({
      method: 'INVITE',
      body: sdp,
      headers: { 'Content-Type': 'application/sdp', Contact: this.#dialog.local.contact },
    });
    return response === undefined
      ? { status: silentStatus, sdp: null }
      : { status: response.status, sdp: bodyOf(response) };
  }

  async info(contentType: string, body: string): Promise<number> {
    const response = await this.#request({ method: 'INFO', body, headers: { 'Content-Type': contentType } });
    return response?.status ?? silentStatus;
  }

  #request(options: object): Promise<SrfResponse | undefined> {
    if (this.#over) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      try {
        this.#dialog.request(options, (error, response) => resolve(error === null ? response : undefined));
      } catch {
        resolve(undefined);
      }
    });
  }
}

/** What this gateway serves; said where a method is refused (RFC 3261 §21.4.6). */
export const allowedMethods = 'INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, UPDATE, PRACK';

export const bodyOf = (message: { readonly body: string | undefined }): string | null =>
  message.body === undefined || message.body === '' ? null : message.body;

const headerOf = (request: SrfRequest, name: string): string => (request.has(name) ? request.get(name) : '');

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
    accept: (sdp) => send(200, sdp === null ? {} : { body: sdp, headers: { 'Content-Type': 'application/sdp' } }),
    refuse: (status, headers?: SipHeaders) => send(status, { headers: { ...headers } }),
  };
}
