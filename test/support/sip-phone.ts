import { randomBytes } from 'node:crypto';
import { type AnswerOptions, PhoneCall, type PhoneLine } from './phone-call.ts';
import { RtpPhone, type RtpPhoneOptions } from './rtp-phone.ts';
import { type ReceivedSip, type SipAddress, SipPeer } from './sip-peer.ts';
import { answerTo, header, type SipText, tagOf, uriOf } from './sip-text.ts';

const retransmitMs = 500;

export interface CallOptions {
  readonly user?: string;
  readonly rtp?: RtpPhoneOptions;
  readonly events?: boolean;
  /** An offer other than that of its own RTP phone. */
  readonly offer?: string;
}

/** A well-behaved SIP telephone for tests: many calls on one socket, each with an RTP phone of its own. */
export class SipPhone implements PhoneLine {
  readonly peer: SipPeer;
  readonly calls: PhoneCall[] = [];
  answers: AnswerOptions = {};
  readonly #arrivals = new Set<{ fits(call: PhoneCall): boolean; take(call: PhoneCall): void }>();
  readonly #waitingCalls: PhoneCall[] = [];
  readonly #transactions = new Map<string, (response: ReceivedSip) => void>();
  /** Ends each request that still waits for its answer: what was never answered must not be sent again after closing. */
  readonly #waiting = new Set<(why: string) => void>();
  /** Answers by transaction, so that a request that comes twice is answered twice and acted on once. */
  readonly #answered = new Map<string, string>();
  readonly #dialogs = new Map<string, PhoneCall>();

  private constructor(peer: SipPeer) {
    this.peer = peer;
    peer.onMessage = (message) => this.#receive(message);
  }

  static async open(port?: number): Promise<SipPhone> {
    return new SipPhone(await SipPeer.open(port));
  }

  get hostPort(): string {
    return this.peer.hostPort;
  }

  send(text: string, to: SipAddress): void {
    this.peer.send(text, to);
  }

  /** The next call that comes in: at its INVITE, before it is answered. Calls are handed out in the order of their coming. */
  arrival(withinMs = 5000): Promise<PhoneCall> {
    return this.#arrival('any user', () => true, withinMs);
  }

  /** The next call for a user: the user part of the Request-URI. */
  arrivalFor(user: string, withinMs = 10_000): Promise<PhoneCall> {
    return this.#arrival(user, (call) => call.invite?.startLine.startsWith(`INVITE sip:${user}@`) === true, withinMs);
  }

  #arrival(whom: string, fits: (call: PhoneCall) => boolean, withinMs: number): Promise<PhoneCall> {
    const at = this.#waitingCalls.findIndex(fits);
    const [early] = at < 0 ? [] : this.#waitingCalls.splice(at, 1);
    if (early !== undefined) return Promise.resolve(early);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#arrivals.delete(taker);
        reject(new Error(`no call for ${whom} within ${withinMs} ms`));
      }, withinMs);
      const taker = {
        fits,
        take: (call: PhoneCall) => {
          clearTimeout(timer);
          this.#arrivals.delete(taker);
          resolve(call);
        },
      };
      this.#arrivals.add(taker);
    });
  }

  /** Sends an INVITE. Await `answered` of the call, or its `final` for the status. */
  async call(uri: string, proxy: SipAddress, options: CallOptions = {}): Promise<PhoneCall> {
    const rtp = await RtpPhone.open(options.rtp);
    const from = `<sip:${options.user ?? 'customer'}@${this.peer.hostPort}>;tag=${randomBytes(6).toString('hex')}`;
    const dialog = { callId: `${randomBytes(9).toString('hex')}@test`, local: from, remote: `<${uri}>`, target: uri };
    const call = this.#add(new PhoneCall(this, proxy, rtp, dialog));
    const sdp = options.offer ?? rtp.sdp({ events: options.events !== false });
    call.start(sdp);
    return call;
  }

  /** Sends a request and resolves with its final response; provisional ones go to `provisional`. */
  request(
    text: (branch: string) => string,
    to: SipAddress,
    options: {
      readonly branch?: string;
      readonly provisional?: (response: ReceivedSip) => void;
      readonly withinMs?: number;
    } = {},
  ): Promise<ReceivedSip> {
    const branch = options.branch ?? `z9hG4bK${randomBytes(8).toString('hex')}`;
    const message = text(branch);
    const method = message.split(' ')[0] ?? '';
    const key = `${branch} ${method}`;
    const limit = options.withinMs ?? 35_000;
    return new Promise((resolve, reject) => {
      const fail = (why: string): void => settle(() => reject(new Error(`no answer to ${method} ${why}`)));
      const resend = setInterval(() => this.peer.send(message, to), retransmitMs);
      const timer = setTimeout(() => fail(`within ${limit} ms`), limit);
      const settle = (act: () => void): void => {
        clearInterval(resend);
        clearTimeout(timer);
        this.#waiting.delete(fail);
        act();
      };
      this.#waiting.add(fail);
      this.#transactions.set(key, (response) => {
        clearInterval(resend);
        if ((response.status ?? 0) < 200) options.provisional?.(response);
        // The entry stays: a final response that comes again must find its ACK again (RFC 3261 §13.2.2.4).
        else settle(() => resolve(response));
      });
      this.peer.send(message, to);
    });
  }

  /** Answers a request, and again whenever it comes again. */
  respond(request: ReceivedSip, line: string, more: Parameters<typeof answerTo>[2] = {}): void {
    const text = answerTo(request, line, more);
    this.#answered.set(keyOf(request), text);
    this.peer.send(text, request.from);
  }

  /** Lets go of a call that is over, so that thousands can follow it. */
  async forget(call: PhoneCall): Promise<void> {
    this.calls.splice(this.calls.indexOf(call), 1);
    this.#dialogs.delete(call.dialog.callId);
    await call.dispose();
  }

  /** Drops every call without a word and closes all sockets. */
  async close(): Promise<void> {
    for (const fail of this.#waiting) fail('before the phone was closed');
    await Promise.all(this.calls.map((call) => call.dispose()));
    await this.peer.close();
  }

  #add(call: PhoneCall): PhoneCall {
    this.calls.push(call);
    this.#dialogs.set(call.dialog.callId, call);
    return call;
  }

  #receive(message: ReceivedSip): void {
    if (message.status !== undefined) {
      const branch = /branch=([^;,\s]+)/.exec(header(message, 'via'))?.[1] ?? '';
      this.#dialogs.get(header(message, 'call-id'))?.heard(message);
      return this.#transactions.get(`${branch} ${message.method}`)?.(message);
    }
    const repeated = message.method === 'ACK' ? undefined : this.#answered.get(keyOf(message));
    if (repeated !== undefined) return this.peer.send(repeated, message.from);
    const call = this.#dialogs.get(header(message, 'call-id'));
    if (call !== undefined) return call.requested(message);
    if (message.method === 'INVITE') return void this.#arrive(message);
    if (message.method === 'OPTIONS') return this.respond(message, '200 OK', { toTag: 'options' });
    if (message.method !== 'ACK') this.respond(message, '481 Call/Transaction Does Not Exist', { toTag: 'none' });
  }

  async #arrive(invite: ReceivedSip): Promise<void> {
    this.#answered.set(keyOf(invite), answerTo(invite, '100 Trying'));
    const rtp = await RtpPhone.open(this.answers.rtp);
    const tag = randomBytes(6).toString('hex');
    const dialog = {
      callId: header(invite, 'call-id'),
      local: `${header(invite, 'to')};tag=${tag}`,
      remote: header(invite, 'from'),
      target: uriOf(header(invite, 'contact')),
    };
    const call = this.#add(new PhoneCall(this, invite.from, rtp, dialog));
    call.arrived(invite, this.answers);
    const taker = [...this.#arrivals].find((one) => one.fits(call));
    if (taker === undefined) this.#waitingCalls.push(call);
    else taker.take(call);
  }
}

const keyOf = (request: SipText): string =>
  `${/branch=([^;,\s]+)/.exec(header(request, 'via'))?.[1] ?? ''} ${request.method} ${tagOf(header(request, 'from'))}`;
