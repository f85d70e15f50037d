import type { WebhookDesk } from '../agent/webhooks/webhook-desk.ts';
import type { JournalBook } from '../ledger/journal-book.ts';
import type { LeftOpen } from '../ledger/left-open.ts';
import type { RefundDesk } from '../payment/refund-desk.ts';
import type { SessionDesk } from '../payment/session-desk.ts';
import type { Clock, Timer } from '../shared/clock.ts';

/** The chains of other gateways are looked at so often within the time that makes one dead. */
const looksWithin = 4;

export interface TakeOverParts {
  readonly book: Pick<JournalBook, 'takeOver' | 'abandoned'>;
  readonly desk: Pick<SessionDesk, 'adopt' | 'dropQuotes'>;
  readonly refunds: Pick<RefundDesk, 'adopt'>;
  readonly webhooks: Pick<WebhookDesk, 'take'>;
  readonly clock: Clock;
  /** How long a gateway's chain may be nobody's before that gateway counts as dead; null to leave that to others. */
  readonly afterMs: number | null;
  readonly took: (gateway: string, left: LeftOpen) => void;
  readonly failed: () => void;
}

interface Seen {
  readonly seq: number;
  readonly sinceMs: number;
  /** It had left nothing open at that entry. */
  readonly settled: boolean;
}

/**
 * Payments, refunds and webhooks that a gateway has left open which never came back: one of the others takes them over, once,
 * asks the providers, and calls cancelled what was only quoted. Sessions and calls of that gateway are not here: they died with it.
 */
export class TakeOver {
  readonly #parts: TakeOverParts;
  readonly #seen = new Map<string, Seen>();
  #timer: Timer | null = null;
  #stopped = false;

  constructor(parts: TakeOverParts) {
    this.#parts = parts;
  }

  /** Begins to look for gateways that have gone. */
  start(): void {
    const { afterMs, clock } = this.#parts;
    if (afterMs === null || this.#stopped) return;
    this.#timer = clock.after(afterMs / looksWithin, () => {
      void this.look().then(() => this.start());
    });
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
  }

  /**
   * Takes over what a gateway has left open, for whoever knows that it is dead. Safe to call twice, and from several gateways.
   * @returns whether it is dead as far as the storage knows: false while its connection stands.
   * @throws {CodedError} `storage-failed`: ask again.
   */
  async of(gateway: string): Promise<boolean> {
    const { book, desk, refunds, webhooks, took } = this.#parts;
    const left = await book.takeOver(gateway);
    if (left === undefined) return false;
    if (Object.values(left).every((some) => some.length === 0)) return true;
    took(gateway, left);
    webhooks.take(left.notices);
    await desk.adopt(left.payments, 'gateway-lost');
    await desk.dropQuotes(left.quotes);
    await refunds.adopt(left.refunds, 'gateway-lost');
    return true;
  }

  /** Looks once. Never rejects. */
  async look(): Promise<void> {
    const { book, clock, afterMs, failed } = this.#parts;
    try {
      const chains = await book.abandoned();
      const gone = new Set(chains.map(({ gateway }) => gateway));
      for (const known of this.#seen.keys()) if (!gone.has(known)) this.#seen.delete(known);
      for (const { gateway, seq } of chains) {
        const seen = this.#seen.get(gateway);
        const now = clock.monotonic();
        if (seen?.seq !== seq) this.#seen.set(gateway, { seq, sinceMs: now, settled: false });
        else if (!seen.settled && afterMs !== null && now - seen.sinceMs >= afterMs && (await this.of(gateway)))
          this.#seen.set(gateway, { ...seen, settled: true });
      }
    } catch {
      failed();
    }
  }
}
