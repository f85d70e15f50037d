import { assert } from '../shared/assert.ts';
import type { Clock, Timer } from '../shared/clock.ts';
import { CodedError } from '../shared/coded-error.ts';
import type { CallId, SessionId } from '../shared/ids.ts';
import type { LegSide } from '../shared/leg-side.ts';
import type { SrtpWishes } from '../shared/srtp-policy.ts';
import { infoKind, readInfoDigit } from './dtmf/info-digit.ts';
import { type Arrival, infoWindowMs, longestHeldMs, PressMerger } from './dtmf/press-merger.ts';
import type { CardVault } from './entry/card-vault.ts';
import type { FieldDesk } from './field-desk.ts';
import type { KeyWays, LeakKind, MediaEngine, MediaReport, Press, SecuredInterval } from './media/media-engine.ts';
import type { Ask, Notice } from './messages.ts';

/** One call in the room. */
interface RoomCall {
  /** From the moment that the lock is asked for until a release has succeeded: in doubt, secured. */
  secured: boolean;
  /** Its media are gone for good. */
  dead: boolean;
  /** Monotonic milliseconds of the last release. */
  releasedAt: number;
  /** Counts the locks, so that a release that was overtaken by a new lock does not undo it. */
  locks: number;
  readonly merger: PressMerger;
  forgetting: Timer | undefined;
  /** Sessions that captured on this call: what they hold goes with it. */
  sessions: Set<SessionId> | undefined;
}

export interface CallDeskParts {
  readonly engine: MediaEngine;
  readonly fields: FieldDesk;
  readonly vault: CardVault;
  readonly clock: Clock;
  readonly maxCalls: number;
  readonly betweenCaptures: 'pass' | 'drop';
  /** Whether a leak ends the field that is open. */
  readonly onLeak: 'report' | 'stop';
  readonly tell: (notice: Notice) => void;
}

/** The calls: their lock, and the way of each key from the media to the field that is open. */
export class CallDesk {
  readonly #parts: CallDeskParts;
  readonly #calls = new Map<CallId, RoomCall>();

  constructor(parts: CallDeskParts) {
    this.#parts = parts;
  }

  get size(): number {
    return this.#calls.size;
  }

  async create(call: CallId, srtp: SrtpWishes = {}): Promise<void> {
    if (this.#calls.has(call)) throw new CodedError('wrong-state');
    if (this.#calls.size >= this.#parts.maxCalls) throw new CodedError('overloaded');
    this.#calls.set(call, {
      secured: false,
      dead: false,
      releasedAt: Number.NEGATIVE_INFINITY,
      locks: 0,
      merger: new PressMerger(),
      forgetting: undefined,
      sessions: undefined,
    });
    try {
      await this.#parts.engine.createCall(call, srtp);
    } catch (error) {
      this.#forget(call);
      throw error;
    }
  }

  /** Wipes before it lets go of anything. Harmless for an unknown call. */
  async end(call: CallId): Promise<MediaReport> {
    this.#forget(call);
    return this.#parts.engine.endCall(call);
  }

  /** Throws unless the call is here and its media live. */
  live(call: CallId): void {
    this.#find(call);
  }

  /** Secures the call, then opens the field. Fails closed: whatever goes wrong, the lock is not undone here. */
  async openField(ask: Ask<'field.open'>): Promise<null> {
    const { engine, fields } = this.#parts;
    const call = this.#find(ask.call);
    fields.prepare(ask);
    call.sessions ??= new Set();
    call.sessions.add(ask.session);
    call.secured = true;
    call.locks += 1;
    const lock = call.locks;
    await engine.secure(ask.call);
    // The world went on while the media side worked: the call may have ended, or the lock been let go again.
    if (this.#find(ask.call).locks !== lock || !call.secured) throw new CodedError('wrong-state');
    fields.open(ask);
    return null;
  }

  async release(callId: CallId): Promise<SecuredInterval> {
    const { engine, fields, clock } = this.#parts;
    const call = this.#find(callId);
    fields.stop(callId);
    const lock = call.locks;
    const interval = await engine.release(callId);
    if (call.locks === lock) {
      call.secured = false;
      call.releasedAt = clock.monotonic();
    }
    return interval;
  }

  /** A press that the media side saw. Only the customer's count: what an agent keys is none of ours. */
  pressed({ call, leg, key, source, at }: Press): void {
    if (leg === 'caller') this.#key(call, { key, source, at, heldMs: null });
  }

  /**
   * A SIP INFO. It may be passed on unless the call is secured; nor, if it carries a key of the customer's, for a moment
   * after: it may be the late copy of a key that was taken while the call was.
   */
  info({ call: callId, leg, contentType, body }: Ask<'info.received'>): { passOn: boolean } {
    const { clock, betweenCaptures, tell } = this.#parts;
    const call = this.#find(callId);
    if (leg !== 'caller' || infoKind(contentType) === undefined) return { passOn: !call.secured };
    const now = clock.monotonic();
    const digit = readInfoDigit(contentType, body);
    if (digit === undefined) tell({ kind: 'incident', word: 'bad-info-body', call: callId });
    else this.#key(callId, { key: digit.key, source: 'info', at: now, heldMs: digit.durationMs });
    const late = now - call.releasedAt <= infoWindowMs;
    return { passOn: !call.secured && !late && betweenCaptures === 'pass' };
  }

  /** No packets from a leg: an open field cannot go on. */
  lost(call: CallId, leg: LegSide): void {
    if (!this.#calls.has(call)) return;
    this.#parts.fields.fail(call, 'media-lost');
    this.#parts.tell({ kind: 'media.lost', call, leg });
  }

  hears(call: CallId, { events, tones }: KeyWays): void {
    if (this.#calls.has(call)) this.#parts.tell({ kind: 'call.hears', call, events, tones });
  }

  /** A secured interval has ended: with the call when that is known here no more. */
  secured(call: CallId, interval: SecuredInterval): void {
    const endedBy = this.#calls.has(call) ? 'release' : 'call';
    this.#parts.tell({ kind: 'call.secured', call, endedBy, interval });
  }

  leaked(call: CallId, what: LeakKind): void {
    if (!this.#calls.has(call)) return;
    this.#parts.tell({ kind: 'call.leaked', call, what });
    if (this.#parts.onLeak === 'stop') this.#parts.fields.fail(call, 'leak-found');
  }

  /** The media of these calls are gone. They stay known, and as secured as they were, until they are ended. */
  died(calls: readonly CallId[]): void {
    for (const callId of calls) {
      const call = this.#calls.get(callId);
      if (call === undefined || call.dead) continue;
      call.dead = true;
      this.#parts.fields.fail(callId, 'media-lost');
      this.#wipe(call);
      this.#parts.tell({ kind: 'call.died', call: callId });
    }
  }

  /** Closes every field and wipes; the locks stay. */
  wipeAll(): void {
    for (const [id, call] of this.#calls) {
      this.#parts.fields.stop(id);
      this.#wipe(call);
    }
  }

  #find(callId: CallId): RoomCall {
    const call = this.#calls.get(callId);
    if (call === undefined) throw new CodedError('call-not-found');
    if (call.dead) throw new CodedError('media-lost');
    return call;
  }

  #key(callId: CallId, arrival: Arrival): void {
    const call = this.#calls.get(callId);
    if (call === undefined || call.dead) return;
    const isNew = call.merger.isNew(arrival);
    this.#forgetSoon(call, infoWindowMs);
    if (!isNew) return;
    const taken = call.secured && this.#parts.fields.press(callId, arrival.key, arrival.at);
    if (call.secured && !taken) this.#parts.tell({ kind: 'incident', word: 'press-ignored', call: callId });
  }

  /** What the merger remembers are digits too. */
  #forgetSoon(call: RoomCall, ms: number): void {
    call.forgetting?.cancel();
    call.forgetting = this.#parts.clock.after(ms + 1, () => {
      call.merger.forget(this.#parts.clock.monotonic());
      if (call.merger.size > 0) this.#forgetSoon(call, longestHeldMs);
    });
  }

  #wipe(call: RoomCall): void {
    call.forgetting?.cancel();
    call.merger.wipe();
    for (const session of call.sessions ?? []) this.#parts.vault.wipe(session, null);
    call.sessions = undefined;
  }

  #forget(callId: CallId): void {
    const call = this.#calls.get(callId);
    if (call === undefined) return;
    this.#parts.fields.forget(callId);
    this.#wipe(call);
    call.merger[Symbol.dispose]();
    assert(this.#calls.delete(callId));
  }
}
