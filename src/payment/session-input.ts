import type { CallDeath, FieldEnding } from '../capture/capture-machine.ts';
import type { CardField } from '../shared/card-field.ts';
import type { ErrorCode } from '../shared/coded-error.ts';
import type { AttemptId } from '../shared/ids.ts';
import type { AuthorisationOutcome, EnquiryAnswer, PaymentType } from './card-room.ts';
import type { GivingBack } from './given-back.ts';
import type { Details } from './session-state.ts';

/** What somebody wants of a session. Values are checked before they come here; whether they mean anything now is not. */
export type Command =
  | { readonly kind: 'psp'; readonly psp: string; readonly details: Details }
  /** `details` is the whole new record; `names` are those that the command touches. */
  | { readonly kind: 'details'; readonly details: Details; readonly names: readonly string[] }
  | { readonly kind: 'addPayment'; readonly type: PaymentType; readonly amount: number; readonly attempt: AttemptId }
  | { readonly kind: 'removePayment'; readonly n: number }
  | { readonly kind: 'capture'; readonly field: CardField }
  | { readonly kind: 'stop' }
  | { readonly kind: 'authorise' }
  | { readonly kind: 'surcharge'; readonly accept: boolean }
  /** One fresh attempt for each line that may need it; `at` in milliseconds, as that of `intended`. */
  | { readonly kind: 'retry'; readonly attempts: readonly AttemptId[]; readonly at: number }
  | { readonly kind: 'newPayment'; readonly attempt: AttemptId }
  | { readonly kind: 'cancel' }
  | { readonly kind: 'close' }
  | { readonly kind: 'enquire' };

export type VoidResult = 'voided' | 'stands' | 'unknown';

/** What the world does to a session. */
export type Happening =
  | { readonly kind: 'secured' }
  | { readonly kind: 'refused'; readonly code: ErrorCode }
  | { readonly kind: 'progress'; readonly field: CardField; readonly digits: number }
  | { readonly kind: 'ended'; readonly field: CardField; readonly ending: FieldEnding }
  | { readonly kind: 'released' }
  | { readonly kind: 'releaseFailed' }
  /** The intent of the attempt is safe in the book. */
  | { readonly kind: 'intended'; readonly attempt: AttemptId; readonly at: number }
  | { readonly kind: 'intentFailed'; readonly attempt: AttemptId }
  | { readonly kind: 'answered'; readonly attempt: AttemptId; readonly outcome: AuthorisationOutcome }
  | { readonly kind: 'voidAnswered'; readonly attempt: AttemptId; readonly result: VoidResult }
  | {
      readonly kind: 'resolved';
      readonly attempt: AttemptId;
      readonly answer: Exclude<EnquiryAnswer, { answer: 'still-unknown' }>;
    }
  /** At the refund desk, apart from this session. */
  | { readonly kind: 'givingBack'; readonly attempt: AttemptId; readonly now: GivingBack }
  | { readonly kind: 'mediaLost' }
  | { readonly kind: 'callEnded'; readonly death: CallDeath };

/** A command may wait for the world: its `ticket` is answered by an effect. */
export type SessionInput = (Command & { readonly ticket: number }) | Happening;
