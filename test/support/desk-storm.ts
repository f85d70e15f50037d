import type { HangUpSide } from '../../src/payment/call-gate.ts';
import type { AuthorisationOutcome, EnquiryAnswer } from '../../src/payment/card-room.ts';
import { CodedError } from '../../src/shared/coded-error.ts';
import type { AttemptId, SessionId } from '../../src/shared/ids.ts';
import { agent1001, DeskBench, fullDetails } from './desk-bench.ts';
import type { Answers, Gust } from './desk-gust.ts';
import type { OpenQuestion, RoomRequest } from './fake-card-room.ts';
import { settle } from './fake-clock.ts';

const outcomes: readonly AuthorisationOutcome[] = [
  { outcome: 'approved', reference: 'ref' },
  { outcome: 'approved', reference: null },
  { outcome: 'declined', code: 'insufficient-funds', message: 'Declined', retryable: true },
  { outcome: 'declined', code: 'stolen-card', message: 'Declined', retryable: false },
  { outcome: 'surcharge', surcharge: 100, total: 5100 },
  { outcome: 'unknown', code: 'timed-out' },
  { outcome: 'not-sent', code: 'connection-refused' },
];

const enquiries: readonly EnquiryAnswer[] = [
  { answer: 'paid', reference: 'found' },
  { answer: 'not-paid' },
  { answer: 'still-unknown' },
];

/** A desk in a storm: any order of commands, answers, faults and ends, and what must hold all the while. */
export class DeskStorm {
  readonly bench = new DeskBench();
  readonly faults: string[] = [];
  readonly sessions: SessionId[] = [];
  #ended = false;
  /** Sessions with an unknown payment that no new payment has followed yet. */
  readonly #lockedAgainstSending = new Set<SessionId>();
  readonly #commands: Promise<unknown>[] = [];

  constructor(held: readonly RoomRequest[], answers: Answers) {
    const { room } = this.bench;
    room.outcomes.push(...answers.outcomes.flatMap((at) => outcomes[at] ?? []));
    room.enquiries.push(...answers.enquiries.flatMap((at) => enquiries[at] ?? []));
    room.voids = answers.voids;
    for (const request of held) room.held.add(request);
    this.#watchEvents();
    this.#watchSending();
  }

  async run(gusts: readonly Gust[]): Promise<void> {
    for (const gust of gusts) {
      if (gust.do === 'again' || gust.do === 'another') await this.#sendAgain(gust.do);
      else if (gust.do === 'ready') await this.#takeBoth();
      else this.#act(gust);
      await settle();
    }
  }

  async #sendAgain(what: 'again' | 'another'): Promise<void> {
    this.#act({ do: what === 'again' ? 'retry' : 'newPayment' });
    await settle();
    this.#act({ do: 'fill' });
    await this.#takeBoth();
    this.#act({ do: 'authorise' });
  }

  async #takeBoth(): Promise<void> {
    for (const what of ['pan', 'keyed', 'cvc', 'keyed'] as const) {
      this.#act({ do: what });
      await settle();
      await this.#serve();
    }
  }

  async #serve(): Promise<void> {
    const served = ['openField', 'stopField', 'release', 'wipe'];
    for (let waiting = this.#questions(served); waiting.length > 0; waiting = this.#questions(served)) {
      for (const question of waiting) question.answer();
      await settle();
    }
  }

  #questions(served: readonly string[]): OpenQuestion[] {
    return this.bench.room.questions.filter(({ request }) => served.includes(request));
  }

  /** Lets everything come to its end: the room answers, the storage works, the session closes or the call ends. */
  async calm(hangUp: boolean): Promise<void> {
    const { room, book, clock } = this.bench;
    Object.assign(book.failures, { intend: 0, conclude: 0, evidence: 0 });
    room.held.clear();
    room.faults.clear();
    this.#answerAll();
    await settle();
    if (hangUp) this.#hangUp('caller');
    else for (const id of this.sessions) this.#command(this.bench.desk.close(id, agent1001));
    for (const ms of [...Array<number>(8).fill(1000), 60_000, 60_000]) {
      await clock.run(ms);
      this.#answerAll();
    }
    await settle();
    await Promise.allSettled(this.#commands);
    this.#checkTheEnd();
  }

  get id(): SessionId | undefined {
    return this.sessions.at(-1);
  }

  #act(gust: Gust): void {
    const { bench, id } = this;
    const { desk, room, clock, book } = bench;
    switch (gust.do) {
      case 'open':
        return this.#open();
      case 'hangUp':
        return this.#hangUp(gust.by);
      case 'roomLost':
        room.lose();
        desk.roomLost();
        return this.#hangUp('gateway');
      case 'serve':
        return void this.#serve();
      case 'mediaLost':
        return desk.mediaLost(bench.call.id);
      case 'answer':
        return this.#answer(gust.which, gust.outcome);
      case 'roomFails':
        return room.questions[gust.which % Math.max(1, room.questions.length)]?.refuse(gust.code);
      case 'storageFails':
        book.failures.intend += 1;
        return;
      case 'outcomeFails':
        book.failures.conclude += 1;
        return;
      case 'second':
      case 'minute':
        return clock.advance(gust.do === 'second' ? 1000 : 60_000);
      default:
        return id === undefined ? this.#open() : this.#actOn(id, gust.do);
    }
  }

  #actOn(id: SessionId, what: Gust['do']): void {
    const { bench } = this;
    const { desk } = bench;
    const commands: Partial<Record<Gust['do'], () => Promise<unknown>>> = {
      pan: () => desk.requestCapture(id, 'pan', agent1001),
      cvc: () => desk.requestCapture(id, 'cvc', agent1001),
      stop: () => desk.stopCapture(id, agent1001),
      authorise: () => desk.authorise(id, agent1001),
      accept: () => desk.answerSurcharge(id, true, agent1001),
      refuse: () => desk.answerSurcharge(id, false, agent1001),
      retry: () => desk.retry(id, agent1001),
      newPayment: () => desk.newPayment(id, agent1001).then(() => void this.#lockedAgainstSending.delete(id)),
      cancel: () => desk.cancel(id, agent1001),
      close: () => desk.close(id, agent1001),
      enquire: () => desk.enquire(id, agent1001),
      addPayment: () => desk.addPayment(id, { type: 'authorise', amount: 100 }, agent1001),
      removePayment: () => desk.removePayment(id, 2, agent1001),
      fill: () => desk.changeDetails(id, fullDetails, agent1001),
    };
    const command = commands[what];
    if (command !== undefined) return this.#command(command());
    this.#notice(id, what);
  }

  #notice(session: SessionId, what: Gust['do']): void {
    const { bench } = this;
    const call = bench.call.id;
    const open = bench.room.open.get(call);
    if (open === undefined) return;
    if (what === 'progress')
      bench.desk.fieldNotice({ kind: 'field.progress', call, session, field: open.field, digits: 3 });
    if (what === 'keyed' && (open.field === 'pan' || open.field === 'cvc')) bench.complete(open.field);
    if (what === 'timedOut') {
      bench.room.open.delete(call);
      const reason = 'overall-timeout';
      bench.desk.fieldNotice({ kind: 'field.failed', call, session, field: open.field, digits: 2, reason });
    }
  }

  #open(): void {
    const { desk, call } = this.bench;
    const opening = desk.open(call.id, agent1001, { details: fullDetails });
    this.#command(opening.then((view) => void this.sessions.push(view.id as SessionId)));
  }

  /** A command may be refused; it may not fail in any other way. */
  #command(promise: Promise<unknown>): void {
    this.#commands.push(
      promise.catch((error: unknown) => {
        if (!(error instanceof CodedError)) this.faults.push(`a command failed: ${String(error)}`);
      }),
    );
  }

  #hangUp(by: HangUpSide): void {
    if (this.#ended) return;
    this.#ended = true;
    this.bench.hangUp(by);
  }

  #answer(which: number, outcome: number): void {
    const { questions } = this.bench.room;
    const question = questions[which % Math.max(1, questions.length)];
    if (question?.request === 'authorise') question.answer(outcomes[outcome % outcomes.length]);
    else if (question?.request === 'enquire') question.answer(enquiries[outcome % enquiries.length]);
    else if (question?.request === 'voidPayment') question.answer(outcome % 2 === 0);
    else question?.answer();
  }

  #answerAll(): void {
    for (const question of [...this.bench.room.questions]) question.answer();
  }

  /** What a client is told must be true at that moment, and in the order of the contract. */
  #watchEvents(): void {
    const { events, room, call } = this.bench;
    const expected: Record<string, readonly string[]> = {
      idle: ['capture.locked'],
      'capture.locked': ['capture.progress', 'capture.completed', 'capture.failed'],
      'capture.progress': ['capture.progress', 'capture.completed', 'capture.failed'],
      ended: ['capture.unlocked'],
    };
    let now = 'idle';
    const push = events.push.bind(events);
    events.push = (...pushed) => {
      for (const event of pushed) {
        if (!event.type.startsWith('capture.')) continue;
        if (expected[now]?.includes(event.type) !== true) this.faults.push(`${event.type} after ${now}`);
        if (event.type === 'capture.locked' && !room.locked.has(call.id)) this.faults.push('locked was a lie');
        if (event.type === 'capture.unlocked' && room.locked.has(call.id)) this.faults.push('unlocked was a lie');
        if (event.type === 'capture.unlocked') now = 'idle';
        else now = event.type === 'capture.completed' || event.type === 'capture.failed' ? 'ended' : event.type;
      }
      return push(...pushed);
    };
  }

  #watchSending(): void {
    const { room, book } = this.bench;
    const authorise = room.authorise.bind(room);
    room.authorise = async (session, attempt, psp, order, last) => {
      if (this.#lockedAgainstSending.has(session)) this.faults.push('sent after an unknown payment');
      const entry = book.entries.get(attempt);
      if (entry === undefined || ['succeeded', 'declined', 'unknown'].includes(entry.outcomes.at(-1)?.outcome ?? ''))
        this.faults.push('sent without a fresh intent');
      try {
        const outcome = await authorise(session, attempt, psp, order, last);
        if (outcome.outcome === 'unknown') this.#lockedAgainstSending.add(session);
        return outcome;
      } catch (error) {
        this.#lockedAgainstSending.add(session);
        throw error;
      }
    };
  }

  #checkTheEnd(): void {
    const { bench, faults } = this;
    faults.push(...bench.room.breaches, ...bench.book.breaches, ...bench.outside.faults());
    const { unknown: _, ...counts } = bench.desk.counts();
    for (const [name, count] of Object.entries(counts)) if (count !== 0) faults.push(`${name} is ${count} at the end`);
    if (bench.calls.engaged.size > 0) faults.push('the interlock has not ended');
    if (bench.room.locked.size > 0) faults.push('a lock was left behind');
    for (const id of this.sessions) if (bench.room.holdings(id).length > 0) faults.push('a card was left behind');
    for (const attempt of new Set(bench.room.sent.map((sent) => sent.attempt))) this.#checkRecord(attempt);
    bench.desk.stop();
    if (bench.clock.pending > 0) faults.push(`${bench.clock.pending} timers are left`);
  }

  /** The book says of each attempt what the provider did. */
  #checkRecord(attempt: AttemptId): void {
    const { room, book } = this.bench;
    const recorded = book.lastOutcome(attempt);
    const sent = room.sent.findLast((one) => one.attempt === attempt)?.outcome;
    const voidLost = book.entries.get(attempt)?.outcomes.some((one) => one.outcome === 'unknown') === true;
    const possible: Record<string, readonly (string | undefined)[]> = {
      // A void that nobody answered leaves it unknown, until an enquiry says whether anything is charged now.
      approved: room.voided.includes(attempt)
        ? ['cancelled']
        : ['succeeded', ...(voidLost ? ['unknown', 'declined'] : [])],
      declined: ['declined'],
      surcharge: ['quoted', 'cancelled', 'not-sent'],
      unknown: ['unknown', 'succeeded', 'declined', 'cancelled'],
      lost: ['unknown', 'succeeded', 'declined', 'cancelled'],
      'not-sent': ['not-sent'],
    };
    if (possible[sent ?? '']?.includes(recorded) !== true) this.faults.push(`${sent} was recorded as ${recorded}`);
  }
}
