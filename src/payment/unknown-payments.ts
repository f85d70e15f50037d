import { CodedError } from '../shared/coded-error.ts';
import type { AttemptId } from '../shared/ids.ts';
import { type Actor, mayActFor, mayTakePayments } from './actor.ts';
import type { EnquiryAnswer } from './card-room.ts';
import type { DeskWiring } from './desk-wiring.ts';
import { type DefiniteAnswer, EnquiryDesk } from './enquiry-desk.ts';
import { paymentOf, subjectOf, unknownEventOf } from './intent-of.ts';
import type { Notice } from './notice.ts';
import type { OutcomeWriter } from './outcome-writer.ts';
import type { SessionEvent } from './session-event.ts';
import type { SessionShelf } from './session-shelf.ts';
import type { Intent } from './transaction-book.ts';

/**
 * Payments whose fate nobody knows: they are told, asked about, and settled by the provider's answer or by what an agent has
 * found out. Nothing is ever sent again from here.
 */
export class UnknownPayments {
  readonly #wiring: DeskWiring;
  readonly #writer: OutcomeWriter;
  readonly #enquiries: EnquiryDesk<Intent>;
  readonly #sessions: Pick<SessionShelf, 'find' | 'concerned'>;

  constructor(wiring: DeskWiring, writer: OutcomeWriter, sessions: Pick<SessionShelf, 'find' | 'concerned'>) {
    const { room, clock, observer, settings } = wiring;
    this.#wiring = wiring;
    this.#writer = writer;
    this.#sessions = sessions;
    this.#enquiries = new EnquiryDesk(room, clock, observer, settings.enquiryDelaysMs, (intent, answer) =>
      this.#resolved(intent, answer),
    );
  }

  get size(): number {
    return this.#enquiries.size;
  }

  watch(intent: Intent): void {
    this.#enquiries.watch(intent);
  }

  forget(attempt: AttemptId): void {
    this.#enquiries.forget(attempt);
  }

  ask(intent: Intent): Promise<EnquiryAnswer> {
    return this.#enquiries.ask(intent);
  }

  stop(): void {
    this.#enquiries.stop();
  }

  /** As `SessionDesk.recordAnswer`. */
  async record(attempt: AttemptId, answer: DefiniteAnswer, actor: Actor): Promise<void> {
    const intent = (await this.#wiring.book.unresolved()).find((one) => one.attempt === attempt);
    const own = intent !== undefined && mayTakePayments(actor) && mayActFor(actor, intent.agent);
    if (!own && !actor.permissions.has('payments.refund')) throw new CodedError('forbidden');
    if (intent === undefined) throw new CodedError('payment-not-found');
    if (this.#sessions.find(intent.session)?.isUnderWay(attempt) === true) throw new CodedError('wrong-state');
    this.#enquiries.forget(attempt);
    this.#writer.note({ what: 'payment.recorded', ...subjectOf(intent, actor), result: answer.answer });
    await this.#resolved(intent, answer);
  }

  /** As `SessionDesk.adopt`. Whoever was told of it outside before is not told again. */
  async adopt(intents: readonly Intent[], code: string): Promise<void> {
    for (const intent of intents) {
      const event = unknownEventOf(intent);
      await this.#writer.conclude(intent.attempt, { outcome: 'unknown', code }, this.#owed(intent, event));
      this.#tell(intent, event);
      this.#enquiries.watch(intent);
    }
  }

  async #resolved(intent: Intent, answer: DefiniteAnswer): Promise<void> {
    const paid = answer.answer === 'paid';
    const reference = paid ? answer.reference : null;
    const payment = paymentOf(intent, paid ? 'succeeded' : 'declined', reference);
    const event: SessionEvent = { type: 'payment.resolved', payment, answer: answer.answer, reference };
    await this.#writer.conclude(
      intent.attempt,
      paid ? { outcome: 'succeeded', reference } : { outcome: 'declined', code: 'not-paid' },
      this.#owed(intent, event),
    );
    this.#tell(intent, event);
    for (const one of this.#sessions.concerned(intent.call, intent.session))
      await one.happen({ kind: 'resolved', attempt: intent.attempt, answer }, 'psp');
  }

  #owed({ call, session }: Intent, event: SessionEvent): Notice[] {
    const notice = this.#wiring.notices.draw(call, session, event);
    return notice === undefined ? [] : [notice];
  }

  #tell({ agent, call, session }: Intent, event: SessionEvent): void {
    this.#wiring.emit(agent, call, session, event, true);
  }
}
