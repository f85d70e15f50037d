import type { CallId } from '../shared/ids.ts';
import type { CallEvent } from './call-state.ts';
import type { MediaPlane } from './media-plane.ts';
import type { DialogEvents, OutgoingInvite, SipDialog, SipHeaders, SipPort } from './sip-port.ts';

/** How the caller is shown to whom the call goes on. */
export interface ShownCaller {
  readonly fromUser: string;
  readonly fromName: string;
  readonly headers: SipHeaders;
}

export interface TransfereeParts {
  readonly id: CallId;
  readonly media: MediaPlane;
  readonly sip: SipPort;
  readonly shown: ShownCaller;
  post(event: CallEvent): void;
  eventsOf(): DialogEvents;
}

/**
 * The leg of the agent to whom a call is being transferred, until it takes the place of the old one. It is offered the
 * agent's own media ports: what runs there goes on to the old agent until the new one has answered.
 */
export class TransfereeLeg {
  readonly #parts: TransfereeParts;
  #outgoing: OutgoingInvite | undefined;
  #dialog: SipDialog | undefined;
  #sdp: string | null = null;

  constructor(parts: TransfereeParts) {
    this.#parts = parts;
  }

  /** @param replaces the dialog at the other end that this one takes over (RFC 3891), for an attended transfer. */
  async dial(uri: string, replaces: string | null): Promise<void> {
    const { media, sip, id, shown, post } = this.#parts;
    let offer: string;
    try {
      offer = await media.describeOffer(id, 'agent');
    } catch {
      return post({ type: 'transfereeRefused', status: 503 });
    }
    const headers = replaces === null ? shown.headers : { Replaces: replaces, ...shown.headers };
    this.#outgoing = sip.dial(
      { uri, fromUser: shown.fromUser, fromName: shown.fromName, headers, sdp: offer },
      {
        progress: () => undefined,
        answered: (dialog, sdp) => {
          this.#dialog = dialog;
          this.#sdp = sdp;
          post({ type: 'transfereeAnswered', sdp });
        },
        refused: (status) => {
          void media.rollback(id, 'agent').catch(() => undefined);
          post({ type: 'transfereeRefused', status });
        },
        dialog: this.#parts.eventsOf(),
      },
    );
  }

  cancel(): void {
    this.#outgoing?.cancel();
  }

  async adopt(answer: string | null): Promise<void> {
    const { media, id, post } = this.#parts;
    try {
      if (answer === null) throw new Error('no answer');
      await media.acceptAnswer(id, 'agent', answer);
      post({ type: 'transfereeAdopted' });
    } catch {
      await media.rollback(id, 'agent').catch(() => undefined);
      this.bye('media');
      post({ type: 'transfereeRefused', status: 488 });
    }
  }

  /** Gives the dialog away; from here on it is the agent's leg. */
  take(): { readonly dialog: SipDialog; readonly sdp: string | null } | undefined {
    const dialog = this.#dialog;
    this.#dialog = undefined;
    return dialog === undefined ? undefined : { dialog, sdp: this.#sdp };
  }

  bye(reason: string): void {
    void this.take()?.dialog.bye(reason);
  }
}
