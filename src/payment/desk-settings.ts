import type { CardBrand } from '../shared/card-brand.ts';
import { type CardField, cardFields } from '../shared/card-field.ts';
import type { FieldPolicy } from './card-room.ts';
import type { DetailsPatch } from './details.ts';
import type { SessionRules } from './session-rules.ts';

export interface DeskSettings extends SessionRules {
  readonly defaultPsp: string;
  readonly prefill: DetailsPatch;
  /** Name of the detail by which payments are looked for afterwards (S-07). */
  readonly searchField: string | null;
  readonly policies: Readonly<Record<CardField, FieldPolicy>>;
  /** Sessions that are open at the same time. */
  readonly sessionsMax: number;
  /** Closed sessions that can still be looked at; the oldest is forgotten first. */
  readonly closedMax: number;
  /** How long a command waits for the media side before its client hears `timed-out`. */
  readonly commandWaitMs: number;
  /** Between two tries to end a lock, or to wipe, that the room has not confirmed. */
  readonly roomRetryMs: number;
  /** Waits before the automatic enquiries into an unknown payment; after the last it stays unknown until somebody asks. */
  readonly enquiryDelaysMs: readonly number[];
  /** Waits between the tries to write an outcome that the storage has refused; the last is repeated. */
  readonly storageRetryMs: readonly number[];
}

interface FieldTimers {
  readonly firstKeySeconds: number;
  readonly interKeySeconds: number;
  readonly quietSeconds?: number | undefined;
  readonly overallSeconds: number;
  readonly clearKey: string | null;
  readonly endKey: string | null;
  readonly backspaceKey: string | null;
}

/** What of the configuration file the desk needs; the file's own shape fits. */
export interface DeskConfig {
  readonly capture: Readonly<Record<CardField, FieldTimers>> & {
    readonly byKeypad: readonly CardField[];
    readonly acceptedBrands: readonly CardBrand[];
    readonly showLastFour: boolean;
    readonly maxRequests: number | null;
  };
  readonly payments: {
    readonly defaultPsp: string;
    readonly pspChangesPerCall: number | 'unlimited';
    readonly addedPaymentsMax: number;
    readonly splitOverCards: boolean;
    readonly summary: boolean;
    readonly history: boolean;
    readonly retry: boolean;
    readonly keepPanAfterDecline: boolean;
    readonly prefill: Readonly<Record<string, string | number>>;
    readonly searchField: string | null;
    readonly thirdPartyControl: { readonly retry: boolean; readonly newPayment: boolean };
  };
  readonly limits: { readonly calls: number };
}

const minutes = 60_000;

export function deskSettings(config: DeskConfig): DeskSettings {
  const { capture, payments, limits } = config;
  const policies = cardFields.map((field) => [field, policyOf(capture[field], capture)] as const);
  return {
    defaultPsp: payments.defaultPsp,
    prefill: payments.prefill,
    searchField: payments.searchField,
    show: { summary: payments.summary, history: payments.history },
    policies: Object.fromEntries(policies) as Record<CardField, FieldPolicy>,
    addedPaymentsMax: payments.addedPaymentsMax,
    pspChangesPerCall: payments.pspChangesPerCall === 'unlimited' ? null : payments.pspChangesPerCall,
    splitOverCards: payments.splitOverCards,
    retry: payments.retry,
    keepPanAfterDecline: payments.keepPanAfterDecline,
    thirdPartyControl: payments.thirdPartyControl,
    byKeypad: capture.byKeypad,
    maxRequests: capture.maxRequests,
    sessionsMax: limits.calls,
    closedMax: 1000,
    commandWaitMs: 15_000,
    roomRetryMs: 1000,
    enquiryDelaysMs: [5000, 15_000, minutes, 5 * minutes, 15 * minutes, ...Array<number>(24).fill(60 * minutes)],
    storageRetryMs: [1000, 5000, 30_000, minutes],
  };
}

function policyOf(timers: FieldTimers, capture: DeskConfig['capture']): FieldPolicy {
  const ms = (seconds: number): number => seconds * 1000;
  return {
    firstKeyMs: ms(timers.firstKeySeconds),
    interKeyMs: ms(timers.interKeySeconds),
    quietMs: timers.quietSeconds === undefined ? null : ms(timers.quietSeconds),
    overallMs: ms(timers.overallSeconds),
    clearKey: timers.clearKey,
    endKey: timers.endKey,
    backspaceKey: timers.backspaceKey,
    acceptedBrands: [...capture.acceptedBrands],
    showLastFour: capture.showLastFour,
  };
}
