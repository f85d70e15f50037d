import type { Clock } from '../../shared/clock.ts';
import type { AttemptId } from '../../shared/ids.ts';
import type { AuthorisationOutcome } from '../messages.ts';

/** How many attempts are remembered; the oldest that was answered goes first. The journal outside remembers them all. */
export const attemptsKept = 10_000;

/**
 * The attempts that were asked, with their answers. An attempt that comes again gets the answer of the first time and does
 * not reach the provider; also while the first is still on its way.
 */
export class AnsweredAttempts {
  readonly #answers = new Map<AttemptId, Promise<AuthorisationOutcome>>();
  /** When each attempt was asked first. */
  readonly #first = new Map<AttemptId, number>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** How long ago the attempt was asked for the first time; null where it was not. */
  ageMs(attempt: AttemptId): number | null {
    const first = this.#first.get(attempt);
    return first === undefined ? null : this.#clock.monotonic() - first;
  }

  /** Runs `ask` unless the attempt is known. A quote and a request that was never sent are not remembered: nothing was asked for yet. */
  once(attempt: AttemptId, ask: () => Promise<AuthorisationOutcome>): Promise<AuthorisationOutcome> {
    const known = this.#answers.get(attempt);
    if (known !== undefined) return known;
    const answer = ask();
    if (!this.#first.has(attempt)) this.#first.set(attempt, this.#clock.monotonic());
    this.#answers.set(attempt, answer);
    this.#limit();
    const forget = (): void => void this.#answers.delete(attempt);
    answer.then(({ outcome }) => {
      if (outcome === 'surcharge' || outcome === 'not-sent') forget();
    }, forget);
    return answer;
  }

  #limit(): void {
    for (const kept of [this.#answers, this.#first]) {
      const oldest = kept.keys().next();
      if (kept.size > attemptsKept && oldest.done !== true) kept.delete(oldest.value);
    }
  }
}
