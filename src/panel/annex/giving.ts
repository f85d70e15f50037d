import type { RefundView } from '../../payment/refund.ts';
import type { Transaction } from '../../payment/transaction.ts';
import { Problem } from '../problem.ts';

/** By the names of the routes: money back, or the whole payment as if it had not been. */
export type GivingWay = 'refunds' | 'void';

/** What the agent reads at the end. In `doubt` nobody here knows whether money went back, so it is not asked for again. */
export type GivingAnswer = Exclude<RefundView['outcome'], 'running'> | 'voided' | 'doubt' | Refusal;

const refusals = [
  'cannot-refund',
  'not-refundable',
  'refund-running',
  'do-not-resubmit',
  'refund-exceeds-payment',
  'forbidden',
] as const;
export type Refusal = (typeof refusals)[number] | 'refused';

/** A payment that is being given back, from the first click to the answer; one at a time. */
export interface Giving {
  readonly payment: string;
  readonly way: GivingWay;
  /** As the agent types it. */
  readonly amount: string;
  readonly step: 'amount' | 'sure' | 'sending' | 'done';
  readonly answer: GivingAnswer | null;
}

/** Money that went back, or is sure to. */
export const givenBack = ({ refunds = [] }: Transaction): number =>
  sumOf(refunds.filter(({ outcome }) => outcome === 'refunded' || outcome === 'requested'));

const sumOf = (refunds: readonly RefundView[]): number => refunds.reduce((sum, { amount }) => sum + amount, 0);

/** How a payment can be given back as far as the panel knows; whether its provider can is for the server to say. */
export function waysOf(payment: Transaction): GivingWay[] {
  const { outcome, type, amount, refunds = [] } = payment;
  const open = refunds.some((refund) => refund.outcome === 'unknown' || refund.outcome === 'running');
  if (outcome !== 'succeeded' || amount === null || type === 'tokenise' || open) return [];
  const given = givenBack(payment);
  if (given >= amount) return [];
  // What was only reserved was not taken, so there is nothing to refund; a void is of the whole.
  const voided: GivingWay[] = given === 0 ? ['void'] : [];
  return type === 'charge' ? [...voided, 'refunds'] : voided;
}

/** What of a payment is left to give back. */
export const leftOf = (payment: Transaction): number => (payment.amount ?? 0) - givenBack(payment);

export const answerOf = ({ kind, outcome }: RefundView): GivingAnswer =>
  kind === 'void' && outcome === 'refunded' ? 'voided' : outcome === 'running' ? 'doubt' : outcome;

/** A refusal is one only where the server says so plainly; an answer that was lost may have been any. */
export function failureOf(error: unknown): GivingAnswer {
  if (!(error instanceof Problem)) return 'doubt';
  const known = refusals.find((code) => code === error.code);
  if (known !== undefined) return known;
  return error.status >= 400 && error.status < 500 && error.status !== 408 ? 'refused' : 'doubt';
}
