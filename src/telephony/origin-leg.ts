import { CodedError } from '../shared/coded-error.ts';
import type { CallId } from '../shared/ids.ts';
import type { LegSide } from '../shared/leg-side.ts';
import type { SrtpWishes } from '../shared/srtp-policy.ts';
import type { CallEvent } from './call-state.ts';
import type { MediaPlane } from './media-plane.ts';
import type { Renegotiation } from './renegotiation.ts';
import type { DialogEvents, IncomingInvite, SipDialog } from './sip-port.ts';

export interface OriginParts {
  readonly id: CallId;
  readonly srtp: SrtpWishes;
  readonly invite: IncomingInvite;
  readonly originSide: LegSide;
  readonly targetSide: LegSide;
  readonly media: MediaPlane;
  readonly renegotiation: Renegotiation;
  post(event: CallEvent): void;
  eventsOf(): DialogEvents;
  accepted(dialog: SipDialog): void;
}

/** The leg that called, from its INVITE to our final answer. What came of a step is posted to the call. */
export class OriginLeg {
  readonly #parts: OriginParts;

  constructor(parts: OriginParts) {
    this.#parts = parts;
  }

  begin(): void {
    const { invite, originSide, renegotiation, post } = this.#parts;
    renegotiation.note(originSide, invite.sdp);
    invite.onCancel(() => post({ type: 'originCancelled' }));
    post({ type: 'arrived', sdp: invite.sdp });
  }

  async prepare(sdp: string | null): Promise<void> {
    const { id, srtp, media, originSide, post } = this.#parts;
    try {
      post({ type: 'prepared', offer: await media.beginCall(id, originSide, sdp, srtp) });
    } catch (error) {
      post({ type: 'unprepared', status: statusOf(error) });
    }
  }

  async progress(status: number, answer: string | null): Promise<void> {
    const { id, invite, media, targetSide, post } = this.#parts;
    if (status === 100) return;
    // Early media towards a caller who made no offer would need a reliable response of its own (RFC 3262 §5).
    if (answer === null || invite.sdp === null) return invite.progress(status, null);
    try {
      invite.progress(status, await media.passAnswer(id, targetSide, answer));
    } catch (error) {
      post({ type: 'mediaFailed', status: statusOf(error) });
    }
  }

  async answer(answer: string | null): Promise<void> {
    const { invite, targetSide, renegotiation, eventsOf, accepted, post } = this.#parts;
    try {
      if (answer === null) throw new CodedError('not-acceptable-media');
      const local = await this.#local(answer);
      renegotiation.note(targetSide, answer);
      invite.answer(local, eventsOf(), (dialog) => {
        if (dialog !== undefined) accepted(dialog);
        post({ type: dialog === undefined ? 'originFailed' : 'originAccepted' });
      });
    } catch (error) {
      post({ type: 'mediaFailed', status: statusOf(error) });
    }
  }

  reject(status: number): void {
    this.#parts.invite.reject(status);
  }

  /** The answer to the caller's offer, or our offer where it made none: its answer is then in the ACK (RFC 3264 §5). */
  async #local(answer: string): Promise<string> {
    const { id, invite, media, originSide, targetSide, renegotiation } = this.#parts;
    if (invite.sdp !== null) return media.passAnswer(id, targetSide, answer);
    await media.acceptAnswer(id, targetSide, answer);
    renegotiation.expectAnswer(originSide);
    return media.describeOffer(id, originSide);
  }
}

/** 488 when the description is at fault (RFC 3261 §21.4.26), 503 when we are. */
const statusOf = (error: unknown): number =>
  error instanceof CodedError && (error.code === 'not-acceptable-media' || error.code === 'bad-request') ? 488 : 503;
