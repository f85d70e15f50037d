import type { LegSide } from '../shared/leg-side.ts';
import type { ReferralRequest } from './referral.ts';
import type { Renegotiation } from './renegotiation.ts';
import type { DialogEvents, Responder } from './sip-port.ts';

/** The call to which a leg belongs. */
export interface LegOwner {
  readonly renegotiation: Renegotiation;
  hungUp(side: LegSide, reason: string): void;
  referred(request: ReferralRequest, responder: Responder): void;
}

/** What one leg's dialog tells its call: an object of two fields, since it lasts as long as the dialog. */
export class LegEvents implements DialogEvents {
  readonly #owner: LegOwner;
  readonly #side: LegSide;

  constructor(owner: LegOwner, side: LegSide) {
    this.#owner = owner;
    this.#side = side;
  }

  hungUp(reason: string): void {
    this.#owner.hungUp(this.#side, reason);
  }

  offered(sdp: string | null, responder: Responder): void {
    this.#owner.renegotiation.offered(this.#side, sdp, responder);
  }

  acknowledged(sdp: string | null): void {
    this.#owner.renegotiation.acknowledged(this.#side, sdp);
  }

  info(contentType: string, body: string, responder: Responder): void {
    this.#owner.renegotiation.info(this.#side, contentType, body, responder);
  }

  referred(user: string, replaces: string | null, responder: Responder): void {
    this.#owner.referred({ side: this.#side, user, replaces }, responder);
  }
}
