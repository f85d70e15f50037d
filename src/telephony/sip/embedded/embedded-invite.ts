import type { Reply } from '../../../sip-server/client-protocol/client.ts';
import type { Passage } from '../../../sip-server/client-protocol/client-line.ts';
import { contactOf } from '../../../sip-server/dialog/dialog-state.ts';
import { parseNameAddress, tagOf } from '../../../sip-server/message/name-address.ts';
import { headerOf, type SipRequest, tokensOf } from '../../../sip-server/message/sip-message.ts';
import type { DialogEvents, DialogIdentity, IncomingInvite, SipDialog, SipHeaders, SipSource } from '../../sip-port.ts';
import { isHandedOn, progressHeaders, type Reliability, reliabilityOf } from '../invite-terms.ts';
import { userOf } from '../sip-uri.ts';
import { type DialogHome, EmbeddedDialog } from './embedded-dialog.ts';
import { ServerResponder } from './server-responder.ts';
import { fromWire, textOf } from './wire-text.ts';

/** `''` and 0 for what the server made up itself. */
export const sourceOf = ({ flow }: Passage): SipSource => ({
  address: flow?.remote.address ?? '',
  port: flow?.remote.port ?? 0,
  protocol: flow?.protocol ?? 'udp',
});

export interface InviteSurroundings {
  readonly home: DialogHome;
  /** Headers of a 200. */
  readonly answering: SipHeaders;
  /** There is nothing left to answer, by our doing or by a CANCEL. */
  settled(transactionId: string): void;
}

/** An INVITE from the network. Of the message it keeps what it says, and no piece of it. */
export class EmbeddedInvite implements IncomingInvite {
  readonly source: SipSource;
  readonly user: string;
  readonly fromUser: string;
  readonly fromName: string;
  readonly maxForwards: number;
  readonly handedOn: SipHeaders;
  readonly replaces: string | null;
  readonly sdp: string | null;
  readonly way = null;
  readonly #surroundings: InviteSurroundings;
  readonly #transactionId: string;
  readonly #reliability: Reliability;
  /** What the dialog is called once there is a tag of ours. */
  readonly #identity: Omit<DialogIdentity, 'localTag'>;
  #open = true;
  #cancelled = false;
  #onCancel: (() => void) | undefined;

  /** @throws {Error} when a header that every INVITE has cannot be read; the caller answers 400. */
  constructor(surroundings: InviteSurroundings, request: SipRequest, passage: Passage) {
    const contact = contactOf(request);
    const from = parseNameAddress(headerOf(request, 'From') ?? '');
    // Peers of RFC 2543 times may come without a Contact; there is no calling them back in a dialog.
    if (contact === undefined || from === undefined) throw new Error('no Contact, or no From');
    this.#surroundings = surroundings;
    this.#transactionId = passage.transactionId;
    const { replaces, ...facts } = factsOf(request);
    this.source = sourceOf(passage);
    this.user = userOf(fromWire(request.uri));
    this.fromUser = userOf(fromWire(from.uri));
    this.fromName = fromWire(from.display).replace(/^"|"$/g, '');
    this.maxForwards = facts.maxForwards;
    this.handedOn = facts.handedOn;
    this.replaces = replaces === undefined ? null : fromWire(replaces);
    this.sdp = textOf(request.body);
    this.#reliability = facts.reliability;
    this.#identity = {
      callId: fromWire(headerOf(request, 'Call-ID') ?? ''),
      remoteTag: fromWire(tagOf(headerOf(request, 'From')) ?? ''),
      remoteTarget: fromWire(contact),
    };
  }

  onCancel(listener: () => void): void {
    this.#onCancel = listener;
    if (this.#cancelled) listener();
  }

  progress(status: number, sdp: string | null): void {
    if (!this.#open) return;
    const headers = progressHeaders(this.#reliability, sdp);
    this.#surroundings.home.line.respond(this.#transactionId, status, { headers, body: sdp });
  }

  reject(status: number, headers?: SipHeaders): void {
    if (!this.#settle()) return;
    new ServerResponder(this.#surroundings.home.line, this.#transactionId).refuse(status, headers);
  }

  answer(sdp: string, events: DialogEvents, done: (dialog: SipDialog | undefined) => void): void {
    if (!this.#settle()) return done(undefined);
    const { home, answering } = this.#surroundings;
    const headers = { 'Content-Type': 'application/sdp', ...answering };
    home.line.respond(this.#transactionId, 200, { headers, body: sdp }, (reply) => done(this.#dialog(reply, events)));
  }

  /** The caller has cancelled, or the server gave up waiting for us. */
  cancelled(): void {
    if (!this.#settle()) return;
    this.#cancelled = true;
    this.#onCancel?.();
  }

  #dialog(reply: Reply, events: DialogEvents): SipDialog | undefined {
    if (!reply.ok) return undefined;
    const localTag = fromWire(tagOf(headerOf(reply.message, 'To')) ?? '');
    return new EmbeddedDialog(this.#surroundings.home, reply.dialogId, { localTag, ...this.#identity }, events);
  }

  /** @returns whether it could still be answered. */
  #settle(): boolean {
    if (!this.#open) return false;
    this.#open = false;
    this.#surroundings.settled(this.#transactionId);
    return true;
  }
}

function factsOf(request: SipRequest) {
  return {
    maxForwards: Number(headerOf(request, 'Max-Forwards') ?? 70),
    handedOn: handedOn(request),
    replaces: headerOf(request, 'Replaces'),
    reliability: reliabilityOf(tokensOf(request, 'Require').join(), tokensOf(request, 'Supported').join()),
  };
}

/** Of a header that comes several times the values are joined to one list (RFC 3261 §7.3.1). */
function handedOn({ headers }: SipRequest): SipHeaders {
  const kept: Record<string, string> = {};
  for (const { name, value } of headers) {
    if (!isHandedOn(name)) continue;
    const [key, text] = [fromWire(name), fromWire(value)];
    kept[key] = kept[key] === undefined ? text : `${kept[key]}, ${text}`;
  }
  return kept;
}
