import { z } from 'zod';
import type { AttemptId, CallId, SessionId } from '../shared/ids.ts';
import type { RefundOutcome } from './card-room.ts';

/** `void` takes the payment back as if it had not been; `refund` gives money back. */
export const refundKinds = ['void', 'refund'] as const;
export type RefundKind = (typeof refundKinds)[number];

/** What of a payment is about to be given back; written down before the first byte leaves. */
export interface RefundIntent {
  /** The idempotency key that the provider sees. */
  readonly refund: AttemptId;
  /** The payment. */
  readonly attempt: AttemptId;
  readonly kind: RefundKind;
  readonly psp: string;
  readonly call: CallId;
  readonly session: SessionId;
  /** Who gives it back. */
  readonly agent: string;
  readonly amount: number;
  readonly currency: string;
}

/** What came of it; a provider's text is not kept. A void that went through counts as `refunded`. */
export type RecordedRefund =
  | { readonly outcome: 'refunded' | 'requested'; readonly reference: string | null }
  | { readonly outcome: 'declined' | 'unknown' | 'not-sent'; readonly code: string };

/** A refund as agents and CRMs see it. Amounts in minor units of the payment's currency. */
export const refundViewSchema = z.object({
  id: z.string(),
  at: z.iso.datetime(),
  agent: z.string(),
  kind: z.enum(refundKinds),
  amount: z.number().int(),
  outcome: z.enum(['running', 'refunded', 'requested', 'declined', 'unknown', 'not-sent']),
  reference: z.string().nullable(),
});
export type RefundView = z.output<typeof refundViewSchema>;

/** @param at ISO time. @param outcome null while it is under way. */
export function refundView(intent: RefundIntent, at: string, outcome: RecordedRefund | null): RefundView {
  const { refund: id, agent, kind, amount } = intent;
  const reference = outcome !== null && 'reference' in outcome ? outcome.reference : null;
  return { id, at, agent, kind, amount, outcome: outcome?.outcome ?? 'running', reference };
}

export const recordedRefund = (outcome: RefundOutcome): RecordedRefund =>
  outcome.outcome === 'refunded' || outcome.outcome === 'requested'
    ? { outcome: outcome.outcome, reference: outcome.reference }
    : { outcome: outcome.outcome, code: outcome.code };

/** Money that was given back or may have been: it cannot be given back again. */
export const countsAsGivenBack = ({ outcome }: RefundView): boolean => outcome !== 'declined' && outcome !== 'not-sent';
