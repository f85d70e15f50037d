import { asKeyCode, configuredKey, type KeyCode } from '../../src/cde/dtmf/key-code.ts';
import type {
  LeakKind,
  MediaEngine,
  MediaEvents,
  MediaReport,
  PressSource,
  SecuredInterval,
} from '../../src/cde/media/media-engine.ts';
import { CodedError } from '../../src/shared/coded-error.ts';
import type { CallId } from '../../src/shared/ids.ts';
import { type LegSide, otherSide } from '../../src/shared/leg-side.ts';

const emptyLeg = { received: 0, sent: 0, lost: 0, jitterMs: 0, refused: 0 };
const interval: SecuredInterval = { ms: 1_000, audioSuppressed: 50, eventsSuppressed: 12, silenceSent: 50, leaks: 0 };

/** A media engine of paper: it moves no sound, writes down what it was told, and presses keys when the test says so. */
export class FakeMediaEngine implements MediaEngine {
  readonly told: string[] = [];
  readonly securedCalls = new Set<CallId>();
  readonly #events: MediaEvents;
  readonly #now: () => number;
  /** What the next of these does instead of succeeding. */
  readonly instead = new Map<'createCall' | 'secure' | 'release', () => Promise<void>>();

  constructor(events: MediaEvents, now: () => number) {
    this.#events = events;
    this.#now = now;
  }

  /** Presses keys on the customer's keypad, one after another at this very moment. */
  press(call: CallId, keys: string, source: PressSource = 'event', leg: LegSide = 'caller'): void {
    for (const character of keys) {
      const key = (configuredKey(character) ?? asKeyCode(0)) as KeyCode;
      this.#events.pressed({ call, leg, key, source, at: this.#now() });
    }
  }

  lose(call: CallId, leg: LegSide): void {
    this.#events.lost(call, leg);
  }

  leak(call: CallId, kind: LeakKind): void {
    this.#events.leaked(call, kind);
  }

  /** A lock has ended, with the call or by a release. */
  endLock(call: CallId): void {
    this.#events.secured(call, interval);
  }

  hear(call: CallId, events: boolean, tones: boolean): void {
    this.#events.hears(call, { events, tones });
  }

  die(...calls: CallId[]): void {
    this.#events.died(calls);
  }

  async createCall(call: CallId): Promise<void> {
    this.told.push('createCall');
    await this.#instead('createCall');
    this.securedCalls.delete(call);
  }

  async acceptOffer(_: CallId, leg: LegSide, sdp: string): Promise<void> {
    this.told.push(`acceptOffer ${leg}`);
    if (sdp === '') throw new CodedError('not-acceptable-media');
  }

  async describeOffer(_: CallId, leg: LegSide): Promise<string> {
    return `offer for ${leg}`;
  }

  async acceptAnswer(_: CallId, leg: LegSide): Promise<void> {
    this.told.push(`acceptAnswer ${leg}`);
  }

  async describeAnswer(_: CallId, leg: LegSide): Promise<string> {
    return `answer for ${leg}`;
  }

  async passAnswer(call: CallId, leg: LegSide): Promise<string> {
    await this.acceptAnswer(call, leg);
    return this.describeAnswer(call, otherSide(leg));
  }

  async rollback(_: CallId, leg: LegSide): Promise<void> {
    this.told.push(`rollback ${leg}`);
  }

  async secure(call: CallId): Promise<void> {
    this.told.push('secure');
    this.securedCalls.add(call);
    await this.#instead('secure');
  }

  async release(call: CallId): Promise<SecuredInterval> {
    this.told.push('release');
    await this.#instead('release');
    this.securedCalls.delete(call);
    return interval;
  }

  async endCall(): Promise<MediaReport> {
    this.told.push('endCall');
    return { caller: emptyLeg, agent: emptyLeg };
  }

  async close(): Promise<void> {
    this.told.push('close');
  }

  async #instead(what: 'createCall' | 'secure' | 'release'): Promise<void> {
    const act = this.instead.get(what);
    this.instead.delete(what);
    await act?.();
  }
}
