import { type DialogState, withTargetOf } from '../sip-server/dialog/dialog-state.ts';
import { RepeatedAnswer } from '../sip-server/dialog/repeated-answer.ts';
import { parseCommandSequence } from '../sip-server/message/command-sequence.ts';
import { headerOf, type SipRequest } from '../sip-server/message/sip-message.ts';
import type { ServerTransaction } from '../sip-server/transaction/server-transaction.ts';
import { describe, mirrored, ownEventType, type RemoteMedia, readMedia } from './phone-sdp.ts';
import { allowed, bodyOf, type PhoneSide } from './phone-side.ts';
import type { RtpLine } from './rtp-line.ts';

export interface EstablishedParts {
  readonly side: PhoneSide;
  readonly line: RtpLine;
  readonly dialog: DialogState;
  /** The address that our descriptions name. */
  readonly address: string;
  /** The call is over, whoever ended it. Called once. */
  readonly ended: () => void;
}

/** A call in progress, the same for whoever placed it: renegotiation, questions, and the end. */
export class EstablishedCall {
  readonly #parts: EstablishedParts;
  #dialog: DialogState;
  #sequence: number;
  #version = 1;
  #over = false;
  /** Our 200 to an INVITE, until it is acknowledged (RFC 3261 §13.3.1.4). */
  #answer: RepeatedAnswer | undefined;
  /** We have offered in a 200 and the ACK brings the answer. */
  #awaitsAnswer = false;

  constructor(parts: EstablishedParts) {
    this.#parts = parts;
    this.#dialog = parts.dialog;
    this.#sequence = parts.dialog.localSequence;
  }

  get dialog(): DialogState {
    return this.#dialog;
  }

  /** Answers an INVITE, the first or a later one, with `sdp`; repeats the 200 until the ACK, and hangs up without one. */
  accept(transaction: ServerTransaction, sdp: string, awaitsAnswer: boolean): void {
    this.#awaitsAnswer = awaitsAnswer;
    const send = (): void => this.#parts.side.describe(transaction, 200, sdp, this.#dialog.localTag);
    send();
    this.#answer = new RepeatedAnswer(this.#parts.side.clock, 'final', send, () => this.hangUp());
  }

  /** A request inside this dialog. */
  take(transaction: ServerTransaction): void {
    const { side } = this.#parts;
    const { request } = transaction;
    const sequence = parseCommandSequence(headerOf(request, 'CSeq') ?? '')?.number ?? 0;
    // RFC 3261 §12.2.2: what was overtaken is out of order.
    if (sequence <= (this.#dialog.remoteSequence ?? -1)) return side.answer(transaction, 500);
    this.#dialog = { ...this.#dialog, remoteSequence: sequence };
    switch (request.method) {
      case 'BYE':
        side.answer(transaction, 200);
        return this.#end();
      case 'INVITE':
        return this.#reinvite(transaction);
      case 'UPDATE':
        return this.#update(transaction);
      case 'INFO':
      case 'OPTIONS':
      case 'NOTIFY':
        return side.answer(transaction, 200);
      default:
        return side.answer(transaction, 405, [{ name: 'Allow', value: allowed }]);
    }
  }

  acknowledge(ack: SipRequest): void {
    this.#answer?.confirm();
    if (!this.#awaitsAnswer) return;
    this.#awaitsAnswer = false;
    const media = readMedia(bodyOf(ack));
    if (media === undefined) this.hangUp();
    else this.#parts.line.connect(media, ownEventType);
  }

  /** Ends the call with a BYE; harmless when it is over. */
  hangUp(): void {
    if (this.#over) return;
    this.#sequence += 1;
    const bye = this.#parts.side.within(this.#dialog, 'BYE', this.#sequence);
    const silent = { onResponse: () => undefined, onTimeout: () => undefined, onTransportFailure: () => undefined };
    if (bye !== undefined) this.#parts.side.layer.request(bye.request, bye.flow, silent);
    this.#end();
  }

  #reinvite(transaction: ServerTransaction): void {
    const { side, line, address } = this.#parts;
    // RFC 3261 §14.2: one at a time.
    if (this.#answer?.waiting === true) return side.answer(transaction, 491);
    this.#dialog = withTargetOf(this.#dialog, transaction.request);
    this.#version += 1;
    if (transaction.request.body.length === 0) {
      return this.accept(transaction, describe(address, line.port, this.#version), true);
    }
    const media = readMedia(bodyOf(transaction.request));
    if (media === undefined) side.answer(transaction, 488);
    else this.accept(transaction, this.#answerTo(media), false);
  }

  #update(transaction: ServerTransaction): void {
    const { side } = this.#parts;
    this.#dialog = withTargetOf(this.#dialog, transaction.request);
    if (transaction.request.body.length === 0) return side.answer(transaction, 200, side.identity(transaction.flow));
    const media = readMedia(bodyOf(transaction.request));
    this.#version += 1;
    if (media === undefined) side.answer(transaction, 488);
    else side.describe(transaction, 200, this.#answerTo(media));
  }

  #answerTo(media: RemoteMedia): string {
    const { line, address } = this.#parts;
    line.connect(media, media.eventType);
    return describe(address, line.port, this.#version, mirrored[media.direction], media.eventType ?? null);
  }

  #end(): void {
    if (this.#over) return;
    this.#over = true;
    this.#answer?.dispose();
    this.#parts.ended();
  }
}
