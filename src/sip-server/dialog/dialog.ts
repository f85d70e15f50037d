import { ownText } from '../message/own-text.ts';
import { headerOf, noHeaders, type SipMessage, type SipRequest, tokensOf } from '../message/sip-message.ts';
import { parseSipUri } from '../message/sip-uri.ts';
import type { Flow } from '../transport/flow.ts';
import { isPrivate } from '../transport/ip-address.ts';
import { type DialogState, dialogIdOf, nextHopOf, requestWithin } from './dialog-state.ts';
import type { RepeatedAnswer } from './repeated-answer.ts';
import type { SessionTimer } from './session-timer.ts';

export interface DialogOrigin<Owner> {
  readonly owner: Owner;
  readonly role: 'calling' | 'answering';
  readonly kind: 'call' | 'subscription';
}

/** One dialog of an application: its state, its way to the peer and what in it waits for the peer. */
export class Dialog<Owner> {
  readonly id: string;
  readonly role: 'calling' | 'answering';
  readonly owner: Owner;
  /** What made it: an INVITE, or a SUBSCRIBE. */
  readonly kind: 'call' | 'subscription';
  state: DialogState;
  confirmed = false;
  /** The flow of the last message of the peer: which listen point to use, and the way through a NAT. */
  flow: Flow;
  /** Our 2xx that waits for its ACK. */
  answer: RepeatedAnswer | undefined;
  /** Requests that RFC 3261 §14.1 and §15 hold back until the peer has acknowledged our answer; there while there are some. */
  #held: (() => void)[] | undefined;
  /** CSeq number of our last INVITE, which an ACK repeats. */
  inviteSequence = 0;
  /** The ACK we sent for it, as text of one character a byte, to be sent again whenever its 2xx comes again. */
  acknowledgement: { readonly text: string; readonly flow: Flow } | undefined;
  /** Credentials of the INVITE that an ACK has to repeat (RFC 3261 §22.1). */
  inviteCredentials = noHeaders;
  /** The INVITE of the peer that our 2xx answers. */
  answeredInvite: { readonly sequence: number; readonly transactionId: string } | undefined;
  /** What a PRACK has to name: RSeq and CSeq of the last reliable provisional answer of the peer (RFC 3262 §7.2). */
  toConfirm: string | undefined;
  /** Transaction of the peer's last UPDATE. */
  updating: string | undefined;
  /** INVITEs of either side that have no final response yet: no second one beside them (RFC 3261 §14). */
  outgoingInvite: { cancel(): void } | undefined;
  incomingInvite: { refuse(status: number): void } | undefined;
  /** RFC 4028: how long the session lasts unless somebody refreshes it. */
  session: SessionTimer | undefined;
  /** What a refresh of ours repeats: the session description that we sent last, and the Contact of the application. */
  #description: string | undefined;
  #contact: string | undefined;
  /** Whether UPDATE stood in an Allow of the peer (RFC 3311 §4). */
  peerTakesUpdate = false;
  /** The INVITE was cancelled and answered all the same: the dialog ends as soon as the answer is acknowledged. */
  endsOnAcknowledgement = false;

  constructor(origin: DialogOrigin<Owner>, state: DialogState, flow: Flow) {
    this.role = origin.role;
    this.kind = origin.kind;
    this.owner = origin.owner;
    // The id names the caller's tag on both sides.
    this.id = ownText(dialogIdOf(state.callId, origin.role === 'calling' ? state.localTag : state.remoteTag));
    this.state = state;
    this.flow = flow;
  }

  /** The next request of ours: counts CSeq, except for an ACK, which has that of its INVITE. */
  nextRequest(method: string): Pick<SipRequest, 'uri' | 'headers'> {
    if (method === 'ACK') return requestWithin(this.state, method, this.inviteSequence);
    const localSequence = this.state.localSequence + 1;
    this.state = { ...this.state, localSequence };
    if (method === 'INVITE') this.inviteSequence = localSequence;
    return requestWithin(this.state, method, localSequence);
  }

  get nextHop(): string {
    return nextHopOf(this.state);
  }

  /**
   * Whether the next request has to go back the way the last message came: the peer names a private address that is
   * not where it sends from, so that it sits behind a NAT. A proxy on the route knows better.
   */
  get behindNat(): boolean {
    if (this.state.routeSet.length > 0) return false;
    const host = parseSipUri(this.state.remoteTarget)?.host;
    return host !== undefined && host !== this.flow.remote.address && isPrivate(host);
  }

  /** Keeps a request back until {@link releaseHeld}. */
  hold(send: () => void): void {
    this.#held ??= [];
    this.#held.push(send);
  }

  /** Our answer was acknowledged, or nobody waits for that any more: what was held back goes out. */
  releaseHeld(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const send of held) send();
  }

  /** Notes what a message of the peer, or of ours, tells about the session. */
  heard(message: SipMessage): void {
    if (tokensOf(message, 'Allow').includes('update')) this.peerTakesUpdate = true;
  }

  described(message: SipMessage): void {
    if (message.body.length === 0 || !/^application\/sdp\b/i.test(headerOf(message, 'Content-Type') ?? '')) return;
    // As text, one character a byte: that needs half of what a few bytes do, and nothing larger lives as long as it.
    const { buffer, byteOffset, length } = message.body;
    this.#description = Buffer.from(buffer, byteOffset, length).toString('latin1');
  }

  get description(): string | undefined {
    return this.#description;
  }

  /** Keeps the Contact of a message of ours that made the dialog or changed it. */
  keepContact(message: SipMessage): void {
    const contact = headerOf(message, 'Contact');
    this.#contact = contact === undefined ? undefined : ownText(contact);
  }

  get contact(): string | undefined {
    return this.#contact;
  }

  dispose(): void {
    this.answer?.dispose();
    this.session?.stop();
    this.#held = undefined;
  }
}
