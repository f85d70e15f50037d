import type { GivingBack } from './given-back.ts';
import type { RecordedRefund, RefundIntent } from './refund.ts';

/** Where a payment belongs. */
export type PaymentPlace = Pick<RefundIntent, 'attempt' | 'call' | 'session'>;

/** Sessions that may still show a payment: what is given back of it here they have to know. */
export interface PaidSessions {
  /**
   * Nothing else is given back of the payment from now on, until `gaveBack`.
   * @returns false while the session itself has it with the provider: then nobody else may give it back.
   */
  mayGiveBack(payment: PaymentPlace): Promise<boolean>;
  gaveBack(payment: PaymentPlace, now: GivingBack): void;
}

/** What an outcome at the refund desk is to the payment's session. */
export function stepOf({ kind, amount }: RefundIntent, outcome: RecordedRefund['outcome']): GivingBack {
  const steps = {
    refunded: 'done',
    requested: 'done',
    declined: 'refused',
    'not-sent': 'refused',
    unknown: 'unknown',
  } as const;
  return { step: steps[outcome], whole: kind === 'void', amount };
}
