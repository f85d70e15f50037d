import type { Clock, Timer } from '../../../shared/clock.ts';
import { CodedError } from '../../../shared/coded-error.ts';
import { type LegSide, otherSide } from '../../../shared/leg-side.ts';
import { noInterval, type SecuredInterval } from '../media-engine.ts';
import type { KeyEvent } from './fsmrf.ts';
import { type LegCounts, type LegEndpoint, noCounts } from './leg-endpoint.ts';
import { PressBook, type ToldPress } from './press-book.ts';

export type Ends = Readonly<Record<LegSide, LegEndpoint>>;

export interface BridgedCallOptions {
  readonly clock: Clock;
  readonly secureAudio: 'mute' | 'agentTalks' | 'masked';
  readonly betweenCaptures: 'pass' | 'drop';
  /** Whether the leg has agreed on telephone-event. */
  readonly takesEvents: (leg: LegSide) => boolean;
  readonly heard: (press: ToldPress) => void;
  readonly secured: (interval: SecuredInterval) => void;
}

/** What is under way when a command has been obeyed has left FreeSWITCH this much later: two packets. */
const settleMs = 40;
/** A release waits no longer than this for a key that is held down. */
const releaseLimitMs = 5000;
/** So long without a telephone-event packet, and no key is down: they come every 20 to 50 ms, and are told 45 ms later. */
const quietMs = 100;
const lookMs = 20;
/** A release is told first and done so much later: nobody may hear the customer before the word has reached the agent. */
const leavingMs = 60;
/** Keys that may be faster than the confirmation of the lock. */
const earlyMax = 8;
/** FreeSWITCH takes nothing shorter for an event of its own; a lock has to wait for the end of a long one. */
const passedMsMin = 60;
const passedMsMax = 200;
/** Behind an event FreeSWITCH says its end three times and rests before the next, which nothing takes out of its queue. */
const passedEndMs = 100;

const keyNames = '0123456789*#ABCD';

/**
 * The lock of one call, whose two channels are bridged from the beginning to the end. FreeSWITCH passes no key across by
 * itself (`bridge_filter_dtmf`, read once when the bridge begins): what passes in the open is sent on from here, so a key
 * of the field needs no lock to stay away from the agent. Sound is taken off by muting what is written to the agent.
 */
export class BridgedCall {
  readonly #options: BridgedCallOptions;
  readonly #books = { caller: new PressBook(), agent: new PressBook() };
  #ends: Ends | undefined;
  #work: Promise<unknown> = Promise.resolve();
  #state: 'open' | 'secured' | 'leaving' = 'open';
  #lock = 0;
  #muted = false;
  #confirmed = false;
  #since = 0;
  #openSince = Number.NEGATIVE_INFINITY;
  /** When the agent's leg has had the last key that was passed to it. */
  #passedAt = 0;
  #early: ToldPress[] = [];
  #before: Readonly<Record<LegSide, LegCounts>> = { caller: noCounts, agent: noCounts };
  #now: Readonly<Record<LegSide, LegCounts>> = { caller: noCounts, agent: noCounts };
  #timer: Timer | undefined;
  #over = false;

  constructor(options: BridgedCallOptions) {
    this.#options = options;
  }

  /** Joins the two channels; nothing is known of the legs yet. */
  async join(ends: Ends): Promise<void> {
    this.#ends = ends;
    for (const end of [ends.caller, ends.agent]) await end.must('uuid_setvar_multi', variables);
    await ends.caller.execute('spandsp_start_dtmf');
    await ends.caller.must('uuid_bridge', ends.agent.uuid);
  }

  configure(leg: LegSide, sdp: string): Promise<void> {
    return this.#inTurn((ends) => ends[leg].modify(sdp));
  }

  /** Rejects where the lock cannot be confirmed; whoever asked has to end the call then: its agent may hear. */
  secure(): Promise<void> {
    const { clock } = this.#options;
    this.#lock += 1;
    this.#timer?.cancel();
    if (this.#state === 'open') {
      this.#since = clock.monotonic();
      this.#confirmed = false;
      this.#early = [];
    }
    this.#state = 'secured';
    return this.#inTurn(async (ends) => {
      if (!this.#muted) await this.#mute(ends);
      this.#confirmed = true;
      // Keys that were faster than this word wait until whoever asked for the lock has opened its field.
      const early = this.#early.splice(0);
      if (early.length > 0) setImmediate(() => early.forEach((press) => void this.#take(press)));
    });
  }

  /** Resolves when no key is down any more; the agent's leg is opened a moment later. */
  async release(): Promise<SecuredInterval> {
    if (this.#state === 'open') return noInterval;
    const { clock } = this.#options;
    const lock = this.#lock;
    await this.#untilQuiet(lock, clock.monotonic() + releaseLimitMs);
    const interval = this.#interval();
    if (this.#lock === lock && !this.#over) {
      this.#state = 'leaving';
      this.#openLater(lock);
    }
    return interval;
  }

  key(leg: LegSide, event: KeyEvent): void {
    if (this.#over) return;
    const press = this.#books[leg].told(event, this.#options.clock.monotonic());
    if (press === undefined) return;
    if (leg === 'caller' && this.#state !== 'open') return this.#take(press);
    this.#pass(leg, press);
  }

  async counts(): Promise<Readonly<Record<LegSide, LegCounts>>> {
    const ends = this.#ends;
    if (ends === undefined) return this.#now;
    const [caller, agent] = await Promise.all([ends.caller.counts(), ends.agent.counts()]);
    this.#now = { caller, agent };
    return this.#now;
  }

  /** Forgets all that is of the call here. Harmless when called twice. */
  close(): void {
    if (this.#state !== 'open' && !this.#over) this.#options.secured(this.#interval());
    this.#over = true;
    this.#timer?.cancel();
    this.#early = [];
    for (const book of Object.values(this.#books)) book.wipe();
  }

  async #mute(ends: Ends): Promise<void> {
    const { secureAudio, clock } = this.#options;
    this.#before = await this.counts();
    await ends.agent.must('uuid_audio', 'start write mute 1');
    if (secureAudio === 'mute') await ends.caller.must('uuid_audio', 'start write mute 1');
    // That command says +OK whatever becomes of it.
    if (!(await ends.agent.command('uuid_buglist')).includes('<function>audio</function>'))
      throw new CodedError('media-failed');
    const passing = Math.max(0, this.#passedAt - clock.monotonic());
    await new Promise<void>((done) => clock.after(passing + settleMs, done));
    this.#muted = true;
  }

  /** No event says that a key is down; the counter of the packets does. */
  async #untilQuiet(lock: number, limit: number): Promise<void> {
    const { clock } = this.#options;
    let [events, grewAt] = [(await this.counts().catch(() => this.#now)).caller.events, clock.monotonic()];
    while (this.#lock === lock && !this.#over && clock.monotonic() < limit) {
      await new Promise<void>((done) => clock.after(lookMs, done));
      const now = (await this.counts().catch(() => this.#now)).caller.events;
      if (now !== events) [events, grewAt] = [now, clock.monotonic()];
      else if (clock.monotonic() - grewAt >= quietMs) return;
    }
  }

  #openLater(lock: number): void {
    this.#timer = this.#options.clock.after(leavingMs, () => {
      // A failure leaves the agent's leg silent; the death of the server, if it is that, is told by others.
      this.#inTurn((ends) => this.#unmute(lock, ends)).catch(() => undefined);
    });
  }

  async #unmute(lock: number, ends: Ends): Promise<void> {
    if (this.#lock !== lock) return;
    this.#options.secured(this.#interval());
    this.#state = 'open';
    this.#openSince = this.#options.clock.monotonic();
    this.#muted = false;
    await ends.agent.must('uuid_audio', 'stop');
    if (this.#options.secureAudio === 'mute') await ends.caller.must('uuid_audio', 'stop');
  }

  /** A key under the lock. One that was down before it is none of the field's. */
  #take(press: ToldPress): void {
    if (this.#over || this.#state === 'open' || press.at < this.#since) return;
    if (this.#confirmed) this.#options.heard(press);
    else if (this.#early.length < earlyMax) this.#early.push(press);
  }

  /** A key in the open. Tones are in the sound, which passes anyway. */
  #pass(from: LegSide, { key, source, at, ms }: ToldPress): void {
    const { betweenCaptures, takesEvents, secureAudio } = this.#options;
    const to = otherSide(from);
    const shut = from === 'caller' ? betweenCaptures === 'drop' : this.#state !== 'open' && secureAudio === 'mute';
    if (shut || source !== 'event' || at < this.#openSince || !takesEvents(to)) return;
    const length = Math.round(Math.min(passedMsMax, Math.max(passedMsMin, ms)));
    if (to === 'agent')
      this.#passedAt = Math.max(this.#options.clock.monotonic(), this.#passedAt) + length + passedEndMs;
    this.#ends?.[to].command('uuid_send_dtmf', `${keyNames[key]}@${length}`).catch(() => undefined);
  }

  #interval(): SecuredInterval {
    const [before, now] = [this.#before, this.#now];
    const events = Math.max(0, now.caller.events - before.caller.events);
    return {
      ms: Math.round(this.#options.clock.monotonic() - this.#since),
      audioSuppressed: Math.max(0, now.caller.received - before.caller.received - events),
      eventsSuppressed: events,
      silenceSent: Math.max(0, now.agent.sent - before.agent.sent),
      // Nobody listens to the agent's leg here: the packets do not pass through the room.
      leaks: 0,
    };
  }

  #inTurn<T>(work: (ends: Ends) => Promise<T>): Promise<T> {
    const done = this.#work.then(() => {
      if (this.#over || this.#ends === undefined) throw new CodedError('call-not-found');
      return work(this.#ends);
    });
    this.#work = done.catch(() => undefined);
    return done;
  }
}

/**
 * `bridge_generate_comfort_noise=-1`: a steady stream of true silence while a leg sends nothing. `digits_dialed_filter`: what
 * FreeSWITCH remembers of keys for its records is a row of X. `disable_rtp_auto_adjust`: nobody moves a stream by sending.
 */
const variables = [
  'bridge_filter_dtmf=true',
  'bridge_generate_comfort_noise=-1',
  'digits_dialed_filter=^(.*)$',
  'disable_rtp_auto_adjust=true',
  'rtp_secure_media=forbidden',
  'hangup_after_bridge=true',
].join(';');
