import type { CardField } from '../shared/card-field.ts';
import type { ErrorCode } from '../shared/coded-error.ts';
import type { AttemptId } from '../shared/ids.ts';
import type { PaymentOrder } from './card-room.ts';
import type { SessionEvent } from './session-event.ts';
import type { SessionState } from './session-state.ts';
import type { RecordedOutcome } from './transaction-book.ts';

/** What the shell is to do, in this order. Answers of room and book come back as happenings. */
export type SessionEffect =
  | { readonly kind: 'emit'; readonly event: SessionEvent }
  /** Answers the waiting command; null is success. */
  | { readonly kind: 'answer'; readonly ticket: number; readonly code: ErrorCode | null }
  | { readonly kind: 'openField'; readonly field: CardField }
  | { readonly kind: 'release'; readonly stop: boolean; readonly wipe: CardField | null; readonly again: boolean }
  /** null for all that the session holds. */
  | { readonly kind: 'wipe'; readonly fields: readonly CardField[] | null }
  /** Writes the intent of a line into the book: `intended` or `intentFailed`. */
  | { readonly kind: 'intend'; readonly n: number }
  /** Asks the provider, writes its answer down, then says `answered`. */
  | {
      readonly kind: 'send';
      readonly attempt: AttemptId;
      readonly psp: string;
      readonly order: PaymentOrder;
      readonly last: boolean;
    }
  /** Asks for a void, writes down what came of it, then says `voidAnswered`. */
  | { readonly kind: 'void'; readonly attempt: AttemptId; readonly psp: string; readonly reference: string | null }
  | { readonly kind: 'conclude'; readonly attempt: AttemptId; readonly outcome: RecordedOutcome }
  /** Asks the provider later, with back-off, what became of the attempt. */
  | { readonly kind: 'enquireLater'; readonly n: number }
  | { readonly kind: 'disengage' };

export interface SessionStep {
  readonly state: SessionState;
  readonly effects: readonly SessionEffect[];
}

/** Steps one after another, as one. */
export function chain(start: SessionStep, ...next: ((state: SessionState) => SessionStep)[]): SessionStep {
  return next.reduce<SessionStep>((step, then) => {
    const { state, effects } = then(step.state);
    return { state, effects: [...step.effects, ...effects] };
  }, start);
}

export const stay = (state: SessionState): SessionStep => ({ state, effects: [] });
