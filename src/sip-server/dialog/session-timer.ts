import type { Clock, Timer } from '../../shared/clock.ts';
import type { SessionTerms } from './session-terms.ts';

export interface SessionTimerUser {
  /** It is time for us to refresh; `agreed` or `retryIn` is called when that has been answered. */
  refresh(): void;
  /** The peer has not refreshed: the session is over. */
  expired(): void;
}

/** RFC 4028 §10: the one who does not refresh gives up a little before the end, so that its BYE still finds the dialog. */
const graceMs = (seconds: number): number => seconds * 1000 - Math.min(32_000, (seconds * 1000) / 3);

/** The session timer of one dialog (RFC 4028): one timer, which either asks us to refresh or waits for the peer to. */
export class SessionTimer {
  readonly #clock: Clock;
  readonly #user: SessionTimerUser;
  #terms: SessionTerms | undefined;
  #timer: Timer | undefined;
  #stopped = false;

  constructor(clock: Clock, user: SessionTimerUser) {
    this.#clock = clock;
    this.#user = user;
  }

  get terms(): SessionTerms | undefined {
    return this.#terms;
  }

  /** A 2xx has gone or come: the session begins anew by these terms, or has no end. */
  agreed(terms: SessionTerms | undefined): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#terms = this.#stopped ? undefined : terms;
    if (terms === undefined || this.#stopped) return;
    // RFC 4028 §7.4: a refresh is due at half the time.
    const ours = terms.refresher === 'us';
    const ms = ours ? terms.seconds * 500 : graceMs(terms.seconds);
    this.#timer = this.#clock.after(ms, () => (ours ? this.#user.refresh() : this.#user.expired()));
  }

  /** A refresh could not be made now. */
  retryIn(ms: number): void {
    this.#timer?.cancel();
    if (!this.#stopped) this.#timer = this.#clock.after(ms, () => this.#user.refresh());
  }

  /** The dialog is over: what still comes in of a refresh means nothing. */
  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#terms = undefined;
  }
}
