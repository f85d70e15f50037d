import { assert } from '../../../shared/assert.ts';
import { CodedError } from '../../../shared/coded-error.ts';
import type { CallId } from '../../../shared/ids.ts';
import { type LegSide, otherSide } from '../../../shared/leg-side.ts';
import type { SrtpWishes } from '../../../shared/srtp-policy.ts';
import type { MediaEngine, MediaEvents, MediaReport, SecuredInterval } from '../media-engine.ts';
import { keyWays } from './key-ways.ts';
import type { LegSettings } from './leg-settings.ts';
import type { Negotiation } from './negotiation.ts';

export interface NegotiatedCall {
  readonly id: CallId;
  readonly negotiation: Negotiation;
}

/** What the legs of a call are to run by from now on; a leg that is not named goes on as it is. */
export type LegChanges = Readonly<Partial<Record<LegSide, LegSettings>>>;

/** The part of the port that is the same whatever moves the packets: the calls, and our own offer and answer for each. */
export abstract class NegotiatedEngine<Call extends NegotiatedCall> implements MediaEngine {
  protected readonly events: MediaEvents;
  protected readonly calls = new Map<CallId, Call>();
  readonly #opening = new Set<CallId>();

  constructor(events: MediaEvents) {
    this.events = events;
  }

  /** Takes the ports of a new call, and enters it into `calls` in the same turn in which it last looked whether they are there. */
  protected abstract open(id: CallId, srtp: SrtpWishes): Promise<void>;

  /** Has the media of the named legs run by these settings. */
  protected abstract configure(call: Call, changes: LegChanges): Promise<void>;

  /** A peer's description without what the engine does not carry. @throws {CodedError} `not-acceptable-media`. */
  protected abstract carried(sdp: string, as: 'offer' | 'answer'): string;

  abstract secure(id: CallId): Promise<void>;
  abstract release(id: CallId): Promise<SecuredInterval>;
  abstract endCall(id: CallId): Promise<MediaReport>;
  abstract close(): Promise<void>;

  async createCall(id: CallId, srtp: SrtpWishes = {}): Promise<void> {
    assert(!this.calls.has(id) && !this.#opening.has(id));
    this.#opening.add(id);
    try {
      await this.open(id, srtp);
    } finally {
      this.#opening.delete(id);
    }
  }

  async acceptOffer(id: CallId, leg: LegSide, sdp: string): Promise<void> {
    this.call(id).negotiation.acceptOffer(leg, this.carried(sdp, 'offer'));
  }

  async describeOffer(id: CallId, leg: LegSide): Promise<string> {
    return this.call(id).negotiation.describeOffer(leg);
  }

  async acceptAnswer(id: CallId, leg: LegSide, sdp: string): Promise<void> {
    const call = this.call(id);
    call.negotiation.acceptAnswer(leg, this.carried(sdp, 'answer'));
    await this.#described(call, leg);
  }

  async describeAnswer(id: CallId, leg: LegSide): Promise<string> {
    const call = this.call(id);
    const sdp = call.negotiation.describeAnswer(leg);
    await this.#described(call, leg);
    return sdp;
  }

  async passAnswer(id: CallId, leg: LegSide, sdp: string): Promise<string> {
    const call = this.call(id);
    call.negotiation.acceptAnswer(leg, this.carried(sdp, 'answer'));
    let answer: string;
    try {
      answer = call.negotiation.describeAnswer(otherSide(leg));
    } catch (error) {
      // What the leg answered is in force all the same.
      await this.#described(call, leg);
      throw error;
    }
    await this.#described(call, leg, otherSide(leg));
    return answer;
  }

  async rollback(id: CallId, leg: LegSide): Promise<void> {
    this.call(id).negotiation.rollback(leg);
  }

  protected call(id: CallId): Call {
    const call = this.calls.get(id);
    if (call === undefined) throw new CodedError('call-not-found');
    return call;
  }

  async #described(call: Call, ...legs: LegSide[]): Promise<void> {
    const changes: { -readonly [Leg in LegSide]?: LegSettings } = {};
    for (const leg of legs) {
      const settings = call.negotiation.settings(leg);
      if (settings !== undefined) changes[leg] = settings;
    }
    await this.configure(call, changes);
    if (changes.caller !== undefined) this.events.hears(call.id, keyWays(changes.caller));
  }
}
