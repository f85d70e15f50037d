import type { RecordedRefund } from './refund.ts';

/** What became of a refund or a void that was unknown. */
export type RefundAnswer = { answer: 'given-back'; reference: string | null } | { answer: 'not-given-back' };

export const outcomeOf = (answer: RefundAnswer): RecordedRefund =>
  answer.answer === 'given-back'
    ? { outcome: 'refunded', reference: answer.reference }
    : { outcome: 'declined', code: 'not-given-back' };
