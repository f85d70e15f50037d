import type { Clock, Timer } from '../../../shared/clock.ts';
import { CodedError } from '../../../shared/coded-error.ts';
import { noInterval, type SecuredInterval } from '../media-engine.ts';
import type { CopySocket } from './copy-socket.ts';
import { CustomerCopy } from './customer-copy.ts';
import type { DaemonCall, Legs, OwnPort } from './daemon-call.ts';
import type { HeardKey } from './key-listener.ts';

export interface RelayedCallOptions {
  readonly steps: DaemonCall;
  readonly socket: CopySocket;
  readonly clock: Clock;
  readonly secureAudio: 'mute' | 'agentTalks' | 'masked';
  readonly betweenCaptures: 'pass' | 'drop';
  readonly legs: () => Legs;
  readonly heard: (key: HeardKey) => void;
  /** A secured interval has ended. */
  readonly secured: (interval: SecuredInterval) => void;
}

/** A release waits no longer than this for a key that is held down; the agent's leg stays silent until it is up all the same. */
const releaseLimitMs = 5000;
/** A release is told first and done so much later: nobody may hear the customer before the word has reached the agent. */
const leavingMs = 100;
/** How often a release looks whether the key is up. */
const lookMs = 20;
/** Repeated end packets of a key of the field may come so late; until then no event passes. */
const lateMs = 1000;
/** Two packets of events, and their way. */
const firstPacketsMs = 60;
/** Keys that may be faster than the confirmation of the lock. */
const earlyMax = 8;
/** What the player of silence sends: one packet every 20 ms. rtpengine does not count it. */
const silencePacketMs = 20;

/**
 * The lock of one call in rtpengine. Secured, the agent's leg is taken off the customer's stream altogether and a player
 * sends it silence, while a copy of that stream goes to the room. Every step that could let something through stands
 * between a block and its end: what breaks off in the middle leaves the customer's packets blocked.
 *
 * rtpengine's own ways (`DTMF-security`, `silence media`) are not used for the agent's leg: measured on 10.5, the first
 * turns events into tones on the agent's leg while the second is on, and neither sends anything while the customer is silent.
 */
export class RelayedCall {
  readonly #options: RelayedCallOptions;
  #work: Promise<unknown> = Promise.resolve();
  #state: 'open' | 'secured' | 'leaving' = 'open';
  #lock = 0;
  #since = 0;
  #copy: CustomerCopy | undefined;
  #confirmed = false;
  #early: HeardKey[] = [];
  #timer: Timer | undefined;
  #late: Timer | undefined;
  #over = false;

  constructor(options: RelayedCallOptions) {
    this.#options = options;
  }

  /** Takes ports, before anything is known of the legs. */
  open(): Promise<Record<'caller' | 'agent', OwnPort> | undefined> {
    const { steps, legs } = this.#options;
    return this.#inTurn(() => steps.describe(legs()));
  }

  /** The legs run as they are described now; a lock stays in force. */
  configure(): Promise<void> {
    const { steps, legs, betweenCaptures } = this.#options;
    return this.#inTurn(async () => {
      if (this.#state === 'open') {
        await steps.describe(legs());
        if (betweenCaptures === 'drop') await steps.blockKeys('caller');
        return;
      }
      await steps.block('caller');
      if ((await steps.describe(legs())) !== undefined) await this.#replay();
      await steps.detach('agent');
      if (this.#copy !== undefined) await steps.unblock('caller');
      this.#refreshLater(this.#lock, true);
    });
  }

  secure(): Promise<void> {
    this.#lock += 1;
    this.#timer?.cancel();
    this.#late?.cancel();
    const fresh = this.#state === 'open';
    this.#state = 'secured';
    this.#confirmed = false;
    this.#forgetEarly();
    if (fresh) this.#since = this.#options.clock.monotonic();
    return this.#inTurn(async () => {
      if (this.#copy === undefined) await this.#cut();
      // Keys that were faster than this word wait until whoever asked for the lock has opened its field.
      this.#confirmed = true;
      const lock = this.#lock;
      this.#options.clock.after(firstPacketsMs, () => this.#refreshLater(lock, false));
      const early = this.#early.splice(0);
      if (early.length > 0) setImmediate(() => early.forEach((key) => void this.#heard(key)));
    });
  }

  /** Resolves when no key is down any more; the agent's leg is opened a moment later. */
  async release(): Promise<SecuredInterval> {
    if (this.#state === 'open') return noInterval;
    const { clock } = this.#options;
    const lock = this.#lock;
    const limit = clock.monotonic() + releaseLimitMs;
    while (this.#lock === lock && !this.#quiet() && clock.monotonic() < limit && !this.#over) {
      await new Promise<void>((done) => clock.after(lookMs, done));
    }
    const interval = this.#interval();
    if (this.#lock === lock && !this.#over) {
      this.#state = 'leaving';
      this.#openLater(lock, leavingMs);
    }
    return interval;
  }

  /** Forgets all that is of the call here, not in rtpengine. */
  close(): void {
    if (this.#state !== 'open' && !this.#over) this.#options.secured(this.#interval());
    this.#over = true;
    this.#timer?.cancel();
    this.#late?.cancel();
    this.#copy?.close();
    this.#copy = undefined;
    this.#forgetEarly();
  }

  async #cut(): Promise<void> {
    const { steps, socket, clock, secureAudio } = this.#options;
    try {
      // First the copy: a key that is down stays one press for its receiver. Then nothing more reaches the agent.
      const copy = await CustomerCopy.open(steps, socket, clock, (key) => this.#heard(key));
      this.#copy = copy;
      if (this.#over) return this.close();
      await steps.detach('agent');
      await steps.stopPlaying('agent');
      await steps.playSilence('agent');
      if (secureAudio === 'mute') await steps.silence('agent');
      await steps.unblock('caller');
    } catch (error) {
      this.#copy?.close();
      this.#copy = undefined;
      await steps.block('caller').catch(() => undefined);
      throw error;
    }
  }

  /**
   * A copy that began in the middle of a press comes late from there on, by as long as the key had been down (measured on
   * rtpengine 10.5): once the key is up it is exchanged for a new one.
   */
  #refreshLater(lock: number, always: boolean): void {
    if (this.#lock !== lock || this.#over || this.#copy === undefined) return;
    if (!always && !this.#copy.listener.beganInPress) return;
    if (this.#quiet()) void this.#inTurn(() => this.#refresh(lock)).catch(() => undefined);
    else this.#options.clock.after(lookMs, () => this.#refreshLater(lock, always));
  }

  async #refresh(lock: number): Promise<void> {
    const { steps, socket, clock } = this.#options;
    const old = this.#copy;
    if (old === undefined || this.#lock !== lock) return;
    this.#copy = await CustomerCopy.open(steps, socket, clock, (key) => this.#heard(key), old);
    if (this.#over) return this.close();
    await steps.detach(old.tag);
  }

  async #replay(): Promise<void> {
    const { steps } = this.#options;
    await steps.stopPlaying('agent');
    await steps.playSilence('agent');
  }

  #openLater(lock: number, ms: number): void {
    const { clock } = this.#options;
    this.#timer = clock.after(ms, () => {
      if (this.#lock !== lock || this.#over) return;
      if (!this.#quiet()) return this.#openLater(lock, lookMs);
      // A failure leaves the agent's leg silent; the daemon's death, if it is that, is told by others.
      this.#inTurn(() => this.#uncut(lock)).catch(() => undefined);
    });
  }

  async #uncut(lock: number): Promise<void> {
    if (this.#lock !== lock || this.#over) return;
    const { steps, legs, secureAudio, clock } = this.#options;
    const copy = this.#copy;
    this.#options.secured(this.#interval());
    this.#copy = undefined;
    this.#state = 'open';
    copy?.close();
    this.#forgetEarly();
    await steps.blockKeys('caller');
    if (copy !== undefined) await steps.detach(copy.tag);
    await steps.stopPlaying('agent');
    await steps.describe(legs(), true);
    if (secureAudio === 'mute') await steps.unsilence('agent');
    if (copy === undefined) await steps.unblock('caller');
    this.#late = clock.after(lateMs, () => void this.#passKeys(lock));
  }

  async #passKeys(lock: number): Promise<void> {
    const { steps, betweenCaptures } = this.#options;
    if (betweenCaptures === 'drop') return;
    await this.#inTurn(async () => {
      if (this.#lock === lock && !this.#over) await steps.unblockKeys('caller');
    }).catch(() => undefined);
  }

  #heard(key: HeardKey): void {
    if (this.#over || this.#state === 'open') return;
    if (this.#confirmed) this.#options.heard(key);
    else if (this.#early.length < earlyMax) this.#early.push(key);
  }

  #quiet(): boolean {
    return this.#copy === undefined || this.#copy.listener.quiet(this.#options.clock.monotonic());
  }

  #interval(): SecuredInterval {
    const ms = Math.round(this.#options.clock.monotonic() - this.#since);
    const heard = this.#copy?.listener;
    return {
      ms,
      audioSuppressed: heard?.audioPackets ?? 0,
      eventsSuppressed: heard?.eventPackets ?? 0,
      silenceSent: heard === undefined ? 0 : Math.floor(ms / silencePacketMs),
      // Nobody listens to the agent's leg here: the packets do not pass through the room.
      leaks: 0,
    };
  }

  #forgetEarly(): void {
    this.#early = [];
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#work.then(() => {
      if (this.#over) throw new CodedError('call-not-found');
      return work();
    });
    this.#work = done.catch(() => undefined);
    return done;
  }
}
