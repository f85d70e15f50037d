import type { Clock } from '../../shared/clock.ts';
import type { SipServerLimits } from '../sip-server-limits.ts';
import type { SipServerObserver } from '../sip-server-observer.ts';
import type { Flow } from './flow.ts';

/** Who may send requests that begin something. */
export interface SourcePolicy {
  known(source: { readonly address: string; readonly port: number; readonly protocol: string }): boolean;
  /** What becomes of the others: a 403 whatever they ask, or silence, so that a scanner finds nothing at all. */
  readonly unknown: 'refuse' | 'ignore';
}

/**
 * `admit` serves it, `refuse` answers 403, `shed` answers 503 with Retry-After, `ignore` says nothing. Answers of the guard
 * are made without a transaction: a flood of them leaves nothing behind.
 */
export type Verdict = 'admit' | 'refuse' | 'shed' | 'ignore';

interface Watched {
  tokens: number;
  filledAt: number;
  badMessages: number;
  blockedUntil: number;
}

/**
 * Judges by their source the requests that belong to nothing here. What is within a dialog is never judged: its tags cannot
 * be guessed, and an address that somebody else has forged must not cut off a running call. A known source is only ever
 * shed, never blocked, for the same reason.
 */
export class SourceGuard {
  readonly #policy: SourcePolicy | undefined;
  readonly #limits: SipServerLimits;
  readonly #clock: Clock;
  readonly #observer: SipServerObserver;
  /** By address, the one heard last at the end. */
  readonly #watched = new Map<string, Watched>();

  constructor(
    policy: SourcePolicy | undefined,
    settings: { readonly limits: SipServerLimits; readonly clock: Clock; readonly observer: SipServerObserver },
  ) {
    this.#policy = policy;
    this.#limits = settings.limits;
    this.#clock = settings.clock;
    this.#observer = settings.observer;
  }

  /** Addresses that are remembered. */
  get watched(): number {
    return this.#watched.size;
  }

  /** A new request from this source. */
  judge(flow: Flow): Verdict {
    const known = this.knows(flow);
    const { requestsPerSource, strangerRequestsPerSecond } = this.#limits;
    const source = this.#watch(flow, known ? requestsPerSource : strangerRequestsPerSecond);
    if (known) {
      if (this.#takeToken(source, requestsPerSource)) return 'admit';
      this.#observer.observe({ kind: 'source-refused', reason: 'too-fast' });
      return 'shed';
    }
    if (this.#isBlocked(source)) return 'ignore';
    if (!this.#takeToken(source, strangerRequestsPerSecond)) {
      this.#block(source, 'too-fast');
      return 'ignore';
    }
    this.#observer.observe({ kind: 'source-refused', reason: 'unknown' });
    return this.#policy?.unknown === 'ignore' ? 'ignore' : 'refuse';
  }

  /** Bytes from this source that are no message. @returns whether they may be answered. */
  answersFault(flow: Flow): boolean {
    if (this.knows(flow)) return true;
    const source = this.#watch(flow, this.#limits.strangerRequestsPerSecond);
    if (this.#isBlocked(source)) return false;
    source.badMessages += 1;
    if (source.badMessages >= this.#limits.strangerBadMessages) this.#block(source, 'bad-messages');
    return this.#policy?.unknown !== 'ignore' && this.#takeToken(source, this.#limits.strangerRequestsPerSecond);
  }

  /** Whether this source may begin something. */
  knows({ remote, protocol }: Flow): boolean {
    return this.#policy === undefined || this.#policy.known({ protocol, ...remote });
  }

  #watch({ remote }: Flow, perSecond: number): Watched {
    const found = this.#watched.get(remote.address);
    this.#watched.delete(remote.address);
    const source = found ?? {
      tokens: 2 * perSecond,
      filledAt: this.#clock.monotonic(),
      badMessages: 0,
      blockedUntil: Number.NEGATIVE_INFINITY,
    };
    this.#watched.set(remote.address, source);
    if (this.#watched.size > this.#limits.watchedSources) {
      for (const oldest of this.#watched.keys()) {
        this.#watched.delete(oldest);
        break;
      }
    }
    return source;
  }

  /** A bucket that holds two seconds' worth: peers begin many calls at once when a queue opens. */
  #takeToken(source: Watched, perSecond: number): boolean {
    const now = this.#clock.monotonic();
    source.tokens = Math.min(2 * perSecond, source.tokens + ((now - source.filledAt) / 1000) * perSecond);
    source.filledAt = now;
    if (source.tokens < 1) return false;
    source.tokens -= 1;
    return true;
  }

  #isBlocked(source: Watched): boolean {
    if (source.blockedUntil > this.#clock.monotonic()) return true;
    if (source.blockedUntil > Number.NEGATIVE_INFINITY) {
      source.blockedUntil = Number.NEGATIVE_INFINITY;
      source.badMessages = 0;
    }
    return false;
  }

  #block(source: Watched, reason: 'too-fast' | 'bad-messages'): void {
    source.blockedUntil = this.#clock.monotonic() + this.#limits.blockedSourceMs;
    this.#observer.observe({ kind: 'source-refused', reason });
    this.#observer.observe({ kind: 'source-refused', reason: 'blocked' });
  }
}
