import { type RecordedRefund, type RefundIntent, type RefundView, refundView } from '../payment/refund.ts';
import type { AttemptId, CallId } from '../shared/ids.ts';

/** Refunds in memory; what is unresolved is never forgotten, whatever its age. */
export const refundsMax = 5000;

export interface KnownRefund {
  readonly intent: RefundIntent;
  /** ISO time of the intent. */
  readonly at: string;
  readonly outcome: RecordedRefund | null;
}

/** The refunds as the chain tells them. */
export class RefundIndex {
  readonly #known = new Map<AttemptId, KnownRefund>();
  readonly #isLive: (call: CallId) => boolean;

  /** @param isLive of a live call nothing is forgotten. */
  constructor(isLive: (call: CallId) => boolean) {
    this.#isLive = isLive;
  }

  clear(): void {
    this.#known.clear();
  }

  intended(intent: RefundIntent, at: string): void {
    this.#known.set(intent.refund, { intent, at, outcome: null });
    this.#forgetOldest();
  }

  concluded(refund: AttemptId, outcome: RecordedRefund): void {
    const known = this.#known.get(refund);
    if (known !== undefined) this.#known.set(refund, { ...known, outcome });
  }

  mayIntend(refund: AttemptId): boolean {
    return !this.#known.has(refund);
  }

  /** A definite outcome stands; what is unknown does not become so again. */
  mayConclude(refund: AttemptId, { outcome }: RecordedRefund): boolean {
    const known = this.#known.get(refund);
    return known !== undefined && isUnresolved(known) && known.outcome?.outcome !== outcome;
  }

  get(refund: AttemptId): KnownRefund | undefined {
    return this.#known.get(refund);
  }

  ofPayment(attempt: AttemptId): RefundView[] {
    return [...this.#known.values()]
      .filter(({ intent }) => intent.attempt === attempt)
      .map(({ intent, at, outcome }) => refundView(intent, at, outcome));
  }

  unresolved(): KnownRefund[] {
    return [...this.#known.values()].filter(isUnresolved);
  }

  #forgetOldest(): void {
    if (this.#known.size <= refundsMax) return;
    const oldest = [...this.#known.values()].find((known) => !isUnresolved(known) && !this.#isLive(known.intent.call));
    if (oldest !== undefined) this.#known.delete(oldest.intent.refund);
  }
}

const isUnresolved = ({ outcome }: KnownRefund): boolean => outcome === null || outcome.outcome === 'unknown';
