import type { Notice } from '../payment/notice.ts';
import type { RecordedRefund, RefundIntent } from '../payment/refund.ts';
import type { EvidenceEntry, Intent, RecordedOutcome } from '../payment/transaction-book.ts';
import type { AttemptId } from '../shared/ids.ts';
import type { NoticeResult } from './owed-notices.ts';

/** What stands in the journal. Never a digit of a card but the last four: see `entry-guard.ts`. */
export type JournalBody =
  | { readonly kind: 'opened' }
  | { readonly kind: 'intent'; readonly intent: Intent }
  /** With what is owed outside for it: one entry, since a process may die between two. */
  | {
      readonly kind: 'outcome';
      readonly attempt: AttemptId;
      readonly outcome: RecordedOutcome;
      readonly notices?: readonly Notice[];
    }
  | { readonly kind: 'evidence'; readonly evidence: EvidenceEntry }
  /** At the head of a new file: an attempt of an earlier one whose fate is not known, so that a start reads few files. */
  | {
      readonly kind: 'carried';
      readonly intent: Intent;
      readonly at: string;
      readonly outcome: RecordedOutcome | null;
    }
  | { readonly kind: 'refundIntent'; readonly intent: RefundIntent }
  | {
      readonly kind: 'refundOutcome';
      readonly refund: AttemptId;
      readonly attempt: AttemptId;
      readonly outcome: RecordedRefund;
      readonly notices?: readonly Notice[];
    }
  /** As `carried`, of a refund. */
  | {
      readonly kind: 'refundCarried';
      readonly intent: RefundIntent;
      readonly at: string;
      readonly outcome: RecordedRefund | null;
    }
  /** An event that is owed to receivers; again at the head of a new file, with those who are still owed it. */
  | { readonly kind: 'notice'; readonly notice: Notice }
  | { readonly kind: 'noticeSettled'; readonly notice: string; readonly hook: string; readonly result: NoticeResult }
  /** What follows was left open by a gateway that is gone, whose chain ended there; from here on it is this gateway's. */
  | { readonly kind: 'takenOver'; readonly from: string; readonly seq: number; readonly hash: string }
  /** The other side of that: nothing that stands before this is open here any more. */
  | { readonly kind: 'handedOver'; readonly to: string }
  /** A crash had left half an entry at the end; nobody had been told that it was safe. */
  | { readonly kind: 'repaired'; readonly bytesDropped: number }
  /** The storage had refused to write and does so no more. */
  | { readonly kind: 'worksAgain' };

/** An entry as the journal gives it: its place in the chain, when it was written, what it says. */
export interface JournalEntry {
  readonly seq: number;
  /** ISO time. */
  readonly at: string;
  readonly body: JournalBody;
}

/** Where a chain stands: the last entry's number and hash. */
export interface ChainEnd {
  readonly seq: number;
  readonly hash: string;
}

export const chainStart: ChainEnd = { seq: 0, hash: '0'.repeat(64) };
