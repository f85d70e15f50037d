import { randomBytes } from 'node:crypto';
import { deferred } from './deferred.ts';
import type { RtpPhone, RtpPhoneOptions } from './rtp-phone.ts';
import type { ReceivedSip, SipAddress } from './sip-peer.ts';
import { type answerTo, header, sipRequest, tagOf, uriOf } from './sip-text.ts';

export interface Dialog {
  readonly callId: string;
  readonly local: string;
  remote: string;
  target: string;
}

/** How a phone takes a call. */
export interface AnswerOptions {
  /** Milliseconds between 180 and 200; `never` rings on. */
  readonly ringMs?: number | 'never';
  /** `false` leaves telephone-event out of the answer. */
  readonly events?: boolean;
  /** What it refuses with, instead of answering: `486 Busy Here`. */
  readonly refuse?: string;
  readonly rtp?: RtpPhoneOptions;
}

/** What a call needs of the phone that it is on. */
export interface PhoneLine {
  readonly hostPort: string;
  send(text: string, to: SipAddress): void;
  respond(request: ReceivedSip, line: string, more?: Parameters<typeof answerTo>[2]): void;
  request(
    text: (branch: string) => string,
    to: SipAddress,
    options?: { readonly branch?: string; readonly provisional?: (response: ReceivedSip) => void },
  ): Promise<ReceivedSip>;
}

type Headers = readonly (readonly [string, string])[];
type Content = { readonly headers?: Headers; readonly body?: string };

const retransmitMs = 500;
const retransmitsMax = 10;
const sdpType: Headers = [['Content-Type', 'application/sdp']];

/** One call of a `SipPhone`: its dialog and its sound. */
export class PhoneCall {
  readonly rtp: RtpPhone;
  readonly dialog: Dialog;
  /** Every request and response of this call that came in, oldest first. */
  readonly messages: ReceivedSip[] = [];
  /** What the other side described last, and what this side did. */
  remoteSdp = '';
  localSdp = '';
  over = false;
  /** What a re-INVITE or UPDATE is answered with, where not by the description of the RTP phone. */
  answerOffer: ((offer: ReceivedSip) => { readonly line: string; readonly body?: string }) | undefined;
  readonly #line: PhoneLine;
  readonly #peer: SipAddress;
  readonly #answered = deferred<void>();
  readonly #ended = deferred<ReceivedSip | undefined>();
  readonly #final = deferred<ReceivedSip>();
  readonly #branch = `z9hG4bK${randomBytes(8).toString('hex')}`;
  #cseq = 1;
  #invite: ReceivedSip | undefined;
  #ack: string | undefined;
  #resend: NodeJS.Timeout | undefined;
  #ring: NodeJS.Timeout | undefined;
  #events = true;

  constructor(line: PhoneLine, peer: SipAddress, rtp: RtpPhone, dialog: Dialog) {
    this.#line = line;
    this.#peer = peer;
    this.rtp = rtp;
    this.dialog = dialog;
  }

  /** Resolves when both sides have agreed (200 and ACK); rejects when the call came to nothing. */
  get answered(): Promise<void> {
    return this.#answered.promise;
  }

  /** Resolves with the BYE or CANCEL that ended the call, or with undefined when this side ended it. */
  get ended(): Promise<ReceivedSip | undefined> {
    return this.#ended.promise;
  }

  /** The final response to our INVITE, whatever it is. */
  get final(): Promise<ReceivedSip> {
    return this.#final.promise;
  }

  /** The INVITE that brought the call. */
  get invite(): ReceivedSip | undefined {
    return this.#invite;
  }

  start(offer: string): void {
    this.localSdp = offer;
    const provisional = (response: ReceivedSip): void => {
      if (response.body !== '') this.#follow(response.body);
    };
    const text = (branch: string): string => this.#text('INVITE', branch, 1, this.#content(offer));
    this.#line.request(text, this.#peer, { branch: this.#branch, provisional }).then(
      (response) => this.#concluded(response),
      (error: Error) => this.#answered.reject(error),
    );
  }

  /** Gives up before the answer. */
  async cancel(): Promise<ReceivedSip> {
    const text = (branch: string): string => this.#text('CANCEL', branch, 1);
    return this.#line.request(text, this.#peer, { branch: this.#branch });
  }

  /** Takes an INVITE as `options` say. */
  arrived(invite: ReceivedSip, options: AnswerOptions): void {
    this.#invite = invite;
    this.#events = options.events !== false;
    if (options.refuse !== undefined) return this.refuse(options.refuse);
    this.#line.respond(invite, '180 Ringing', { toTag: tagOf(this.dialog.local), headers: this.#contact() });
    if (options.ringMs === 'never') return;
    this.#ring = setTimeout(() => this.answer(), options.ringMs ?? 20);
  }

  /** 183 with a description: sound before the answer. */
  early(): void {
    if (this.#invite === undefined) return;
    this.#describe(this.#invite);
    this.#line.respond(this.#invite, '183 Session Progress', {
      toTag: tagOf(this.dialog.local),
      ...this.#content(this.localSdp),
    });
  }

  answer(): void {
    const invite = this.#invite;
    if (invite === undefined || this.over) return;
    this.#describe(invite);
    this.#offered(invite, '200 OK', this.localSdp);
  }

  /** Any request within the dialog; resolves with its final response. */
  request(method: string, content: Content = {}): Promise<ReceivedSip> {
    this.#cseq += 1;
    const number = this.#cseq;
    return this.#line.request((branch) => this.#text(method, branch, number, content), this.#peer);
  }

  async bye(headers: Headers = []): Promise<ReceivedSip> {
    this.#finish(undefined);
    return this.request('BYE', { headers });
  }

  /** A key by SIP INFO. */
  info(body: string, type = 'application/dtmf-relay'): Promise<ReceivedSip> {
    return this.request('INFO', { headers: [['Content-Type', type]], body });
  }

  async reinvite(offer: string): Promise<ReceivedSip> {
    const response = await this.request('INVITE', this.#content(offer));
    const [number, ok] = [this.#cseq, (response.status ?? 0) < 300];
    // A refusal is acknowledged on the branch of the INVITE itself (RFC 3261 §17.1.1.3).
    const branch = /branch=([^;,\s]+)/.exec(header(response, 'via'))?.[1] ?? '';
    this.#ack = this.#text('ACK', ok ? `z9hG4bK${randomBytes(8).toString('hex')}` : branch, number);
    this.#line.send(this.#ack, this.#peer);
    if (ok) this.#follow(response.body);
    return response;
  }

  heard(response: ReceivedSip): void {
    this.messages.push(response);
    const again = response.method === 'INVITE' && (response.status ?? 0) >= 200 && this.#ack !== undefined;
    if (again) this.#line.send(this.#ack ?? '', this.#peer);
  }

  requested(request: ReceivedSip): void {
    this.messages.push(request);
    if (request.method === 'ACK') return this.#acknowledged(request);
    if (request.method === 'CANCEL') return this.#cancelled(request);
    if (request.method === 'INVITE' || request.method === 'UPDATE') return this.#reoffered(request);
    const known = ['BYE', 'INFO', 'OPTIONS', 'PRACK', 'NOTIFY', 'REFER'].includes(request.method);
    this.#line.respond(request, known ? '200 OK' : '405 Method Not Allowed');
    if (request.method === 'BYE') this.#finish(request);
  }

  /** Falls silent: no BYE, no sound. */
  async dispose(): Promise<void> {
    this.#finish(undefined);
    await this.rtp.close().catch(() => undefined);
  }

  #concluded(response: ReceivedSip): void {
    const ok = (response.status ?? 0) < 300;
    this.dialog.remote = header(response, 'to');
    const contact = header(response, 'contact');
    if (ok && contact !== '') this.dialog.target = uriOf(contact);
    this.#ack = this.#text('ACK', ok ? `z9hG4bK${randomBytes(8).toString('hex')}` : this.#branch, 1);
    this.#line.send(this.#ack, this.#peer);
    this.#final.resolve(response);
    if (!ok) {
      this.#answered.reject(new Error(response.startLine));
      return this.#finish(undefined);
    }
    this.#follow(response.body);
    this.#answered.resolve();
  }

  #describe(invite: ReceivedSip): void {
    if (invite.body !== '') this.#follow(invite.body);
    if (this.localSdp === '') this.localSdp = this.rtp.sdp({ events: this.#events });
  }

  #reoffered(request: ReceivedSip): void {
    const made = this.answerOffer?.(request) ?? {
      line: '200 OK',
      body: this.rtp.sdp({ events: this.#events, version: 2 }),
    };
    const accepted = made.line.startsWith('2');
    if (accepted && request.body !== '') this.#follow(request.body);
    const body = request.method === 'UPDATE' && request.body === '' ? undefined : made.body;
    if (request.method === 'INVITE') this.#offered(request, made.line, accepted ? body : undefined);
    else this.#line.respond(request, made.line, this.#content(accepted ? body : undefined));
  }

  /** A final response to an INVITE, sent again until the ACK comes (RFC 3261 §13.3.1.4). */
  #offered(invite: ReceivedSip, line: string, body: string | undefined): void {
    const content = { toTag: tagOf(this.dialog.local), ...this.#content(body) };
    let left = retransmitsMax;
    const send = (): void => {
      left -= 1;
      if (left < 0) return clearInterval(this.#resend);
      this.#line.respond(invite, line, content);
    };
    clearInterval(this.#resend);
    this.#resend = setInterval(send, retransmitMs);
    send();
  }

  #acknowledged(ack: ReceivedSip): void {
    clearInterval(this.#resend);
    if (ack.body !== '') this.#follow(ack.body);
    if (!this.over) this.#answered.resolve();
  }

  #cancelled(cancel: ReceivedSip): void {
    this.#line.respond(cancel, '200 OK', { toTag: tagOf(this.dialog.local) });
    this.refuse('487 Request Terminated');
    this.#finish(cancel);
  }

  /** Says no to the INVITE. */
  refuse(line: string): void {
    if (this.#invite !== undefined) this.#offered(this.#invite, line, undefined);
    this.#answered.reject(new Error(line));
  }

  #finish(by: ReceivedSip | undefined): void {
    this.over = true;
    clearTimeout(this.#ring);
    if (by === undefined || by.method === 'BYE') clearInterval(this.#resend);
    this.rtp.stopTalking();
    this.#ended.resolve(by);
  }

  #follow(sdp: string): void {
    this.remoteSdp = sdp;
    this.rtp.follow(sdp);
  }

  #contact(): Headers {
    return [['Contact', `<sip:phone@${this.#line.hostPort}>`]];
  }

  #content(body: string | undefined): { headers: Headers; body?: string } {
    return body === undefined ? { headers: this.#contact() } : { headers: [...this.#contact(), ...sdpType], body };
  }

  #text(method: string, branch: string, cseq: number, content: Content = {}): string {
    const { callId, local, remote, target } = this.dialog;
    const headers: Headers = content.headers ?? [];
    const body = content.body === undefined ? {} : { body: content.body };
    return sipRequest(method, target, {
      via: this.#line.hostPort,
      branch,
      from: local,
      to: remote,
      callId,
      cseq,
      headers,
      ...body,
    });
  }
}
