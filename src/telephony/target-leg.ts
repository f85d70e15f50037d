import type { CallEvent } from './call-state.ts';
import type { DialogEvents, DialTarget, OutgoingInvite, SipDialog, SipPort } from './sip-port.ts';

export interface TargetParts {
  readonly sip: SipPort;
  /** Whom to call, and as whom. */
  readonly target: Omit<DialTarget, 'sdp'>;
  post(event: CallEvent): void;
  eventsOf(): DialogEvents;
  accepted(dialog: SipDialog): void;
}

/** The leg that is called, from our INVITE to its final answer. What came of it is posted to the call. */
export class TargetLeg {
  readonly #parts: TargetParts;
  #outgoing: OutgoingInvite | undefined;

  constructor(parts: TargetParts) {
    this.#parts = parts;
  }

  dial(offer: string): void {
    const { sip, target, post, eventsOf, accepted } = this.#parts;
    this.#outgoing = sip.dial(
      { sdp: offer, ...target },
      {
        progress: (status, sdp) => post({ type: 'progress', status, sdp }),
        answered: (dialog, sdp) => {
          accepted(dialog);
          post({ type: 'targetAnswered', sdp });
        },
        refused: (status) => post({ type: 'targetRefused', status }),
        dialog: eventsOf(),
      },
    );
  }

  cancel(): void {
    this.#outgoing?.cancel();
  }
}
