import type { SessionView } from '../payment/session-view.ts';
import type { Transaction } from '../payment/transaction.ts';
import type { CardField } from '../shared/card-field.ts';
import type { CallId, SessionId } from '../shared/ids.ts';

/** Who commands, and from where: the desk checks it again and writes it into the evidence. */
export interface Actor {
  readonly agent: string;
  readonly permissions: ReadonlySet<string>;
  /** The address the command came from. */
  readonly origin: string;
}

export type Details = Readonly<Record<string, string | number | null>>;

/**
 * Payment sessions as the API drives them. Every command rejects with a `CodedError` when it means nothing now; after
 * success `get` gives the new state. A command repeated is a new command: replays are stopped before they get here.
 */
export interface SessionDesk {
  open(
    call: CallId,
    actor: Actor,
    wish: { readonly control: 'agent' | 'crm'; readonly details: Details },
  ): Promise<SessionView>;
  get(id: SessionId): SessionView | undefined;
  ofCall(call: CallId): SessionView | undefined;
  close(id: SessionId, actor: Actor): Promise<unknown>;
  commitPsp(id: SessionId, psp: string, actor: Actor): Promise<unknown>;
  changeDetails(id: SessionId, patch: Details, actor: Actor): Promise<unknown>;
  addPayment(
    id: SessionId,
    line: { readonly type: 'charge' | 'authorise' | 'tokenise'; readonly amount: number },
    actor: Actor,
  ): Promise<unknown>;
  removePayment(id: SessionId, n: number, actor: Actor): Promise<unknown>;
  /** Resolves when the media side has confirmed the lock and the field takes keys. */
  requestCapture(id: SessionId, field: CardField, actor: Actor): Promise<unknown>;
  stopCapture(id: SessionId, actor: Actor): Promise<unknown>;
  /** Resolves when the order is taken; the outcome comes as an event. */
  authorise(id: SessionId, actor: Actor): Promise<unknown>;
  answerSurcharge(id: SessionId, accept: boolean, actor: Actor): Promise<unknown>;
  retry(id: SessionId, actor: Actor): Promise<unknown>;
  newPayment(id: SessionId, actor: Actor): Promise<unknown>;
  cancel(id: SessionId, actor: Actor): Promise<unknown>;
  enquire(id: SessionId, actor: Actor): Promise<unknown>;
  history(call: CallId, actor: Actor): Promise<Transaction[]>;
}
