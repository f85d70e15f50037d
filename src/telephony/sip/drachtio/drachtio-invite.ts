import { ownText } from '../../own-text.ts';
import type { DialogEvents, IncomingInvite, SipDialog, SipHeaders, SipPort, SipSource } from '../../sip-port.ts';
import { isHandedOn, progressHeaders, type Reliability, reliabilityOf } from '../invite-terms.ts';
import { userOf } from '../sip-uri.ts';
import { bodyOf, DrachtioDialog, responderFor } from './drachtio-dialog.ts';
import type { SrfApplication, SrfRequest, SrfResponse } from './drachtio-types.ts';

interface Pending {
  readonly request: SrfRequest;
  readonly response: SrfResponse;
  settled(): void;
}

export const sourceOf = (request: SrfRequest): SipSource => ({
  address: request.source_address,
  port: Number(request.source_port),
  protocol: request.protocol,
});

/** What is the same for every INVITE that comes by one stack. */
export interface InviteTerms {
  readonly application: Pick<SrfApplication, 'createUAS'>;
  /** Headers of a 200. */
  readonly answering: SipHeaders;
  readonly way: SipPort | null;
}

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
  readonly way: SipPort | null;
  readonly #terms: InviteTerms;
  /** Let go with the final answer: an INVITE object lives as long as its call. */
  #pending: Pending | undefined;
  readonly #reliable: Reliability;
  #cancelled = false;
  #onCancel: (() => void) | undefined;

  /**
   * @param settled called when there is nothing left to answer.
   * @throws {Error} when a header that every INVITE has cannot be read; the caller answers 400.
   */
  constructor(terms: InviteTerms, request: SrfRequest, response: SrfResponse, settled: () => void) {
    this.#terms = terms;
    this.way = terms.way;
    // The library would answer 200 and then find that it can make no dialog of it.
    if (!request.has('Contact')) throw new Error('no Contact');
    this.#pending = { request, response, settled };
    const header = (name: string): string => (request.has(name) ? request.get(name) : '');
    this.#reliable = reliabilityOf(header('Require'), header('Supported'));
    const from = request.getParsedHeader('from');
    this.source = sourceOf(request);
    this.user = ownText(userOf(request.uri));
    this.fromUser = ownText(userOf(from.uri));
    this.fromName = ownText((from.name ?? '').replace(/^"|"$/g, ''));
    this.maxForwards = request.has('Max-Forwards') ? Number(request.get('Max-Forwards')) : 70;
    this.handedOn = handedOn(request.headers);
    this.replaces = request.has('Replaces') ? ownText(request.get('Replaces')) : null;
    this.sdp = bodyOf({ body: ownText(request.body ?? '') });
    request.on('cancel', () => {
      if (this.#cancelled) return;
      this.#cancelled = true;
      settled();
      this.#onCancel?.();
    });
  }

  onCancel(listener: () => void): void {
    this.#onCancel = listener;
    if (this.#cancelled) listener();
  }

  progress(status: number, sdp: string | null): void {
    if (this.#cancelled || this.#pending === undefined) return;
    const headers = progressHeaders(this.#reliable, sdp);
    const body = sdp === null ? { headers } : { body: sdp, headers };
    try {
      this.#pending.response.send(status, body, () => undefined);
    } catch {
      // A provisional status outside the library's list carries nothing that the caller could use.
    }
  }

  reject(status: number, headers?: SipHeaders): void {
    const pending = this.#take();
    if (pending !== undefined) responderFor(pending.response).refuse(status, headers);
  }

  answer(sdp: string, events: DialogEvents, done: (dialog: SipDialog | undefined) => void): void {
    const pending = this.#take();
    if (pending === undefined) return done(undefined);
    let settled = false;
    const settle = (dialog: SipDialog | undefined): void => {
      // The library reports a CANCEL through the same callback, also after it has given us the dialog.
      if (settled) return;
      settled = true;
      done(dialog);
    };
    const options = { localSdp: sdp, headers: { ...this.#terms.answering } };
    this.#terms.application.createUAS(pending.request, pending.response, options, (error, dialog) =>
      settle(dialog === undefined || error !== null ? undefined : new DrachtioDialog(dialog, events)),
    );
  }

  /** What can still be answered, once. */
  #take(): Pending | undefined {
    const pending = this.#cancelled ? undefined : this.#pending;
    this.#pending = undefined;
    pending?.settled();
    return pending;
  }
}

const handedOn = (headers: Record<string, string>): SipHeaders =>
  Object.fromEntries(
    Object.entries(headers)
      .filter(([name]) => isHandedOn(name))
      .map(([name, value]) => [ownText(name), ownText(value)]),
  );
