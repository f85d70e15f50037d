import type { LegSide } from '../shared/leg-side.ts';
import type { SerialQueue } from '../shared/serial-queue.ts';
import { refuseTransfer } from './interlock.ts';
import type { Renegotiation } from './renegotiation.ts';
import type { DialogEvents, IncomingInvite, SipDialog } from './sip-port.ts';

export interface ReplacementPorts {
  readonly queue: SerialQueue;
  readonly renegotiation: Renegotiation;
  engaged(): boolean;
  answered(): boolean;
  eventsOf(side: LegSide): DialogEvents;
  /** The new dialog is the leg now. `by` is who called. */
  adopt(side: LegSide, dialog: SipDialog, by: string): void;
  hungUp(side: LegSide, reason: string): void;
}

interface UnderWay {
  readonly side: LegSide;
  /** The leg that is being replaced has hung up already, as telephones do once they have handed a call on. */
  gone?: string;
}

/**
 * An INVITE from outside that names a leg of the call (RFC 3891): an attended transfer that the telephones complete between
 * them, or a call picked up elsewhere. Its offer goes the way of a re-INVITE of that leg, since the other one may be on hold
 * and has to come back; then its dialog takes the place of the old one, which gets a BYE.
 */
export class LegReplacement {
  readonly #ports: ReplacementPorts;
  #underWay: UnderWay | undefined;

  constructor(ports: ReplacementPorts) {
    this.#ports = ports;
  }

  get underWay(): boolean {
    return this.#underWay !== undefined;
  }

  /** Judged on the queue. @param by the agent to whom the call belongs then, where the leg is the agent's. */
  begin(side: LegSide, invite: IncomingInvite, by: string): void {
    const { queue, renegotiation, engaged, answered } = this.#ports;
    queue
      .run(async () => {
        // While a payment is open whoever keys stays who began, and whoever listens stays who asked.
        const refusal = refuseTransfer(engaged());
        if (refusal !== undefined) return invite.reject(refusal.status, refusal.headers);
        if (!answered()) return invite.reject(491);
        this.#underWay = { side };
        renegotiation.offered(side, invite.sdp, {
          accept: (sdp) => this.#answer(side, invite, by, sdp ?? ''),
          acceptLater: () => undefined,
          refuse: (status, headers) => {
            invite.reject(status, headers);
            this.#end();
          },
        });
      })
      .catch(() => invite.reject(503, { 'Retry-After': '1' }));
  }

  /** @returns whether this hang-up waits: the leg goes anyhow if all is well. */
  holdsBack(side: LegSide, reason: string): boolean {
    if (this.#underWay?.side !== side) return false;
    this.#underWay.gone ??= reason;
    return true;
  }

  #answer(side: LegSide, invite: IncomingInvite, by: string, sdp: string): void {
    const { queue, renegotiation, adopt, eventsOf, hungUp } = this.#ports;
    // What the new dialog says of its own end means the call, whatever becomes of the old one.
    const usual = eventsOf(side);
    const events: DialogEvents = {
      hungUp: (reason) => hungUp(side, reason),
      offered: (offer, responder) => usual.offered(offer, responder),
      acknowledged: (answer) => usual.acknowledged(answer),
      info: (contentType, body, responder) => usual.info(contentType, body, responder),
      referred: (user, replaces, responder) => usual.referred(user, replaces, responder),
    };
    invite.answer(sdp, events, (dialog) => {
      void queue.must(async () => {
        const gone = this.#underWay?.gone;
        this.#underWay = undefined;
        if (dialog !== undefined) adopt(side, dialog, by);
        else if (gone !== undefined) hungUp(side, gone);
        // The caller has gone, and sound already went its way.
        else await renegotiation.realign(side);
      });
    });
  }

  #end(): void {
    const underWay = this.#underWay;
    this.#underWay = undefined;
    if (underWay?.gone !== undefined) this.#ports.hungUp(underWay.side, underWay.gone);
  }
}
