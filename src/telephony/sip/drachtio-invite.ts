import type { DialogEvents, IncomingInvite, SipDialog, SipHeaders, SipSource } from '../sip-port.ts';
import { bodyOf, DrachtioDialog, responderFor } from './drachtio-dialog.ts';
import type { SrfApplication, SrfRequest, SrfResponse } from './drachtio-types.ts';
import { userOf } from './sip-uri.ts';

/** Headers that go on to the other leg beside X-…: identity (RFC 3325, RFC 3323), history and user data (RFC 7433). */
const handedOnNames = new Set(['p-asserted-identity', 'privacy', 'diversion', 'history-info', 'user-to-user']);
/** Names that only we may write. */
const ownPrefix = 'x-tonelock-';

const sdpType = { 'Content-Type': 'application/sdp' } as const;

export const sourceOf = (request: SrfRequest): SipSource => ({
  address: request.source_address,
  port: Number(request.source_port),
  protocol: request.protocol,
});

/** An INVITE from the network. Its headers are read once, at construction. */
export class DrachtioInvite implements IncomingInvite {
  readonly source: SipSource;
  readonly user: string;
  readonly fromUser: string;
  readonly fromName: string;
  readonly maxForwards: number;
  readonly handedOn: SipHeaders;
  readonly replaces: string | null;
  readonly sdp: string | null;
  readonly #application: Pick<SrfApplication, 'createUAS'>;
  readonly #request: SrfRequest;
  readonly #response: SrfResponse;
  readonly #answering: SipHeaders;
  readonly #reliable: 'no' | 'possible' | 'wanted';
  #cancelled = false;
  #answered = false;
  #onCancel: (() => void) | undefined;

  /** @throws {Error} when a header that every INVITE has cannot be read; the caller answers 400. */
  constructor(
    application: Pick<SrfApplication, 'createUAS'>,
    request: SrfRequest,
    response: SrfResponse,
    answering: SipHeaders,
  ) {
    this.#answering = answering;
    // The library would answer 200 and then find that it can make no dialog of it.
    if (!request.has('Contact')) throw new Error('no Contact');
    this.#application = application;
    this.#request = request;
    this.#response = response;
    const names = (header: string): boolean => request.has(header) && /\b100rel\b/i.test(request.get(header));
    this.#reliable = names('Require') ? 'wanted' : names('Supported') ? 'possible' : 'no';
    const from = request.getParsedHeader('from');
    this.source = sourceOf(request);
    this.user = userOf(request.uri);
    this.fromUser = userOf(from.uri);
    this.fromName = (from.name ?? '').replace(/^"|"$/g, '');
    this.maxForwards = request.has('Max-Forwards') ? Number(request.get('Max-Forwards')) : 70;
    this.handedOn = handedOn(request.headers);
    this.replaces = request.has('Replaces') ? request.get('Replaces') : null;
    this.sdp = bodyOf(request);
    request.on('cancel', () => {
      if (this.#cancelled) return;
      this.#cancelled = true;
      this.#onCancel?.();
    });
  }

  onCancel(listener: () => void): void {
    this.#onCancel = listener;
    if (this.#cancelled) listener();
  }

  progress(status: number, sdp: string | null): void {
    if (this.#cancelled || this.#answered) return;
    // RFC 3262 §3: reliably where the caller insists, and early media wherever the caller can: it is an answer, and a lost
    // one leaves the caller without sound.
    const reliably = this.#reliable === 'wanted' || (this.#reliable === 'possible' && sdp !== null);
    const headers = { ...(reliably ? { Require: '100rel' } : {}), ...(sdp === null ? {} : sdpType) };
    const body = sdp === null ? { headers } : { body: sdp, headers };
    try {
      this.#response.send(status, body, () => undefined);
    } catch {
      // A provisional status outside the library's list carries nothing that the caller could use.
    }
  }

  reject(status: number, headers?: SipHeaders): void {
    if (this.#cancelled || this.#answered) return;
    this.#answered = true;
    responderFor(this.#response).refuse(status, headers);
  }

  answer(sdp: string, events: DialogEvents, done: (dialog: SipDialog | undefined) => void): void {
    if (this.#cancelled || this.#answered) return done(undefined);
    this.#answered = true;
    let settled = false;
    const settle = (dialog: SipDialog | undefined): void => {
      // The library reports a CANCEL through the same callback, also after it has given us the dialog.
      if (settled) return;
      settled = true;
      done(dialog);
    };
    const options = { localSdp: sdp, headers: { ...this.#answering } };
    this.#application.createUAS(this.#request, this.#response, options, (error, dialog) =>
      settle(dialog === undefined || error !== null ? undefined : new DrachtioDialog(dialog, events)),
    );
  }
}

function handedOn(headers: Record<string, string>): SipHeaders {
  const kept = Object.entries(headers).filter(([name]) => {
    const lower = name.toLowerCase();
    return handedOnNames.has(lower) || (lower.startsWith('x-') && !lower.startsWith(ownPrefix));
  });
  return Object.fromEntries(kept);
}
