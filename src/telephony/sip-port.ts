/** Where a SIP request came from, as the transport saw it. */
export interface SipSource {
  readonly address: string;
  readonly port: number;
  readonly protocol: string;
}

/** Headers that a request or a response carries beside those that SIP itself needs. */
export type SipHeaders = Readonly<Record<string, string>>;

/** An INVITE that waits for its answer. One final answer counts; later ones are ignored, as are all after a CANCEL. */
export interface IncomingInvite {
  readonly source: SipSource;
  /** User part of the Request-URI and of From; empty where the URI has none. */
  readonly user: string;
  readonly fromUser: string;
  readonly fromName: string;
  readonly maxForwards: number;
  /** Headers that a back-to-back agent hands on (RFC 7092 leaves the choice to it): X-…, P-Asserted-Identity and their like. */
  readonly handedOn: SipHeaders;
  /** The dialog that the INVITE asks to replace (RFC 3891 §3), or null. */
  readonly replaces: string | null;
  /** The offer, or null for an INVITE without one (RFC 3264 §5: the offer is then ours). */
  readonly sdp: string | null;
  /** By what the call's other legs must go out, where that is not open to choice: the one SIP server that serves this call. */
  readonly way: SipPort | null;
  /** At most one listener; called at once when the CANCEL came before it. */
  onCancel(listener: () => void): void;
  progress(status: number, sdp: string | null): void;
  reject(status: number, headers?: SipHeaders): void;
  /** Sends the 200. Exactly one of the two is called, synchronously with what follows on the wire: no request is missed. */
  answer(sdp: string, events: DialogEvents, done: (dialog: SipDialog | undefined) => void): void;
}

export interface DialTarget {
  readonly uri: string;
  readonly fromUser: string;
  readonly fromName: string;
  readonly headers: SipHeaders;
  readonly sdp: string;
}

/** What becomes of an INVITE of ours: any number of `progress`, then one of the other two, once. */
export interface DialEvents {
  progress(status: number, sdp: string | null): void;
  answered(dialog: SipDialog, sdp: string | null): void;
  /** A final refusal, also a local one: 408 for silence, 503 for a transport that failed (RFC 3261 §8.1.3.1). */
  refused(status: number, reason: string): void;
  /** Where the dialog's own events go from its first moment. */
  readonly dialog: DialogEvents;
}

export interface OutgoingInvite {
  /** CANCEL (RFC 3261 §9.1). A final response still comes; a 200 that crossed it comes as `answered`. */
  cancel(): void;
}

/** What a dialog is called (RFC 3261 §12), and where its far end is: the URI of its Contact. */
export interface DialogIdentity {
  readonly callId: string;
  readonly localTag: string;
  readonly remoteTag: string;
  readonly remoteTarget: string;
}

/** One confirmed dialog: one leg's signalling. Its methods settle; they never throw for what the peer does. */
export interface SipDialog {
  readonly identity: DialogIdentity;
  /** BYE with a Reason header (RFC 3326). Harmless when the dialog is over. */
  bye(reason: string): Promise<void>;
  /** re-INVITE with an offer. @returns the final status and the answer. 408 when nobody answered. */
  offer(sdp: string): Promise<{ readonly status: number; readonly sdp: string | null }>;
  /** INFO with a body (RFC 6086). @returns the final status. */
  info(contentType: string, body: string): Promise<number>;
  /** NOTIFY of a refer subscription with a message/sipfrag body (RFC 3515 §2.4.4, §2.4.5); 200 and above end it. */
  notifyTransfer(status: number): void;
}

/** The answer to a request inside a dialog. Only the first call counts. */
export interface Responder {
  accept(sdp: string | null, headers?: SipHeaders): void;
  /** 202 to a REFER: what becomes of it comes by NOTIFY (RFC 3515 §2.4.2). */
  acceptLater(): void;
  refuse(status: number, headers?: SipHeaders): void;
}

export interface DialogEvents {
  /** The other side hung up, or the stack gave the dialog up (no ACK, session expired): `reason` says which. */
  hungUp(reason: string): void;
  /** A re-INVITE, or an UPDATE with an offer (RFC 3311). `sdp` null: the offer is to be ours, the answer comes in `ack`. */
  offered(sdp: string | null, responder: Responder): void;
  /** The ACK, with the answer where the offer was ours. */
  acknowledged(sdp: string | null): void;
  info(contentType: string, body: string, responder: Responder): void;
  /** REFER (RFC 3515). `replaces` is the value of the Replaces header inside Refer-To (RFC 3891), unescaped, or null. */
  referred(user: string, replaces: string | null, responder: Responder): void;
}

/** The SIP stack as telephony needs it: `sip/embedded/` on the server in this process, `sip/drachtio/` on drachtio-servers. */
export interface SipPort {
  dial(target: DialTarget, events: DialEvents): OutgoingInvite;
}

/** What the stack brings to the gateway from outside any dialog. */
export interface SipArrivals {
  invite(invite: IncomingInvite): void;
  /** @returns the status for an OPTIONS from this source: 200 while ready. */
  options(source: SipSource): number;
}
