import type { AttemptId, CallId, SessionId } from '../shared/ids.ts';
import type { Notice, NoticeOffice } from './notice.ts';
import type { SessionEffect } from './session-effect.ts';
import type { SessionEvent } from './session-event.ts';
import type { SessionInput } from './session-input.ts';

type PaymentEvent = Extract<SessionEvent, { payment: unknown }>;

const nameOf = ({ type, payment }: PaymentEvent): string => `${type} ${payment.id}`;

const isOfPayment = (event: SessionEvent): event is PaymentEvent => 'payment' in event;

const told = (effects: readonly SessionEffect[]): PaymentEvent[] =>
  effects.flatMap((effect) => (effect.kind === 'emit' && isOfPayment(effect.event) ? [effect.event] : []));

const concludedBy = (effects: readonly SessionEffect[]): ReadonlySet<string> =>
  new Set(effects.flatMap((effect) => (effect.kind === 'conclude' ? [effect.attempt] : [])));

/**
 * Which of a session's events receivers outside are owed with an outcome that is written down, rather than by themselves.
 * An answer's outcome is in the book before the session hears of it; so what the answer is going to tell is drawn up ahead,
 * and not owed once more when it is told.
 */
export class OwedEvents {
  readonly #office: NoticeOffice;
  readonly #call: CallId;
  readonly #session: SessionId;
  /** Names of events that stand in the book with the outcome of an attempt whose answer is on its way to the session. */
  readonly #ahead = new Map<AttemptId, ReadonlySet<string>>();

  constructor(office: NoticeOffice, call: CallId, session: SessionId) {
    this.#office = office;
    this.#call = call;
    this.#session = session;
  }

  /** What is owed with the outcome of an attempt, by what its answer would do to the session now. */
  ahead(attempt: AttemptId, effects: readonly SessionEffect[]): Notice[] {
    const apart = concludedBy(effects);
    const events = told(effects).filter(({ payment }) => !apart.has(payment.id));
    this.#ahead.set(attempt, new Set(events.map(nameOf)));
    return this.#draw(events);
  }

  /** What is owed with an outcome that the step itself writes down. */
  with(attempt: AttemptId, effects: readonly SessionEffect[]): Notice[] {
    return this.#draw(told(effects).filter(({ payment }) => payment.id === attempt));
  }

  /** Says of each event of a step that is carried out now whether it is owed with an outcome. */
  judge(input: SessionInput, effects: readonly SessionEffect[]): (event: SessionEvent) => boolean {
    const apart = concludedBy(effects);
    const answered = input.kind === 'answered' || input.kind === 'voidAnswered' ? input.attempt : undefined;
    const ahead = answered === undefined ? undefined : this.#ahead.get(answered);
    if (answered !== undefined) this.#ahead.delete(answered);
    return (event) => isOfPayment(event) && (apart.has(event.payment.id) || ahead?.has(nameOf(event)) === true);
  }

  #draw(events: readonly PaymentEvent[]): Notice[] {
    return events.flatMap((event) => this.#office.draw(this.#call, this.#session, event) ?? []);
  }
}
