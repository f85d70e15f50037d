import { type CaptureState, idleCapture } from '../capture/capture-machine.ts';
import type { CardField } from '../shared/card-field.ts';
import type { AttemptId, CallId, SessionId } from '../shared/ids.ts';
import type { PaymentType, PspDescription } from './card-room.ts';
import { type GivenBack, nothingBack } from './given-back.ts';
import type { FieldView, PaymentView } from './session-view.ts';

export type Details = Readonly<Record<string, string | number>>;

/** One payment on the card. Its id is the attempt: the idempotency key that the provider sees. */
export interface Line {
  readonly n: number;
  readonly id: AttemptId;
  readonly type: PaymentType | null;
  readonly amount: number | null;
  readonly state: PaymentView['state'];
  readonly reference: string | null;
  readonly back: GivenBack;
  /** When its attempt was first sent, in milliseconds of a clock that only counts; null before that. */
  readonly firstSentAt: number | null;
  /** The provider that was asked; a later choice does not change whom to ask for a void. */
  readonly psp: string | null;
  /** The surcharge that the customer has agreed to; null as long as none was quoted. */
  readonly acceptedSurcharge: number | null;
}

/** A payment with an earlier card of the session; it may still be resolved. */
export interface EarlierPayment {
  readonly id: AttemptId;
  /** Minor units without a surcharge, which pays nothing of the bill; null for a token. */
  readonly amount: number | null;
  readonly currency: string;
  /** Which card of the call it was, as the room counts them. */
  readonly card: number | null;
  readonly state: Line['state'];
  readonly back: GivenBack;
}

/** What the summary says of the payment (P-62). */
export interface Verdict {
  readonly code: string;
  readonly message: string;
  readonly retryable: boolean;
  readonly reference: string | null;
}

/**
 * Where the payment stands. The contract's `locked` and `ready` are views of `details`; `asking` and `voiding` look like
 * `authorising`; `closed` is apart (see {@link SessionState.closed}), because an answer may still be on its way then.
 */
export type Phase =
  | { readonly name: 'details' }
  /** A line is with the provider, or on its way into the book (`sent` false: certainly not a byte has left). */
  | {
      readonly name: 'asking';
      readonly n: number;
      readonly sent: boolean;
      /** The agent has cancelled since: what comes back is voided where it can be. */
      readonly cancelled: boolean;
      /** The command that started it, as long as it waits for the book. */
      readonly ticket: number | null;
    }
  | { readonly name: 'surcharge'; readonly n: number; readonly surcharge: number; readonly total: number }
  /** Voids are with the provider; `waiting` are the lines that were not answered yet. */
  | { readonly name: 'voiding'; readonly waiting: readonly number[] }
  | { readonly name: 'succeeded' }
  | { readonly name: 'declined' }
  | { readonly name: 'unknown' }
  | { readonly name: 'cancelled' };

export interface SessionState {
  readonly id: SessionId;
  readonly call: CallId;
  readonly agent: string;
  readonly control: 'agent' | 'crm';
  readonly psps: readonly PspDescription[];
  readonly psp: string;
  /** Committed changes on this call, by this session and those before it (P-16). */
  readonly pspChanges: number;
  readonly details: Details;
  /** The detail by which payments are looked for afterwards. */
  readonly searchField: string | null;
  /** What a new payment starts from: prefilled by configuration and by whoever opened the session. */
  readonly prefilled: Details;
  readonly fields: Readonly<Partial<Record<CardField, FieldView>>>;
  readonly requests: Readonly<Partial<Record<CardField, number>>>;
  readonly slot: CaptureState;
  readonly lines: readonly Line[];
  readonly phase: Phase;
  readonly verdict: Verdict | null;
  /** Payments with earlier cards of this session, taken or unknown (P-05). */
  readonly earlier: readonly EarlierPayment[];
  /** Payments of earlier sessions on the same call; no part of this session's bill. */
  readonly previous: readonly EarlierPayment[];
  /** Which card of the call was taken last, as the room counts them. */
  readonly card: number | null;
  /** The session is to be closed as soon as the lock's end is confirmed. */
  readonly closing: boolean;
  /** Over for everybody. A provider's answer may still come; it is written down and told, and nothing else happens. */
  readonly closed: boolean;
  /** The command that waits for the confirmed lock. */
  readonly captureTicket: number | null;
  /** Commands that wait for the end of the lock. */
  readonly idleTickets: readonly number[];
}

/** A session as it is opened. */
export function newSession(
  given: Pick<
    SessionState,
    'id' | 'call' | 'agent' | 'control' | 'psps' | 'psp' | 'pspChanges' | 'searchField' | 'prefilled' | 'previous'
  > & {
    readonly attempt: AttemptId;
  },
): SessionState {
  const { attempt, ...rest } = given;
  const { type, amount } = firstOrder(rest.prefilled);
  return {
    ...rest,
    details: rest.prefilled,
    fields: {},
    requests: {},
    slot: idleCapture,
    lines: [draftLine(1, attempt, type, amount)],
    phase: { name: 'details' },
    verdict: null,
    earlier: [],
    card: null,
    closing: false,
    closed: false,
    captureTicket: null,
    idleTickets: [],
  };
}

export const emptyField: FieldView = { state: 'empty', digits: 0, mask: '', brand: null, lastFour: null, reason: null };

export const draftLine = (n: number, id: AttemptId, type: PaymentType | null, amount: number | null): Line => ({
  n,
  id,
  type,
  amount: type === 'tokenise' ? null : amount,
  state: 'draft',
  reference: null,
  back: nothingBack,
  firstSentAt: null,
  psp: null,
  acceptedSurcharge: null,
});

/** What the customer pays for a line in all. */
export const lineTotal = (line: Line): number | null =>
  line.amount === null ? null : line.amount + (line.acceptedSurcharge ?? 0);

/** Lines that the provider has not been asked about, or where certainly nothing reached it. */
export const isOpen = (line: Line): boolean => line.state === 'draft' || line.state === 'not-sent';

export function pspOf(state: SessionState, id: string = state.psp): PspDescription | undefined {
  return state.psps.find((psp) => psp.id === id);
}

export const lineView = ({ n, id, type, amount, acceptedSurcharge, state, reference, back }: Line): PaymentView => ({
  n,
  id,
  type,
  amount,
  ...(acceptedSurcharge === null ? {} : { surcharge: acceptedSurcharge }),
  state,
  reference,
  ...(back.amount > 0 && { givenBack: back.amount }),
});

/** Type, amount and currency of the first payment, as the details hold them. */
export function firstOrder(details: Details): { type: PaymentType | null; amount: number | null } {
  const { type, amount } = details;
  return { type: (type as PaymentType | undefined) ?? null, amount: typeof amount === 'number' ? amount : null };
}

export const lineOf = (state: SessionState, n: number): Line | undefined => state.lines.find((line) => line.n === n);

export const currencyOf = (state: SessionState): string =>
  String(state.details['currency'] ?? pspOf(state)?.currencies[0] ?? 'XXX');

export const withLine = (state: SessionState, n: number, change: Partial<Line>): SessionState => ({
  ...state,
  lines: state.lines.map((line) => (line.n === n ? { ...line, ...change } : line)),
});
