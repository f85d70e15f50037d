import type { CardField } from '../shared/card-field.ts';
import { CodedError } from '../shared/coded-error.ts';
import { type AttemptId, type CallId, newAttemptId, newSessionId, type SessionId } from '../shared/ids.ts';
import { type Actor, mayActFor, mayTakePayments } from './actor.ts';
import { earlierPayments } from './bill.ts';
import type { HangUpSide, PayableCall } from './call-gate.ts';
import type { EnquiryAnswer, FieldNotice, PaymentType, PspDescription } from './card-room.ts';
import type { DeskWiring } from './desk-wiring.ts';
import { type DetailsPatch, fittingDetails, isAmount, patchDetails } from './details.ts';
import type { DefiniteAnswer } from './enquiry-desk.ts';
import { fieldHappening } from './field-happening.ts';
import type { GivingBack } from './given-back.ts';
import { intentOf } from './intent-of.ts';
import { dropLeftQuotes } from './left-quotes.ts';
import { LiveSession } from './live-session.ts';
import { OutcomeWriter } from './outcome-writer.ts';
import type { PaidSessions, PaymentPlace } from './paid-sessions.ts';
import { withSearchField } from './search-field.ts';
import { unknownLines } from './session-guard.ts';
import type { Command } from './session-input.ts';
import { SessionShelf } from './session-shelf.ts';
import { newSession, pspOf, type SessionState } from './session-state.ts';
import type { SessionView } from './session-view.ts';
import type { Transaction } from './transaction.ts';
import type { Intent } from './transaction-book.ts';
import { UnknownPayments } from './unknown-payments.ts';

/** What a session is opened with: who controls it, and what is filled in already. */
export interface OpenWish {
  readonly control?: 'agent' | 'crm';
  readonly details?: DetailsPatch;
}

/**
 * The payment sessions of all calls. Commands reject with a `CodedError` when they mean nothing now; what the world does
 * comes in by `fieldNotice`, `callEnded`, `mediaLost` and `roomLost`, which put it on the call's queue and return at once.
 */
export class SessionDesk implements PaidSessions {
  readonly #wiring: DeskWiring;
  readonly #writer: OutcomeWriter;
  readonly #unknown: UnknownPayments;
  readonly #shelf: SessionShelf;

  constructor(wiring: DeskWiring) {
    const { book, settings } = wiring;
    this.#wiring = wiring;
    this.#writer = new OutcomeWriter(book, wiring);
    this.#shelf = new SessionShelf(settings.sessionsMax, settings.closedMax);
    this.#unknown = new UnknownPayments(wiring, this.#writer, this.#shelf);
  }

  /**
   * @throws {CodedError} `call-not-found` (also for somebody else's), `call-not-answered`, `session-exists`, `forbidden`,
   * `bad-detail`, `unknown-type`, `overloaded`, `cde-lost`.
   */
  async open(callId: CallId, actor: Actor, wish: OpenWish = {}): Promise<SessionView> {
    if (!mayTakePayments(actor)) throw new CodedError('forbidden');
    if (wish.control === 'crm' && !actor.permissions.has('crm.control')) throw new CodedError('forbidden');
    const call = this.#call(callId, actor);
    const psps = withSearchField(await this.#wiring.room.describePsps(), this.#wiring.settings.searchField);
    return call.queue.run(() => this.#open(callId, actor, wish, psps));
  }

  get(id: SessionId): SessionView | undefined {
    return this.#shelf.find(id)?.view;
  }

  /** The session that is open on a call. */
  ofCall(callId: CallId): SessionView | undefined {
    const session = this.#shelf.lastOf(callId);
    return session === undefined || session.state.closed ? undefined : session.view;
  }

  /** Sessions that are closed and whose provider has not answered yet: their agents are owed an outcome (O-10). */
  awaited(): SessionView[] {
    return this.#shelf.awaited().map(({ view }) => view);
  }

  close(id: SessionId, actor: Actor): Promise<SessionView> {
    return this.#command(id, actor, () => ({ kind: 'close' }));
  }

  commitPsp(id: SessionId, psp: string, actor: Actor): Promise<SessionView> {
    return this.#command(id, actor, (state) => {
      const next = pspOf(state, psp);
      return { kind: 'psp', psp, details: next === undefined ? {} : fittingDetails(state.details, next) };
    });
  }

  changeDetails(id: SessionId, patch: DetailsPatch, actor: Actor): Promise<SessionView> {
    return this.#command(id, actor, (state) => {
      const psp = pspOf(state);
      if (psp === undefined) throw new CodedError('unknown-psp');
      return { kind: 'details', details: patchDetails(state.details, patch, psp), names: Object.keys(patch) };
    });
  }

  addPayment(id: SessionId, wish: { type: PaymentType; amount: number }, actor: Actor): Promise<SessionView> {
    return this.#command(id, actor, () => {
      if (!isAmount(wish.amount)) throw new CodedError('bad-detail', undefined, ['amount']);
      return { kind: 'addPayment', type: wish.type, amount: wish.amount, attempt: newAttemptId() };
    });
  }

  removePayment(id: SessionId, n: number, actor: Actor): Promise<SessionView> {
    return this.#command(id, actor, () => ({ kind: 'removePayment', n }));
  }

  requestCapture(id: SessionId, field: CardField, actor: Actor): Promise<SessionView> {
    return this.#command(id, actor, () => ({ kind: 'capture', field }));
  }

  stopCapture(id: SessionId, actor: Actor): Promise<SessionView> {
    return this.#command(id, actor, () => ({ kind: 'stop' }));
  }

  /** @throws {CodedError} `missing-fields` about the names, `do-not-resubmit`, `capture-running`, `storage-failed`. */
  authorise(id: SessionId, actor: Actor): Promise<SessionView> {
    return this.#command(id, actor, () => ({ kind: 'authorise' }));
  }

  answerSurcharge(id: SessionId, accept: boolean, actor: Actor): Promise<SessionView> {
    return this.#command(id, actor, () => ({ kind: 'surcharge', accept }));
  }

  retry(id: SessionId, actor: Actor): Promise<SessionView> {
    return this.#command(id, actor, (state) => ({
      kind: 'retry',
      attempts: state.lines.map(() => newAttemptId()),
      at: this.#wiring.clock.monotonic(),
    }));
  }

  newPayment(id: SessionId, actor: Actor): Promise<SessionView> {
    return this.#command(id, actor, () => ({ kind: 'newPayment', attempt: newAttemptId() }));
  }

  cancel(id: SessionId, actor: Actor): Promise<SessionView> {
    return this.#command(id, actor, () => ({ kind: 'cancel' }));
  }

  /** Asks the provider about the session's unknown payments; resolves when it has answered or could not. */
  async enquire(id: SessionId, actor: Actor): Promise<SessionView> {
    const session = this.#session(id, actor);
    await session.command(() => ({ kind: 'enquire' }), actor);
    const unknown = unknownLines(session.state).map((line) => intentOf(session.state, line.n));
    const answers: EnquiryAnswer[] = await Promise.all(unknown.map((intent) => this.#unknown.ask(intent)));
    for (const { answer } of answers) this.#note('enquiry', actor, session, answer);
    return session.view;
  }

  /**
   * What an agent has found out from the provider by other means (P-82); it settles an unknown payment as an enquiry does.
   * @throws {CodedError} `forbidden`, `payment-not-found` when no such payment is unknown, `wrong-state` while it is asked for.
   */
  recordAnswer(attempt: AttemptId, answer: DefiniteAnswer, actor: Actor): Promise<void> {
    return this.#unknown.record(attempt, answer, actor);
  }

  /** A call's payments, also for the agent it was transferred to (P-70), and for those who took them once it has ended. */
  async history(callId: CallId, actor: Actor): Promise<Transaction[]> {
    if (!this.#wiring.settings.show.history) throw new CodedError('not-found');
    const call = this.#wiring.calls.find(callId);
    if (call !== undefined && !mayActFor(actor, call.agent)) throw new CodedError('call-not-found');
    const transactions = await this.#wiring.book.history(callId, call !== undefined);
    if (call === undefined && !transactions.some(({ agent }) => mayActFor(actor, agent)))
      throw new CodedError('call-not-found');
    return transactions;
  }

  fieldNotice(notice: FieldNotice): void {
    const session = this.#shelf.find(notice.session);
    if (session === undefined || session.state.call !== notice.call)
      return this.#wiring.observer.meaningless(notice.kind);
    void session.happen(fieldHappening(notice), 'room');
  }

  /** The call is over: its session closes. Harmless when there is none. `reason` is for the evidence alone. */
  callEnded(callId: CallId, by: HangUpSide, reason: string = by): void {
    const session = this.#shelf.lastOf(callId);
    this.#shelf.endCall(callId);
    if (session === undefined) return;
    const where = { call: callId, session: session.state.id };
    this.#writer.note({ what: 'call.ended', who: by, origin: 'sip', result: reason, ...where });
    if (session.state.closed) return;
    const death = by === 'gateway' ? 'media-lost' : (`${by}-hung-up` as const);
    void session.happen({ kind: 'callEnded', death }, by);
  }

  /** A leg has fallen silent. The call may live on; the session does not (O-10). */
  mediaLost(callId: CallId): void {
    const session = this.#shelf.lastOf(callId);
    if (session !== undefined && !session.state.closed) void session.happen({ kind: 'mediaLost' }, 'gateway');
  }

  /** The walled room is gone, with every card and every lock. What it was asking a provider is unknown. */
  roomLost(): void {
    for (const session of this.#shelf.open())
      void session.happen({ kind: 'callEnded', death: 'media-lost' }, 'gateway');
  }

  /**
   * At start: what a dead process has left between intent and outcome is unknown, is told, and is asked about; what it had only
   * quoted is cancelled. Resolves with how many are unknown.
   */
  async recover(): Promise<number> {
    const unresolved = await this.#wiring.book.unresolved();
    await this.adopt(unresolved, 'gateway-restarted');
    await this.dropQuotes(await this.#wiring.book.quoted());
    return unresolved.length;
  }

  /**
   * Payments that a process has left open which is no more: this one's former self, or another gateway whose book was taken
   * over. They are unknown, are told, and are asked about.
   */
  adopt(intents: readonly Intent[], code: string): Promise<void> {
    return this.#unknown.adopt(intents, code);
  }

  /** Surcharges that such a process had quoted: their sessions died with it, so nobody can accept them. They are cancelled, and told. */
  dropQuotes(intents: readonly Intent[]): Promise<void> {
    return dropLeftQuotes(this.#wiring, this.#writer, intents);
  }

  async mayGiveBack({ attempt, call, session }: PaymentPlace): Promise<boolean> {
    for (const one of this.#shelf.concerned(call, session)) if (!(await one.beginGivingBack(attempt))) return false;
    return true;
  }

  gaveBack({ attempt, call, session }: PaymentPlace, now: GivingBack): void {
    for (const one of this.#shelf.concerned(call, session))
      void one.happen({ kind: 'givingBack', attempt, now }, 'refunds');
  }

  /** Gauges: zero when everything has come to its end, but for payments that are unknown. */
  counts(): { open: number; capturing: number; locked: number; authorising: number; waiting: number; unknown: number } {
    return { ...this.#shelf.counts(), unknown: this.#unknown.size };
  }

  /** Stops asking providers by itself. */
  stop(): void {
    this.#unknown.stop();
  }

  #open(callId: CallId, actor: Actor, wish: OpenWish, psps: readonly PspDescription[]): SessionView {
    const call = this.#call(callId, actor);
    if (!call.answered) throw new CodedError('call-not-answered');
    const before = this.#shelf.lastOf(callId);
    if (before !== undefined && !before.state.closed) throw new CodedError('session-exists');
    const psp = psps.find(({ id }) => id === this.#wiring.settings.defaultPsp) ?? psps[0];
    if (psp === undefined) throw new CodedError('unknown-psp');
    const prefilled = patchDetails(fittingDetails(this.#wiring.settings.prefill, psp), wish.details ?? {}, psp);
    const state = newSession({
      id: newSessionId(),
      call: callId,
      agent: call.agent,
      control: wish.control ?? (actor.agent === call.agent ? 'agent' : 'crm'),
      psps,
      psp: psp.id,
      pspChanges: before?.state.pspChanges ?? 0,
      searchField: this.#wiring.settings.searchField,
      prefilled,
      previous: before === undefined ? [] : [...before.state.previous, ...earlierPayments(before.state)],
      attempt: newAttemptId(),
    });
    const session = new LiveSession(state, call.queue, this.#wiring, this.#writer, this.#unknown);
    this.#shelf.put(session);
    session.open(actor);
    return session.view;
  }

  async #command(id: SessionId, actor: Actor, make: (state: SessionState) => Command): Promise<SessionView> {
    const session = this.#session(id, actor);
    await session.command(make, actor);
    return session.view;
  }

  #call(callId: CallId, actor: Actor): PayableCall {
    const call = this.#wiring.calls.find(callId);
    if (call === undefined || !mayActFor(actor, call.agent)) throw new CodedError('call-not-found');
    return call;
  }

  #session(id: SessionId, actor: Actor): LiveSession {
    const session = this.#shelf.find(id);
    if (session === undefined || !mayActFor(actor, session.state.agent)) throw new CodedError('session-not-found');
    if (!mayTakePayments(actor)) throw new CodedError('forbidden');
    return session;
  }

  #note(what: string, actor: Actor, session: LiveSession, result: string): void {
    const { call, id } = session.state;
    this.#writer.note({ what, who: actor.agent, origin: actor.origin, call, session: id, result });
  }
}
