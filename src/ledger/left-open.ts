import type { Notice } from '../payment/notice.ts';
import type { RefundIntent } from '../payment/refund.ts';
import type { Intent } from '../payment/transaction-book.ts';
import type { JournalEntry } from './journal-entry.ts';

/** What a dead gateway had under way: nobody knows what became of it, and somebody has to ask. */
export interface LeftOpen {
  readonly payments: readonly Intent[];
  readonly refunds: readonly RefundIntent[];
  readonly notices: readonly Notice[];
}

/** Of entries that were taken over from another chain. */
export function leftOpen(entries: readonly JournalEntry[]): LeftOpen {
  const bodies = entries.map(({ body }) => body);
  return {
    payments: bodies.flatMap((body) => (body.kind === 'carried' ? [body.intent] : [])),
    refunds: bodies.flatMap((body) => (body.kind === 'refundCarried' ? [body.intent] : [])),
    notices: bodies.flatMap((body) => (body.kind === 'notice' ? [body.notice] : [])),
  };
}
