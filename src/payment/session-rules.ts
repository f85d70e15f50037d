import type { CardField } from '../shared/card-field.ts';

/** The knobs of the configuration that the session's machine obeys. */
export interface SessionRules {
  /** What the panel offers beside the payment itself: the summary (P-62) and the call's history (P-69). */
  readonly show: { readonly summary: boolean; readonly history: boolean };
  /** Payments beside the first on one card (P-37). */
  readonly addedPaymentsMax: number;
  /** null for no limit (P-16). */
  readonly pspChangesPerCall: number | null;
  readonly splitOverCards: boolean;
  /** Whether a decline may be retried at all (P-78). */
  readonly retry: boolean;
  readonly keepPanAfterDecline: boolean;
  /** What stays possible while a third party, such as a CRM, controls the session (P-86, P-87). */
  readonly thirdPartyControl: { readonly retry: boolean; readonly newPayment: boolean };
  /** Fields beside PAN and CVC that the customer may key. */
  readonly byKeypad: readonly CardField[];
  /** Requests of one field for one card; null for no limit (O-11). */
  readonly maxRequests: number | null;
}
