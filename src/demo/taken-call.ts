import { randomBytes } from 'node:crypto';
import type { Timer } from '../shared/clock.ts';
import { answeringDialog } from '../sip-server/dialog/dialog-state.ts';
import { responseTo } from '../sip-server/message/response-to.ts';
import type { ServerTransaction } from '../sip-server/transaction/server-transaction.ts';
import { EstablishedCall } from './established-call.ts';
import { describe, mirrored, readMedia } from './phone-sdp.ts';
import { bodyOf, type PhoneSide } from './phone-side.ts';
import type { RtpLine } from './rtp-line.ts';

export interface TakenParts {
  readonly side: PhoneSide;
  readonly line: RtpLine;
  readonly address: string;
  readonly transaction: ServerTransaction;
  readonly answered: (call: EstablishedCall) => void;
  readonly ended: () => void;
}

/** Long enough to be seen ringing, short enough that nobody waits. */
const ringMs = 700;

/** An INVITE of somebody else while it rings here; picked up by itself. */
export class TakenCall {
  readonly #parts: TakenParts;
  readonly #tag = randomBytes(6).toString('hex');
  #timer: Timer | undefined;
  #established: EstablishedCall | undefined;
  #over = false;

  constructor(parts: TakenParts) {
    this.#parts = parts;
    parts.transaction.user = { onAck: (ack) => this.#established?.acknowledge(ack), onUnanswered: () => this.#end() };
  }

  start(): void {
    const { side, transaction } = this.#parts;
    side.answer(transaction, 180, side.identity(transaction.flow), this.#tag);
    this.#timer = side.clock.after(ringMs, () => this.#pickUp());
  }

  /** The other side has given up before we picked up (RFC 3261 §9.2). */
  cancelled(): void {
    if (this.#established === undefined) this.#refuse(487);
  }

  hangUp(): void {
    if (this.#established !== undefined) this.#established.hangUp();
    else this.#refuse(486);
  }

  #refuse(status: number): void {
    this.#parts.side.answer(this.#parts.transaction, status, [], this.#tag);
    this.#end();
  }

  #pickUp(): void {
    const { side, line, address, transaction } = this.#parts;
    if (this.#over || !transaction.open) return this.#end();
    const offered = transaction.request.body.length > 0;
    const media = offered ? readMedia(bodyOf(transaction.request)) : undefined;
    if (offered && media === undefined) return this.#refuse(488);
    const dialog = answeringDialog(transaction.request, responseTo(transaction.request, 200, { toTag: this.#tag }));
    const established = new EstablishedCall({ side, line, dialog, address, ended: () => this.#end() });
    this.#established = established;
    if (media === undefined) established.accept(transaction, describe(address, line.port, 1), true);
    else {
      line.connect(media, media.eventType);
      const sdp = describe(address, line.port, 1, mirrored[media.direction], media.eventType ?? null);
      established.accept(transaction, sdp, false);
    }
    this.#parts.answered(established);
  }

  #end(): void {
    if (this.#over) return;
    this.#over = true;
    this.#timer?.cancel();
    this.#parts.ended();
  }
}
