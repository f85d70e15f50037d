import type { Notice } from '../payment/notice.ts';
import type { RefundIntent } from '../payment/refund.ts';
import type { Intent } from '../payment/transaction-book.ts';
import type { JournalEntry } from './journal-entry.ts';

/** What a dead gateway had under way. */
export interface LeftOpen {
  /** Nobody knows what became of these, and somebody has to ask. */
  readonly payments: readonly Intent[];
  /** Nothing was charged for these, and nobody can accept the surcharge any more. */
  readonly quotes: readonly Intent[];
  readonly refunds: readonly RefundIntent[];
  readonly notices: readonly Notice[];
}

/** Of entries that were taken over from another chain. */
export function leftOpen(entries: readonly JournalEntry[]): LeftOpen {
  const bodies = entries.map(({ body }) => body);
  const carried = bodies.filter((body) => body.kind === 'carried');
  const isQuote = ({ outcome }: (typeof carried)[number]): boolean => outcome?.outcome === 'quoted';
  return {
    payments: carried.filter((body) => !isQuote(body)).map(({ intent }) => intent),
    quotes: carried.filter(isQuote).map(({ intent }) => intent),
    refunds: bodies.flatMap((body) => (body.kind === 'refundCarried' ? [body.intent] : [])),
    notices: bodies.flatMap((body) => (body.kind === 'notice' ? [body.notice] : [])),
  };
}
