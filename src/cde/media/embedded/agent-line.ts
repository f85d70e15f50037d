import type { LeakKind, SecuredInterval } from '../media-engine.ts';
import { LeakWatch } from './leak-watch.ts';
import type { Leg } from './leg.ts';
import { SecuredCount } from './secured-count.ts';
import { hangoverMs } from './suppression.ts';

/** What the agent's leg gets while it is secured or a key is taken out: silence of ours, the watch over it, the counts. */
export class AgentLine {
  readonly #leg: Leg;
  readonly #mayPass: boolean;
  readonly #leaked: (kind: LeakKind) => void;
  #counts = new SecuredCount(0, 0);
  #watch: LeakWatch | undefined;
  /** The agent has silence of ours, whatever would pass. */
  #hushed = false;

  /** `mayPass`: the customer's sound may reach the agent under the lock, less its tones. */
  constructor(leg: Leg, mayPass: boolean, leaked: (kind: LeakKind) => void) {
    this.#leg = leg;
    this.#mayPass = mayPass;
    this.#leaked = leaked;
  }

  get counts(): SecuredCount {
    return this.#counts;
  }

  /** What was counted since the lock. */
  interval(now: number): SecuredInterval {
    return this.#counts.interval(now, this.#leg.outgoing.silenceSent);
  }

  /** A lock begins; `fresh` when none was in force. */
  lock(fresh: boolean, now: number): void {
    if (fresh) this.#counts = new SecuredCount(now, this.#leg.outgoing.silenceSent);
    this.#watch ??= new LeakWatch(this.#mayPass, (kind) => {
      if (this.#counts.leaked()) this.#leaked(kind);
    });
    this.describe();
    this.#leg.outgoing.monitor = this.#watch;
  }

  /** The leg has other payload types now. */
  describe(): void {
    if (this.#leg.settings !== undefined) this.#watch?.describe(this.#leg.settings);
  }

  /** @returns whether silence begins now. */
  hush(now: number): boolean {
    if (this.#hushed) return false;
    this.#hushed = true;
    this.#leg.outgoing.silence(now);
    return true;
  }

  /** Whether the agent has silence of ours. */
  get hushed(): boolean {
    return this.#hushed;
  }

  /** A packet may pass: silence, if there is any, ends with it, unless a key is down or has only just come up. */
  speak(held: boolean, lastPressAt: number, now: number): void {
    if (!this.#hushed || held || now - lastPressAt < hangoverMs) return;
    this.#hushed = false;
    this.#leg.outgoing.resume(now);
  }

  /** The lock is no longer in force. */
  open(now: number): void {
    this.wipe();
    this.#hushed = false;
    this.#leg.outgoing.resume(now);
  }

  wipe(): void {
    this.#leg.outgoing.monitor = undefined;
    this.#watch?.wipe();
    this.#watch = undefined;
  }
}
