import type { Passage } from '../../../sip-server/client-protocol/client-line.ts';
import { headerOf, type SipMessage, type SipRequest } from '../../../sip-server/message/sip-message.ts';
import type { SipServer } from '../../../sip-server/sip-server.ts';
import type { DialEvents, DialTarget, OutgoingInvite, Responder, SipArrivals, SipPort } from '../../sip-port.ts';
import { capabilities } from '../allowed-methods.ts';
import { SessionTiming } from '../session-timing.ts';
import { EmbeddedDial, unsentStatus } from './embedded-dial.ts';
import type { DialogHome } from './embedded-dialog.ts';
import { EmbeddedInvite, sourceOf } from './embedded-invite.ts';
import { ServerLine } from './server-line.ts';
import { ServerResponder } from './server-responder.ts';
import { textOf } from './wire-text.ts';

export interface EmbeddedStackObserver {
  linkUp(): void;
  /** So many dialogs went with the server: their calls have been told. */
  dialogsLost(dialogs: number): void;
  /** A request that could not even be read. */
  unreadable(): void;
}

const lost = 'sip-server-lost';

/** SIP by the server in this process: messages come and go as they are, without a socket, a text and a second parser between. */
export class EmbeddedStack implements SipPort {
  readonly #observer: EmbeddedStackObserver;
  readonly #timing: SessionTiming;
  /** INVITEs of the network that have no final answer yet, by transaction; ours, by the dialog that they would make. */
  readonly #invites = new Map<string, EmbeddedInvite>();
  readonly #dials = new Map<string, EmbeddedDial>();
  /** There as long as the server is. */
  #home: DialogHome | undefined;

  constructor(observer: EmbeddedStackObserver, sessionExpiresSeconds = 0) {
    this.#observer = observer;
    this.#timing = new SessionTiming(sessionExpiresSeconds);
  }

  /** Whether calls can come and go at all. */
  get connected(): boolean {
    return this.#home !== undefined;
  }

  /** Takes requests of this server for `arrivals`, and sends by it, from now on. Once. */
  join(server: Pick<SipServer, 'reside'>, arrivals: SipArrivals): void {
    const passed = (message: SipMessage, passage: Passage): void => this.#take(home, arrivals, message, passage);
    const line = new ServerLine(server.reside(['INVITE', 'OPTIONS'], passed));
    const home: DialogHome = { line, dialogs: new Map() };
    this.#home = home;
    this.#observer.linkUp();
  }

  dial(target: DialTarget, events: DialEvents): OutgoingInvite {
    const home = this.#home;
    if (home !== undefined) return new EmbeddedDial({ home, timing: this.#timing, dials: this.#dials }, target, events);
    events.refused(unsentStatus, '');
    return { cancel: () => undefined };
  }

  /** Nothing comes and goes any more; calls that stand are told. Harmless when called twice. */
  close(): void {
    const home = this.#home;
    if (home === undefined) return;
    this.#home = undefined;
    home.line.close();
    const dialogs = [...home.dialogs.values()];
    for (const dialog of dialogs) dialog.ended(lost);
    if (dialogs.length > 0) this.#observer.dialogsLost(dialogs.length);
  }

  #take(home: DialogHome, arrivals: SipArrivals, message: SipMessage, passage: Passage): void {
    const { line, dialogs } = home;
    const { transactionId, dialogId } = passage;
    if (message.kind === 'response') line.answered(transactionId, message, dialogId);
    else if (message.method === 'CANCEL') this.#invites.get(transactionId)?.cancelled();
    else if (message.method === 'ACK') dialogs.get(dialogId)?.acknowledged(message);
    else if (dialogId !== '') this.#within(home, message, passage);
    else this.#new(home, arrivals, message, passage);
  }

  #new(home: DialogHome, arrivals: SipArrivals, request: SipRequest, passage: Passage): void {
    const responder = new ServerResponder(home.line, passage.transactionId);
    if (request.method === 'INVITE') this.#invite(home, arrivals, request, passage, responder);
    else {
      const status = arrivals.options(sourceOf(passage));
      if (status === 200) responder.accept(null, capabilities);
      else responder.refuse(status, status === 503 ? { 'Retry-After': '5' } : {});
    }
  }

  #invite(home: DialogHome, arrivals: SipArrivals, request: SipRequest, passage: Passage, responder: Responder): void {
    const surroundings = {
      home,
      answering: this.#timing.answering,
      settled: (transactionId: string) => this.#invites.delete(transactionId),
    };
    let invite: EmbeddedInvite;
    try {
      invite = new EmbeddedInvite(surroundings, request, passage);
    } catch {
      this.#observer.unreadable();
      return responder.refuse(400);
    }
    this.#invites.set(passage.transactionId, invite);
    arrivals.invite(invite);
  }

  #within({ line, dialogs }: DialogHome, request: SipRequest, { source, dialogId, transactionId }: Passage): void {
    const responder = new ServerResponder(line, transactionId);
    const dialog = dialogs.get(dialogId);
    switch (request.method) {
      case 'BYE':
        // One that the server sent itself says why.
        if (source === 'network') responder.accept(null);
        dialog?.ended(source === 'network' ? 'normal release' : reasonOf(request));
        break;
      case 'PRACK':
        responder.accept(null);
        break;
      default:
        if (dialog !== undefined) dialog.take(request, responder);
        else this.#early(request, this.#dials.get(dialogId), responder);
    }
  }

  /** In a dialog that has no final answer yet (RFC 3311 §5.2): ours says again what it offered, the caller has to wait. */
  #early(request: SipRequest, dial: EmbeddedDial | undefined, responder: Responder): void {
    if (request.method !== 'UPDATE') responder.refuse(481);
    else if (dial === undefined) responder.refuse(500, { 'Retry-After': '5' });
    else responder.accept(textOf(request.body) === null ? null : dial.sdp);
  }
}

const reasonOf = (request: SipRequest): string => {
  const reason = headerOf(request, 'Reason') ?? '';
  return /text="(.*)"/.exec(reason)?.[1] ?? (reason === '' ? 'normal release' : reason);
};
