import type { FoundPayment } from '../payment/refund-book.ts';
import type { Transaction } from '../payment/transaction.ts';
import type { Intent, RecordedOutcome } from '../payment/transaction-book.ts';
import type { AttemptId, CallId } from '../shared/ids.ts';
import type { JournalEntry } from './journal-entry.ts';
import { RefundIndex } from './refund-index.ts';

/** Calls whose history is in memory, live ones apart; of older ones it is on the storage only. */
export const callsMax = 5000;
/** Attempts of one call in its history. */
export const attemptsPerCallMax = 200;

interface Attempt {
  intent: Intent;
  /** ISO time of the first intent. */
  readonly at: string;
  outcome: RecordedOutcome | null;
}

type OutcomeName = RecordedOutcome['outcome'];

/** Outcomes after which an attempt may be intended anew: nothing was charged and nothing is under way. */
const reopening: ReadonlySet<OutcomeName> = new Set(['not-sent', 'quoted']);
/** What may follow an outcome, as money can move; `null` is the answer to an intent. */
const follows: Readonly<Partial<Record<OutcomeName, readonly OutcomeName[]>>> = {
  unknown: ['succeeded', 'declined', 'cancelled', 'not-sent'],
  succeeded: ['cancelled', 'unknown'],
  quoted: ['cancelled'],
};

/** The attempts as the journal tells them: what became of each, and which call's they are. Bounded. */
export class AttemptIndex {
  readonly #byAttempt = new Map<AttemptId, Attempt>();
  readonly #byCall = new Map<CallId, Attempt[]>();
  readonly refunds = new RefundIndex((call) => this.isLive(call));
  /** What is about a live call is never forgotten: its history is read from here, and its payments may still be voided. */
  isLive: (call: CallId) => boolean = () => false;

  clear(): void {
    this.#byAttempt.clear();
    this.#byCall.clear();
    this.refunds.clear();
  }

  mayIntend(attempt: AttemptId): boolean {
    const known = this.#byAttempt.get(attempt);
    return known === undefined || (known.outcome !== null && reopening.has(known.outcome.outcome));
  }

  mayConclude(attempt: AttemptId, next: RecordedOutcome): boolean {
    const known = this.#byAttempt.get(attempt);
    if (known === undefined) return false;
    return known.outcome === null || follows[known.outcome.outcome]?.includes(next.outcome) === true;
  }

  intended(intent: Intent, at: string): void {
    const known = this.#byAttempt.get(intent.attempt);
    if (known !== undefined) {
      known.intent = intent;
      known.outcome = null;
      return;
    }
    const attempt: Attempt = { intent, at, outcome: null };
    this.#byAttempt.set(intent.attempt, attempt);
    const ofCall = this.#byCall.get(intent.call) ?? [];
    this.#byCall.set(intent.call, ofCall);
    ofCall.push(attempt);
    this.#forgetOldest(ofCall);
  }

  concluded(attempt: AttemptId, outcome: RecordedOutcome): void {
    const known = this.#byAttempt.get(attempt);
    if (known !== undefined) known.outcome = outcome;
  }

  /** Follows an entry of the storage; what is about no attempt passes by. */
  take({ at, body }: JournalEntry): void {
    switch (body.kind) {
      case 'intent':
        return this.intended(body.intent, at);
      case 'outcome':
        return this.concluded(body.attempt, body.outcome);
      case 'carried':
        this.intended(body.intent, body.at);
        if (body.outcome !== null) this.concluded(body.intent.attempt, body.outcome);
        return;
      case 'refundIntent':
        return this.refunds.intended(body.intent, at);
      case 'refundOutcome':
        return this.refunds.concluded(body.refund, body.outcome);
      case 'refundCarried':
        this.refunds.intended(body.intent, body.at);
        if (body.outcome !== null) this.refunds.concluded(body.intent.refund, body.outcome);
        return;
      default:
        return;
    }
  }

  /** Whether the call's history is in memory. */
  knows(call: CallId): boolean {
    return this.#byCall.has(call);
  }

  history(call: CallId): Transaction[] {
    return (this.#byCall.get(call) ?? []).flatMap((attempt) => this.#transactionOf(attempt));
  }

  payment(attempt: AttemptId): FoundPayment | undefined {
    const known = this.#byAttempt.get(attempt);
    const transaction = known === undefined ? undefined : this.#transactionOf(known)[0];
    return known === undefined || transaction === undefined ? undefined : { intent: known.intent, transaction };
  }

  /** All that it knows, the newest first. */
  transactions(): Transaction[] {
    return [...this.#byAttempt.values()].flatMap((attempt) => this.#transactionOf(attempt)).toReversed();
  }

  /** Attempts without an outcome, and unknown ones. */
  unresolved(): Intent[] {
    return this.open().flatMap(({ intent, outcome }) => (outcome?.outcome === 'quoted' ? [] : [intent]));
  }

  /** Attempts of which nobody has said yet whether the surcharge is accepted. */
  quoted(): Intent[] {
    return this.open().flatMap(({ intent, outcome }) => (outcome?.outcome === 'quoted' ? [intent] : []));
  }

  /** Everything that has not come to its end: what is unresolved, and what is only quoted. */
  open(): { intent: Intent; at: string; outcome: RecordedOutcome | null }[] {
    return [...this.#byAttempt.values()].filter(isOpen);
  }

  /** An attempt that never left, or was only quoted, is no transaction. One whose void went through is cancelled. */
  #transactionOf({ intent, at, outcome }: Attempt): Transaction[] {
    if (outcome === null || outcome.outcome === 'not-sent' || outcome.outcome === 'quoted') return [];
    const { attempt, call, agent, psp, type, amount, currency, brand, lastFour, merchantReference, searchValue } =
      intent;
    const reference = outcome.outcome === 'succeeded' ? outcome.reference : null;
    const refunds = this.refunds.ofPayment(attempt);
    const voided = refunds.some(({ kind, outcome: now }) => kind === 'void' && now === 'refunded');
    return [
      {
        ...{ id: attempt, at, callId: call, agent, psp, type, amount, currency, brand, lastFour, reference },
        outcome: voided ? 'cancelled' : outcome.outcome,
        ...(merchantReference !== undefined && { merchantReference }),
        ...(searchValue !== undefined && { searchValue }),
        ...(refunds.length > 0 && { refunds }),
      },
    ];
  }

  /** What is open is never forgotten, whatever its age. */
  #forgetOldest(ofCall: Attempt[]): void {
    if (ofCall.length > attemptsPerCallMax) this.#forget(ofCall.shift());
    if (this.#byCall.size <= callsMax) return;
    for (const [call, attempts] of this.#byCall) {
      if (this.isLive(call)) continue;
      this.#byCall.delete(call);
      for (const attempt of attempts) this.#forget(attempt);
      return;
    }
  }

  #forget(attempt: Attempt | undefined): void {
    if (attempt !== undefined && !isOpen(attempt)) this.#byAttempt.delete(attempt.intent.attempt);
  }
}

const isOpen = ({ outcome }: Attempt): boolean =>
  outcome === null || outcome.outcome === 'unknown' || outcome.outcome === 'quoted';
