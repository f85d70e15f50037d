import type { DialogEvents, DialogIdentity, Responder, SipDialog, SipHeaders } from '../sip-port.ts';
import type { SrfDialog, SrfRequest, SrfResponse } from './drachtio-types.ts';
import { readReferTo } from './refer-to.ts';

/** RFC 3261 §12.2.1.2: the dialog is no more; §14.1: not now. */
const goneStatus = 481;
const busyStatus = 491;

/** One drachtio dialog as a leg's signalling. Listeners are attached in the constructor, before anything can arrive. */
export class DrachtioDialog implements SipDialog {
  readonly identity: DialogIdentity;
  readonly #dialog: SrfDialog;
  #over = false;
  #forget: () => void = () => undefined;

  constructor(dialog: SrfDialog, events: DialogEvents) {
    this.#dialog = dialog;
    this.identity = { ...dialog.sip, remoteTarget: dialog.remote.uri };
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
      if (this.#over) responder.refuse(481);
      else handle(responder);
    };
    dialog.on('modify', (request, response) =>
      serve(response, (responder) => events.offered(bodyOf(request), responder)),
    );
    dialog.on('update', (request, response) =>
      serve(response, (responder) => {
        const sdp = bodyOf(request);
        // An UPDATE without an offer refreshes the session and changes nothing (RFC 4028 §7.4).
        if (sdp === null) responder.accept(null);
        else events.offered(sdp, responder);
      }),
    );
    dialog.on('ack', (request) => events.acknowledged(bodyOf(request)));
    dialog.on('info', (request, response) =>
      serve(response, (responder) => events.info(headerOf(request, 'Content-Type'), request.body ?? '', responder)),
    );
    dialog.on('refer', (request, response) =>
      serve(response, (responder) => {
        const target = readReferTo(headerOf(request, 'Refer-To'));
        if (target === undefined) responder.refuse(400);
        else events.referred(target.user, target.replaces, responder);
      }),
    );
    dialog.on('message', (_, response) => responderFor(response).refuse(405, { Allow: allowedMethods }));
  }

  bye(reason: string): Promise<void> {
    if (this.#over) return Promise.resolve();
    this.#over = true;
    // RFC 3326 §2; the text is ours and holds no quotation mark.
    const headers = { Reason: `SIP;cause=200;text="${reason}"` };
    this.#forget();
    return this.#answered<void>(undefined, (resolve) => this.#dialog.destroy({ headers }, () => resolve()));
  }

  async offer(sdp: string): Promise<{ status: number; sdp: string | null }> {
    const response = await this.#request({
      method: 'INVITE',
      body: sdp,
      headers: { 'Content-Type': 'application/sdp', Contact: this.#dialog.local.contact },
    });
    return typeof response === 'number'
      ? { status: response, sdp: null }
      : { status: response.status, sdp: bodyOf(response) };
  }

  async info(contentType: string, body: string): Promise<number> {
    const response = await this.#request({ method: 'INFO', body, headers: { 'Content-Type': contentType } });
    return typeof response === 'number' ? response : response.status;
  }

  notifyTransfer(status: number): void {
    const state = status < 200 ? 'active;expires=60' : 'terminated;reason=noresource';
    void this.#request({
      method: 'NOTIFY',
      headers: { Event: 'refer', 'Subscription-State': state, 'Content-Type': 'message/sipfrag;version=2.0' },
      body: `SIP/2.0 ${status} ${status < 200 ? 'Trying' : status < 300 ? 'OK' : 'Failed'}\r\n`,
    });
  }

  /** @returns the final response, or the status that says why nothing was sent. */
  #request(options: object): Promise<SrfResponse | number> {
    if (this.#over) return Promise.resolve(goneStatus);
    return this.#answered<SrfResponse | number>(goneStatus, (resolve) =>
      this.#dialog.request(options, (error, response) => {
        if (error !== null || response === undefined) resolve(statusOfRefusal(error));
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

/**
 * What a refusal of the SIP server itself means: the dialog is gone, or an INVITE of the other side is under way, which
 * is as if that had been answered 491 (RFC 3261 §14.1).
 */
const statusOfRefusal = (error: unknown): number =>
  /unable to find dialog/i.test(error instanceof Error ? error.message : String(error)) ? goneStatus : busyStatus;

/** What this gateway serves; said where a method is refused (RFC 3261 §21.4.6). */
export const allowedMethods = 'INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, UPDATE, PRACK, REFER';

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
    acceptLater: () => send(202, {}),
    accept: (sdp, headers = {}) => {
      const type = sdp === null ? {} : { 'Content-Type': 'application/sdp' };
      send(200, { headers: { ...headers, ...type }, ...(sdp === null ? {} : { body: sdp }) });
    },
    refuse: (status, headers?: SipHeaders) => send(status, { headers: { ...headers } }),
  };
}
