import type { Clock } from '../shared/clock.ts';

export type Refused = 'draining' | 'too-many-calls' | 'too-many-per-second';

/** Decides whether one more call may come in. A token bucket of one second's calls; full at the start. */
export class Admission {
  readonly #limits: { readonly calls: number; readonly callsPerSecond: number };
  readonly #clock: Clock;
  #tokens: number;
  #filledAt: number;
  #draining = false;

  constructor(limits: { readonly calls: number; readonly callsPerSecond: number }, clock: Clock) {
    this.#limits = limits;
    this.#clock = clock;
    this.#tokens = limits.callsPerSecond;
    this.#filledAt = clock.monotonic();
  }

  get draining(): boolean {
    return this.#draining;
  }

  /** From here on no call is admitted. */
  drain(): void {
    this.#draining = true;
  }

  /** @param running calls that exist already. @returns undefined when the call is admitted. */
  ask(running: number): Refused | undefined {
    if (this.#draining) return 'draining';
    if (running >= this.#limits.calls) return 'too-many-calls';
    const now = this.#clock.monotonic();
    const gained = ((now - this.#filledAt) / 1000) * this.#limits.callsPerSecond;
    this.#tokens = Math.min(this.#limits.callsPerSecond, this.#tokens + gained);
    this.#filledAt = now;
    if (this.#tokens < 1) return 'too-many-per-second';
    this.#tokens -= 1;
    return undefined;
  }
}
