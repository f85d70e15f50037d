import type { CallId } from '../shared/ids.ts';
import type { LegSide } from '../shared/leg-side.ts';
import type { SrtpWishes } from '../shared/srtp-policy.ts';

/** Counts of one leg over the whole call; jitter in milliseconds. */
export interface LegMediaReport {
  readonly received: number;
  readonly sent: number;
  readonly lost: number;
  readonly jitterMs: number;
  readonly refused: number;
}

/**
 * The media side as a call needs it; the door implements it. One offer/answer state a leg (RFC 3264): see the methods of
 * the same names in the walled room's media port. Rejections are `CodedError`s: `not-acceptable-media` is a 488 to the
 * side that offered, everything else a 503.
 */
export interface MediaPlane {
  /**
   * A new call by `leg`, who offered `sdp` (null: nothing). It is there also after a rejection, until it is ended. `srtp`:
   * whether the legs must, may or must not be encrypted, where this call has wishes of its own.
   * @returns the offer for the other leg.
   */
  beginCall(call: CallId, leg: LegSide, sdp: string | null, srtp?: SrtpWishes): Promise<string>;
  acceptOffer(call: CallId, leg: LegSide, sdp: string): Promise<void>;
  describeOffer(call: CallId, leg: LegSide): Promise<string>;
  acceptAnswer(call: CallId, leg: LegSide, sdp: string): Promise<void>;
  /** Takes the answer of `leg`. @returns the answer for the other leg. */
  passAnswer(call: CallId, leg: LegSide, sdp: string): Promise<string>;
  describeAnswer(call: CallId, leg: LegSide): Promise<string>;
  rollback(call: CallId, leg: LegSide): Promise<void>;
  /** @returns whether the INFO may be passed on to the other leg; never while the call is secured. */
  infoReceived(call: CallId, leg: LegSide, contentType: string, body: string): Promise<boolean>;
  endCall(call: CallId): Promise<{ caller: LegMediaReport; agent: LegMediaReport }>;
}
