import type { SecuredInterval } from '../media-engine.ts';

/** Leaks of one interval that are told one by one; more of them say nothing new. */
const leaksToldMax = 16;

/** What happens to the agent's leg from a lock to its release, in numbers. */
export class SecuredCount {
  audioSuppressed = 0;
  eventsSuppressed = 0;
  #leaks = 0;
  readonly #since: number;
  readonly #silenceBefore: number;

  constructor(now: number, silenceSent: number) {
    this.#since = now;
    this.#silenceBefore = silenceSent;
  }

  /** @returns whether this one is told by itself. */
  leaked(): boolean {
    this.#leaks += 1;
    return this.#leaks <= leaksToldMax;
  }

  interval(now: number, silenceSent: number): SecuredInterval {
    const { audioSuppressed, eventsSuppressed } = this;
    return {
      ms: now - this.#since,
      audioSuppressed,
      eventsSuppressed,
      silenceSent: silenceSent - this.#silenceBefore,
      leaks: this.#leaks,
    };
  }
}
