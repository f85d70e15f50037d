import { CodedError } from '../shared/coded-error.ts';
import type { CallId } from '../shared/ids.ts';
import { type LegSide, otherSide } from '../shared/leg-side.ts';
import type { SerialQueue } from '../shared/serial-queue.ts';
import { refuseOffer } from './interlock.ts';
import type { MediaPlane } from './media-plane.ts';
import { readSdp, type SdpFacts } from './sdp-facts.ts';
import type { Responder, SipDialog } from './sip-port.ts';

/** The call whose legs are renegotiated. */
export interface RenegotiatedCall {
  readonly id: CallId;
  readonly queue: SerialQueue;
  /** True while a payment session is open on it. */
  readonly engaged: boolean;
  /** True while both dialogs stand and none is about to be another. */
  readonly running: boolean;
  dialogOf(side: LegSide): SipDialog | undefined;
  end(reason: string): void;
}

/**
 * What happens inside the dialogs of an answered call: offers that go from one leg to the other with our own descriptions,
 * INFO, and what the interlock refuses. One exchange at a time on the whole call: a second offer meanwhile gets 491
 * (RFC 3261 §14.2), and the one who sent it tries again.
 */
export class Renegotiation {
  readonly #call: RenegotiatedCall;
  readonly #media: MediaPlane;
  readonly #remote: Record<LegSide, SdpFacts | undefined> = { caller: undefined, agent: undefined };
  readonly #answerDue: Record<LegSide, boolean> = { caller: false, agent: false };
  #busy = false;

  constructor(call: RenegotiatedCall, media: MediaPlane) {
    this.#call = call;
    this.#media = media;
  }

  /** Keeps what a side described last. */
  note(side: LegSide, sdp: string | null): void {
    const facts = sdp === null ? undefined : readSdp(sdp);
    if (facts !== undefined) this.#remote[side] = facts;
  }

  /** Our offer to `side` is in a 200: its answer comes with the ACK. */
  expectAnswer(side: LegSide): void {
    this.#answerDue[side] = true;
  }

  offered(side: LegSide, sdp: string | null, responder: Responder): void {
    this.#put(responder, () => (sdp === null ? this.#offerOurs(side, responder) : this.#passOn(side, sdp, responder)));
  }

  acknowledged(side: LegSide, sdp: string | null): void {
    // It was noted before the offer went: most ACKs answer nothing.
    if (!this.#answerDue[side]) return;
    this.#answerDue[side] = false;
    void this.#call.queue.must(async () => {
      try {
        if (sdp === null) throw new CodedError('not-acceptable-media');
        await this.#media.acceptAnswer(this.#call.id, side, sdp);
        this.note(side, sdp);
      } catch {
        this.#call.end('no usable answer in ACK');
      }
    });
  }

  /** Brings a leg's sound back to where its dialog leads, by an offer of ours. */
  async realign(side: LegSide): Promise<void> {
    const [media, id] = [this.#media, this.#call.id];
    const dialog = this.#call.dialogOf(side);
    if (dialog === undefined || !this.#call.running) return;
    const offer = await media.describeOffer(id, side);
    this.#busy = true;
    void dialog.offer(offer).then((reply) =>
      this.#call.queue.must(async () => {
        this.#busy = false;
        // Its own offer is under way (RFC 3261 §14.1), and brings the sound to where it wants it.
        if (reply.status === 491) return;
        try {
          if (reply.status >= 300 || reply.sdp === null) throw new CodedError('not-acceptable-media');
          await media.acceptAnswer(id, side, reply.sdp);
          this.note(side, reply.sdp);
        } catch {
          this.#call.end('leg does not answer');
        }
      }),
    );
  }

  info(side: LegSide, contentType: string, body: string, responder: Responder): void {
    this.#put(responder, async () => {
      const passOn = await this.#media.infoReceived(this.#call.id, side, contentType, body);
      responder.accept(null);
      if (passOn) void this.#call.dialogOf(otherSide(side))?.info(contentType, body);
    });
  }

  #put(responder: Responder, work: () => Promise<void>): void {
    this.#call.queue.run(work).catch((error: unknown) => {
      const overloaded = error instanceof CodedError && error.code === 'overloaded';
      responder.refuse(overloaded ? 503 : 500, overloaded ? { 'Retry-After': '1' } : undefined);
    });
  }

  async #passOn(side: LegSide, sdp: string, responder: Responder): Promise<void> {
    const offered = readSdp(sdp);
    const refusal = refuseOffer(this.#call.engaged, side, this.#remote[side], offered);
    if (refusal !== undefined) return responder.refuse(refusal.status, refusal.headers);
    const other = this.#call.dialogOf(otherSide(side));
    if (!this.#call.running || other === undefined || this.#busy) return responder.refuse(491);
    const [media, id] = [this.#media, this.#call.id];
    try {
      await media.acceptOffer(id, side, sdp);
      // A session refresh (RFC 4028 §7.4) concerns this leg only.
      if (offered !== undefined && offered.digest === this.#remote[side]?.digest) {
        return responder.accept(await media.describeAnswer(id, side));
      }
      const offer = await media.describeOffer(id, otherSide(side));
      this.#busy = true;
      // The other leg may think about it for half a minute: the queue must not wait for that.
      void other.offer(offer).then((reply) => this.#call.queue.must(() => this.#conclude(side, sdp, reply, responder)));
    } catch (error) {
      await media.rollback(id, side).catch(() => undefined);
      responder.refuse(error instanceof CodedError && error.code === 'not-acceptable-media' ? 488 : 500);
    }
  }

  async #conclude(
    side: LegSide,
    sdp: string,
    reply: { readonly status: number; readonly sdp: string | null },
    responder: Responder,
  ): Promise<void> {
    this.#busy = false;
    const [media, id] = [this.#media, this.#call.id];
    const other = otherSide(side);
    try {
      if (reply.status >= 300 || reply.sdp === null) throw new CodedError('not-acceptable-media');
      const answer = await media.passAnswer(id, other, reply.sdp);
      this.note(other, reply.sdp);
      responder.accept(answer);
      this.note(side, sdp);
    } catch {
      await media.rollback(id, other).catch(() => undefined);
      await media.rollback(id, side).catch(() => undefined);
      responder.refuse(reply.status >= 300 ? reply.status : 488);
      // RFC 3261 §12.2.1.2: after these the dialog of the other leg is gone.
      if (reply.status === 481 || reply.status === 408) this.#call.end('leg does not answer');
    }
  }

  async #offerOurs(side: LegSide, responder: Responder): Promise<void> {
    if (!this.#call.running || this.#busy || this.#answerDue[side]) return responder.refuse(491);
    const offer = await this.#media.describeOffer(this.#call.id, side);
    this.#answerDue[side] = true;
    responder.accept(offer);
  }
}
