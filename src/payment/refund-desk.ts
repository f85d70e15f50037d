import { CodedError, type ErrorCode } from '../shared/coded-error.ts';
import { type AttemptId, type CallId, newAttemptId } from '../shared/ids.ts';
import type { Actor } from './actor.ts';
import type { PspDescription } from './card-room.ts';
import type { DeskWiring } from './desk-wiring.ts';
import { isAmount } from './details.ts';
import { type DefiniteAnswer, EnquiryDesk, type Question } from './enquiry-desk.ts';
import { paymentOf } from './intent-of.ts';
import type { Notice } from './notice.ts';
import { OutcomeWriter } from './outcome-writer.ts';
import { type PaidSessions, stepOf } from './paid-sessions.ts';
import { type RecordedRefund, type RefundIntent, type RefundView, recordedRefund, refundView } from './refund.ts';
import { outcomeOf, type RefundAnswer } from './refund-answer.ts';
import type { FoundPayment, PaymentSearch, RefundBook } from './refund-book.ts';
import { refundable } from './refundable.ts';
import { codeOf } from './room-work.ts';
import type { SessionEvent } from './session-event.ts';
import type { Transaction } from './transaction.ts';

/** A shorter part of a reference finds everything and means nothing. */
export const referencePartMin = 3;

/** Refusals with which the room says that it asked nobody (see the port); every other one is unknown. */
const askedNobody: ReadonlySet<ErrorCode> = new Set(['unknown-psp', 'cannot-refund']);

type Watched = Question & { readonly intent: RefundIntent };

type RefundEvent = Extract<SessionEvent, { type: 'payment.refunded' }>;

/**
 * Gives back what was paid, long after the call too (sister manual S-07). As with payments: the intent is in the book before
 * the provider is asked, the answer after it; what nobody can say is unknown, is asked about, and is never sent again.
 */
export class RefundDesk {
  readonly #wiring: DeskWiring;
  readonly #book: RefundBook;
  readonly #writer: OutcomeWriter<RecordedRefund>;
  readonly #enquiries: EnquiryDesk<Watched>;
  readonly #sessions: PaidSessions;
  /** Payments of which something is being given back now. */
  readonly #running = new Set<AttemptId>();

  constructor(wiring: DeskWiring, book: RefundBook, sessions: PaidSessions) {
    const { room, clock, observer, settings } = wiring;
    this.#wiring = wiring;
    this.#book = book;
    this.#sessions = sessions;
    const outcomes = {
      conclude: (refund: AttemptId, outcome: RecordedRefund, notices: readonly Notice[]) =>
        book.concludeRefund(refund, outcome, notices),
      evidence: wiring.book.evidence.bind(wiring.book),
    };
    this.#writer = new OutcomeWriter(outcomes, wiring);
    this.#enquiries = new EnquiryDesk(room, clock, observer, settings.enquiryDelaysMs, ({ intent }, answer) =>
      this.#resolved(intent, answer),
    );
  }

  /** Refunds whose fate nobody knows. */
  get unknown(): number {
    return this.#enquiries.size;
  }

  /** @throws {CodedError} `forbidden`, `bad-detail` about a part that is too short. */
  async search(wanted: PaymentSearch, actor: Actor): Promise<Transaction[]> {
    demandRefunds(actor);
    if (wanted.by === 'reference' && wanted.part.length < referencePartMin)
      throw new CodedError('bad-detail', undefined, ['reference']);
    return this.#book.search(wanted);
  }

  /** @throws {CodedError} `forbidden`, `payment-not-found`. */
  async get(attempt: AttemptId, actor: Actor): Promise<Transaction> {
    demandRefunds(actor);
    return (await this.#found(attempt)).transaction;
  }

  /** The call that a payment was taken on; undefined where it is none, or the storage does not answer. */
  async callOf(attempt: AttemptId): Promise<CallId | undefined> {
    const found = await this.#book.payment(attempt).catch(() => undefined);
    return found?.intent.call;
  }

  /** Takes the whole payment back. @throws {CodedError} as {@link refund}. */
  void(attempt: AttemptId, actor: Actor): Promise<RefundView> {
    return this.#giveBack(attempt, 'void', null, actor);
  }

  /**
   * Gives back an amount, or all that is left of the payment. Resolves when the provider has answered or nobody can say.
   * @throws {CodedError} `forbidden`, `payment-not-found`, `not-refundable` (nothing of it stands), `cannot-refund` (the
   * provider cannot), `refund-exceeds-payment`, `refund-running`, `do-not-resubmit` (an earlier one is unknown),
   * `storage-failed`.
   */
  refund(attempt: AttemptId, amount: number | null, actor: Actor): Promise<RefundView> {
    return this.#giveBack(attempt, 'refund', amount, actor);
  }

  /** At start: what a dead process has left between intent and outcome is unknown, and is asked about. */
  async recover(): Promise<number> {
    const unresolved = await this.#book.unresolvedRefunds();
    await this.adopt(unresolved, 'gateway-restarted');
    return unresolved.length;
  }

  /** As `SessionDesk.adopt`, of refunds. */
  async adopt(intents: readonly RefundIntent[], code: string): Promise<void> {
    for (const intent of intents) {
      await this.#conclude(intent, { outcome: 'unknown', code }, 'gateway');
      this.#watch(intent);
    }
  }

  /**
   * What somebody has found out from the provider by other means about a refund or a void that is unknown: not every provider
   * can be asked, and until it is known nothing more of the payment is given back.
   * @throws {CodedError} `forbidden`, `payment-not-found` when no such one of the payment is unknown, `refund-running`.
   */
  async record(attempt: AttemptId, refund: AttemptId, answer: RefundAnswer, actor: Actor): Promise<RefundView> {
    demandRefunds(actor);
    if (this.#running.has(attempt)) throw new CodedError('refund-running');
    const unresolved = await this.#book.unresolvedRefunds();
    const intent = unresolved.find((one) => one.refund === refund && one.attempt === attempt);
    if (intent === undefined) throw new CodedError('payment-not-found');
    this.#enquiries.forget(questionOf(intent).attempt);
    this.#note(intent.kind, actor, attempt, `recorded:${answer.answer}`, intent);
    return this.#conclude(intent, outcomeOf(answer), actor.agent);
  }

  /** Stops asking providers by itself. */
  stop(): void {
    this.#enquiries.stop();
  }

  async #giveBack(
    attempt: AttemptId,
    kind: RefundIntent['kind'],
    amount: number | null,
    actor: Actor,
  ): Promise<RefundView> {
    demandRefunds(actor);
    if (amount !== null && !isAmount(amount)) throw new CodedError('bad-detail', undefined, ['amount']);
    // Nothing is awaited between the look and the mark: of two at once one is refused.
    if (this.#running.has(attempt)) throw new CodedError('refund-running');
    this.#running.add(attempt);
    try {
      const found = await this.#found(attempt);
      const psp = (await this.#wiring.room.describePsps()).find(({ id }) => id === found.intent.psp);
      const given = refundable(found.transaction, psp, kind, amount);
      const { call, session, psp: pspId, currency } = found.intent;
      const intent: RefundIntent = {
        ...{ refund: newAttemptId(), attempt, kind, psp: pspId, call, session, currency },
        agent: actor.agent,
        amount: given,
      };
      if (!(await this.#sessions.mayGiveBack(intent))) throw new CodedError('refund-running');
      return await this.#send(intent, found, psp, actor);
    } catch (error) {
      this.#note(kind, actor, attempt, codeOf(error));
      throw error;
    } finally {
      this.#running.delete(attempt);
    }
  }

  async #send(
    intent: RefundIntent,
    found: FoundPayment,
    psp: PspDescription | undefined,
    actor: Actor,
  ): Promise<RefundView> {
    try {
      await this.#book.intendRefund(intent);
      await this.#yieldToOthers(intent, psp);
    } catch (error) {
      this.#sessions.gaveBack(intent, stepOf(intent, 'not-sent'));
      throw error;
    }
    const outcome = await this.#ask(intent, found.transaction).catch((error: unknown): RecordedRefund => {
      const code = codeOf(error);
      this.#wiring.observer.roomFailed(intent.kind, code);
      return { outcome: askedNobody.has(code) ? 'not-sent' : 'unknown', code };
    });
    const refund = await this.#conclude(intent, outcome, actor.agent, found);
    this.#note(intent.kind, actor, intent.attempt, outcome.outcome, intent);
    if (outcome.outcome === 'unknown') this.#watch(intent);
    return refund;
  }

  /**
   * Looks once more, now that the intent is in the book: of gateways that give back of one payment at the same moment each
   * has written before it looks here, so whoever comes second sees the first, under way or done, and leaves it.
   */
  async #yieldToOthers(intent: RefundIntent, psp: PspDescription | undefined): Promise<void> {
    const { refund, attempt, kind, amount } = intent;
    try {
      const { transaction } = await this.#found(attempt);
      const others = transaction.refunds?.filter(({ id }) => id !== refund) ?? [];
      refundable({ ...transaction, refunds: others }, psp, kind, amount);
    } catch (error) {
      const code = error instanceof CodedError ? error.code : 'storage-failed';
      await this.#writer.conclude(refund, { outcome: 'not-sent', code });
      throw new CodedError(code);
    }
  }

  async #ask(intent: RefundIntent, { reference, amount: paid }: Transaction): Promise<RecordedRefund> {
    const { refund, attempt, psp, kind, amount, currency } = intent;
    if (kind === 'refund') {
      const whole = amount === paid;
      return recordedRefund(
        await this.#wiring.room.refund(psp, { refund, attempt, reference, amount, currency, whole }),
      );
    }
    const voided = await this.#wiring.room.voidPayment(attempt, psp, reference);
    return voided ? { outcome: 'refunded', reference: null } : { outcome: 'declined', code: 'void-refused' };
  }

  #watch(intent: RefundIntent): void {
    this.#enquiries.watch(questionOf(intent));
  }

  async #resolved(intent: RefundIntent, answer: DefiniteAnswer): Promise<void> {
    const paid = answer.answer === 'paid';
    const done = intent.kind === 'void' ? !paid : paid;
    const reference = intent.kind === 'refund' && paid ? answer.reference : null;
    await this.#conclude(
      intent,
      outcomeOf(done ? { answer: 'given-back', reference } : { answer: 'not-given-back' }),
      'psp',
    );
  }

  /** Writes down what came of it, with what is owed for it outside, and tells both agents: who took it, who gives it back. */
  async #conclude(
    intent: RefundIntent,
    outcome: RecordedRefund,
    by: string,
    known?: FoundPayment,
  ): Promise<RefundView> {
    const found = known ?? (await this.#book.payment(intent.attempt).catch(() => undefined));
    const at = new Date(this.#wiring.clock.now()).toISOString();
    const refund = refundView(intent, at, outcome);
    const event = found && refundEvent(found, intent, refund, by);
    const { call, session, agent } = intent;
    const notice = event && this.#wiring.notices.draw(call, session, event);
    await this.#writer.conclude(intent.refund, outcome, notice === undefined ? [] : [notice]);
    const told = event === undefined ? [] : new Set([found?.intent.agent ?? agent, agent]);
    for (const who of told) if (event !== undefined) this.#wiring.emit(who, call, session, event, true);
    this.#sessions.gaveBack(intent, stepOf(intent, outcome.outcome));
    return refund;
  }

  /** Refused ones too: who has tried to give back what. */
  #note(kind: RefundIntent['kind'], actor: Actor, attempt: AttemptId, result: string, of?: RefundIntent): void {
    const { agent: who, origin } = actor;
    const subject = { call: of?.call ?? null, session: of?.session ?? null, payment: attempt };
    this.#writer.note({ what: `payment.${kind}`, who, origin, ...subject, result });
  }

  async #found(attempt: AttemptId): Promise<FoundPayment> {
    const found = await this.#book.payment(attempt);
    if (found === undefined) throw new CodedError('payment-not-found');
    return found;
  }
}

function demandRefunds({ permissions }: Actor): void {
  if (!permissions.has('payments.refund')) throw new CodedError('forbidden');
}

function questionOf(intent: RefundIntent): Watched {
  const { refund, attempt, psp, kind } = intent;
  // A void has no key of its own: what is asked about is whether the payment still stands.
  if (kind === 'void') return { intent, attempt, psp, about: 'payment' };
  return { intent, attempt: refund, psp, about: 'refund' };
}

function refundEvent(
  { intent: of, transaction }: FoundPayment,
  { kind, currency }: RefundIntent,
  refund: RefundView,
  by: string,
): RefundEvent {
  const taken = kind === 'void' && refund.outcome === 'refunded' ? 'cancelled' : 'succeeded';
  const payment = paymentOf(of, taken, transaction.reference);
  return { type: 'payment.refunded', payment, refund, currency, by };
}
