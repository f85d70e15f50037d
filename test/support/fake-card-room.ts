import type {
  AuthorisationOutcome,
  CardRoom,
  EnquiryAnswer,
  FieldPolicy,
  PaymentOrder,
  PspDescription,
  RefundOrder,
  RefundOutcome,
  SecuredInterval,
} from '../../src/payment/card-room.ts';
import type { CardField } from '../../src/shared/card-field.ts';
import { CodedError, type ErrorCode } from '../../src/shared/coded-error.ts';
import type { AttemptId, CallId, SessionId } from '../../src/shared/ids.ts';

export type RoomRequest =
  | 'openField'
  | 'stopField'
  | 'release'
  | 'wipe'
  | 'authorise'
  | 'enquire'
  | 'voidPayment'
  | 'refund';

/** A question that the test answers when it likes. */
export interface OpenQuestion {
  readonly request: RoomRequest;
  readonly attempt: AttemptId | null;
  /** Lets the room do it, with the given answer for a provider's questions. */
  answer(value?: unknown): void;
  refuse(code: ErrorCode): void;
}

interface Sent {
  readonly attempt: AttemptId;
  readonly psp: string;
  readonly order: PaymentOrder;
  readonly last: boolean;
  outcome: AuthorisationOutcome['outcome'] | 'waiting' | 'lost';
}

export const simulatorPsp: PspDescription = {
  id: 'simulator',
  label: { en: 'Simulator', ja: 'シミュレーター' },
  currencies: ['JPY', 'USD'],
  types: ['charge', 'authorise', 'tokenise'],
  fields: [
    field('cardholder', 'text', true),
    field('reference', 'text', false),
    field('expiry', 'date', true),
    { ...field('channel', 'choice', false), choices: ['phone', 'desk'] },
  ],
  needsCvc: true,
  idempotency: { header: 'Idempotency-Key', hours: 24 },
  timeOut: { seconds: 30, resolvedBy: 'enquiries' },
  can: { enquire: true, void: true, refund: true, partialRefund: true },
};

function field(name: string, kind: 'text' | 'date' | 'choice', required: boolean): PspDescription['fields'][number] {
  const types: PspDescription['types'] = ['charge', 'authorise', 'tokenise'];
  return { name, label: { en: name, ja: name }, kind, required, choices: [], types, prefill: null };
}

const interval: SecuredInterval = { ms: 1000, audioSuppressed: 50, eventsSuppressed: 12, silenceSent: 50, leaks: 0 };

/** A walled room of paper: it holds names of fields instead of digits, and writes down every breach of its rules. */
export class FakeCardRoom implements CardRoom {
  psps: PspDescription[] = [simulatorPsp];
  /** Requests that wait for the test; all others are answered at once. */
  readonly held = new Set<RoomRequest>();
  readonly questions: OpenQuestion[] = [];
  /** Answers to `authorise` in turn; `approved` when there is none left. */
  readonly outcomes: AuthorisationOutcome[] = [];
  readonly enquiries: EnquiryAnswer[] = [];
  voids = true;
  /** Codes with which the next requests of a kind are refused. */
  readonly faults = new Map<RoomRequest, ErrorCode[]>();
  readonly log: string[] = [];
  readonly sent: Sent[] = [];
  readonly voided: AttemptId[] = [];
  /** Answers to `refund` in turn; `refunded` when there is none left. */
  readonly refundOutcomes: RefundOutcome[] = [];
  readonly refunds: { readonly psp: string; readonly order: RefundOrder }[] = [];
  readonly breaches: string[] = [];
  readonly locked = new Set<CallId>();
  readonly open = new Map<CallId, { session: SessionId; field: CardField }>();
  readonly holds = new Map<SessionId, Set<CardField>>();
  readonly #ended = new Set<CallId>();
  #lost = false;

  openField(call: CallId, session: SessionId, field: CardField, _policy: FieldPolicy): Promise<void> {
    if (this.#ended.has(call)) return Promise.reject(new CodedError('call-not-found'));
    this.locked.add(call);
    return this.#ask('openField', null, () => {
      if (this.#ended.has(call)) return;
      this.open.set(call, { session, field });
      this.#held(session).delete(field);
    });
  }

  stopField(call: CallId): Promise<void> {
    return this.#ask('stopField', null, () => void this.open.delete(call));
  }

  release(call: CallId): Promise<SecuredInterval> {
    return this.#ask('release', null, () => {
      if (this.open.has(call)) this.breaches.push('released with an open field');
      this.locked.delete(call);
      return interval;
    });
  }

  wipe(session: SessionId, fields: CardField[] | null): Promise<void> {
    return this.#ask('wipe', null, () => {
      if (fields === null) this.holds.delete(session);
      else for (const name of fields) this.#held(session).delete(name);
    });
  }

  async authorise(
    session: SessionId,
    attempt: AttemptId,
    psp: string,
    order: PaymentOrder,
    last: boolean,
  ): Promise<AuthorisationOutcome> {
    const before = this.sent.filter((one) => one.attempt === attempt).at(-1);
    if (before !== undefined && before.outcome !== 'not-sent' && before.outcome !== 'surcharge')
      this.breaches.push(`sent again after ${before.outcome}`);
    if (!this.#held(session).has('pan')) this.breaches.push('sent without a card');
    const sent: Sent = { attempt, psp, order, last, outcome: 'waiting' };
    this.sent.push(sent);
    try {
      const answer = (given: unknown): AuthorisationOutcome => {
        const outcome = (given as AuthorisationOutcome | undefined) ?? this.outcomes.shift() ?? approved(attempt);
        sent.outcome = outcome.outcome;
        const keeps = outcome.outcome === 'surcharge' || (outcome.outcome === 'approved' && !last);
        if (!keeps) this.#held(session).delete('cvc');
        return outcome;
      };
      return await this.#ask('authorise', attempt, answer);
    } catch (error) {
      sent.outcome = 'lost';
      this.#held(session).delete('cvc');
      throw error;
    }
  }

  enquire(attempt: AttemptId): Promise<EnquiryAnswer> {
    return this.#ask(
      'enquire',
      attempt,
      (given) => (given as EnquiryAnswer | undefined) ?? this.enquiries.shift() ?? { answer: 'still-unknown' },
    );
  }

  voidPayment(attempt: AttemptId): Promise<boolean> {
    return this.#ask('voidPayment', attempt, (given) => {
      const done = (given as boolean | undefined) ?? this.voids;
      if (done) this.voided.push(attempt);
      return done;
    });
  }

  refund(psp: string, order: RefundOrder): Promise<RefundOutcome> {
    this.refunds.push({ psp, order });
    return this.#ask('refund', order.refund, (given) => {
      const reference = `refund-${order.refund.slice(0, 8)}`;
      return (given as RefundOutcome | undefined) ?? this.refundOutcomes.shift() ?? { outcome: 'refunded', reference };
    });
  }

  async describePsps(): Promise<PspDescription[]> {
    if (this.#lost) throw new CodedError('cde-lost');
    return this.psps;
  }

  /** The customer has keyed the open field of a call completely. */
  keyed(call: CallId): { session: SessionId; field: CardField } | undefined {
    const open = this.open.get(call);
    if (open === undefined) return undefined;
    this.open.delete(call);
    this.#held(open.session).add(open.field);
    return open;
  }

  /** The call is gone, and its lock and its open field with it. */
  endCall(call: CallId): void {
    this.#ended.add(call);
    this.locked.delete(call);
    this.open.delete(call);
  }

  /** The process is gone with all it held; what waits is refused. */
  lose(): void {
    this.#lost = true;
    this.holds.clear();
    this.locked.clear();
    this.open.clear();
    for (const question of this.questions.splice(0)) question.refuse('cde-lost');
  }

  restart(): void {
    this.#lost = false;
  }

  holdings(session: SessionId): CardField[] {
    return [...(this.holds.get(session) ?? [])];
  }

  #held(session: SessionId): Set<CardField> {
    const held = this.holds.get(session) ?? new Set<CardField>();
    this.holds.set(session, held);
    return held;
  }

  #ask<T>(request: RoomRequest, attempt: AttemptId | null, act: (given?: unknown) => T): Promise<T> {
    this.log.push(request);
    if (this.#lost) return Promise.reject(new CodedError('cde-lost'));
    const fault = this.faults.get(request)?.shift();
    if (fault !== undefined) return Promise.reject(new CodedError(fault));
    if (!this.held.has(request)) return Promise.resolve(act());
    return new Promise<T>((resolve, reject) => {
      const done = (): void => {
        const at = this.questions.indexOf(question);
        if (at >= 0) this.questions.splice(at, 1);
      };
      const question: OpenQuestion = {
        request,
        attempt,
        answer: (value) => {
          done();
          resolve(act(value));
        },
        refuse: (code) => {
          done();
          reject(new CodedError(code));
        },
      };
      this.questions.push(question);
    });
  }
}

const approved = (attempt: AttemptId): AuthorisationOutcome => ({
  outcome: 'approved',
  reference: `ref-${attempt.slice(0, 8)}`,
});
