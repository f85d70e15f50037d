import { CodedError } from '../shared/coded-error.ts';
import type { AttemptId } from '../shared/ids.ts';
import type { SerialQueue } from '../shared/serial-queue.ts';
import type { Actor } from './actor.ts';
import type { DeskWiring } from './desk-wiring.ts';
import type { EnquiryDesk } from './enquiry-desk.ts';
import { intentOf } from './intent-of.ts';
import type { OutcomeWriter } from './outcome-writer.ts';
import { OwedEvents } from './owed-events.ts';
import { RoomWork } from './room-work.ts';
import type { SessionEffect } from './session-effect.ts';
import type { SessionEvent } from './session-event.ts';
import { refusal } from './session-guard.ts';
import type { Command, Happening, SessionInput } from './session-input.ts';
import { sessionTransition } from './session-machine.ts';
import { viewOf } from './session-projection.ts';
import type { SessionState } from './session-state.ts';
import type { SessionView } from './session-view.ts';
import { TicketOffice } from './ticket-office.ts';
import type { Intent } from './transaction-book.ts';

/** Where an input came from, for the evidence and for `by`. */
interface Source {
  readonly who: string;
  readonly origin: string;
}

/** Who asks providers about payments whose fate is unknown. */
type Enquiries = Pick<EnquiryDesk<Intent>, 'watch' | 'forget'>;

/** One payment session at work: puts what happens on the call's queue, runs the machine, does what it says. */
export class LiveSession {
  #state: SessionState;
  readonly #queue: SerialQueue;
  readonly #wiring: DeskWiring;
  readonly #writer: OutcomeWriter;
  readonly #enquiries: Enquiries;
  readonly #tickets: TicketOffice;
  readonly #work: RoomWork;
  readonly #owed: OwedEvents;

  constructor(
    state: SessionState,
    queue: SerialQueue,
    wiring: DeskWiring,
    writer: OutcomeWriter,
    enquiries: Enquiries,
  ) {
    this.#state = state;
    this.#queue = queue;
    this.#wiring = wiring;
    this.#writer = writer;
    this.#enquiries = enquiries;
    this.#tickets = new TicketOffice(wiring.clock, wiring.settings.commandWaitMs);
    this.#owed = new OwedEvents(wiring.notices, state.call, state.id);
    this.#work = new RoomWork(state.call, state.id, wiring, writer, {
      happen: (happening, by) => void this.happen(happening, by),
      owed: (answer) => {
        const step = sessionTransition(this.#state, answer, wiring.settings);
        return step === undefined ? [] : this.#owed.ahead(answer.attempt, step.effects);
      },
    });
  }

  get state(): SessionState {
    return this.#state;
  }

  get view(): SessionView {
    return viewOf(this.#state, this.#wiring.settings);
  }

  /** Whether the attempt is with the provider, or on its way there or back. */
  isUnderWay(attempt: AttemptId): boolean {
    const { phase, lines } = this.#state;
    const line = lines.find(({ id }) => id === attempt);
    if (line === undefined) return false;
    if (phase.name === 'voiding') return phase.waiting.includes(line.n);
    return phase.name === 'asking' && phase.n === line.n;
  }

  /**
   * The refund desk is about to give a payment back: from here on this session does not.
   * @returns false while this session itself has it with the provider.
   */
  beginGivingBack(attempt: AttemptId): Promise<boolean> {
    return this.#queue.run(() => {
      if (this.isUnderWay(attempt)) return false;
      this.#apply({ kind: 'givingBack', attempt, now: { step: 'begun' } }, { who: 'refunds', origin: 'refunds' });
      return true;
    });
  }

  /** Commands that wait for the world. */
  get waiting(): number {
    return this.#tickets.size;
  }

  /** Tells the world that the session is there, and engages the interlock. On the call's queue. */
  open(actor: Actor): void {
    const { call } = this.#state;
    this.#wiring.calls.engage(call);
    this.#note('session.opened', { who: actor.agent, origin: actor.origin }, this.#state.control);
    this.#emit({ type: 'session.opened', session: this.view, by: actor.agent });
  }

  /**
   * Resolves when the command has taken effect: for a capture when the lock is confirmed, for a stop or a close when its
   * end is, for an authorisation when the intent is safe and the request is on its way.
   * @param make is called on the queue, with the state that the command will meet.
   */
  async command(make: (state: SessionState) => Command, actor: Actor): Promise<void> {
    const source = { who: actor.agent, origin: actor.origin };
    const { answered } = await this.#queue.run(() => this.#begin(make(this.#state), source));
    await answered;
  }

  /** Puts it on the call's queue. What the world has done is never dropped because a queue is full. */
  async happen(happening: Happening, by: string): Promise<void> {
    const source = { who: by, origin: by };
    for (let done = false; !done; ) {
      try {
        await this.#queue.run(() => void this.#apply(happening, source));
        done = true;
      } catch (error) {
        if (!(error instanceof CodedError) || error.code !== 'overloaded') throw error;
        await this.#queue.idle();
      }
    }
  }

  /** Resolves when everything that was asked of the room so far has ended. */
  idle(): Promise<void> {
    return this.#work.idle();
  }

  #begin(command: Command, source: Source): { answered: Promise<void> } {
    const refused = refusal(this.#state, command, this.#wiring.settings);
    this.#note(`command.${command.kind}`, source, refused?.code ?? 'taken');
    if (refused !== undefined) {
      this.#wiring.observer.commandRefused(command.kind, refused.code);
      throw new CodedError(refused.code, undefined, refused.about);
    }
    const { ticket, answered } = this.#tickets.draw();
    this.#apply({ ticket, ...command }, source);
    return { answered };
  }

  #apply(input: SessionInput, source: Source): void {
    const before = this.#state;
    const quiet = input.kind === 'progress';
    const seen = quiet ? '' : JSON.stringify(this.view);
    const step = sessionTransition(before, input, this.#wiring.settings);
    if (step === undefined) return this.#wiring.observer.meaningless(input.kind);
    this.#state = step.state;
    const owed = this.#owed.judge(input, step.effects);
    for (const effect of step.effects) {
      if (effect.kind === 'emit') this.#tell(effect.event, source, owed(effect.event));
      else if (effect.kind === 'conclude')
        void this.#writer.conclude(effect.attempt, effect.outcome, this.#owed.with(effect.attempt, step.effects));
      else this.#perform(effect, source);
    }
    if (quiet) return;
    if (step.state.closed && !before.closed) return this.#sayClosed(source);
    const session = this.view;
    if (JSON.stringify(session) !== seen) this.#emit({ type: 'session.changed', session, by: source.who });
  }

  #sayClosed(source: Source): void {
    this.#note('session.closed', source, this.#state.phase.name);
    this.#emit({ type: 'session.closed', session: this.view, by: source.who });
  }

  #tell(event: SessionEvent, source: Source, owed: boolean): void {
    this.#witness(event, source);
    this.#emit(event, owed);
  }

  #perform(effect: Exclude<SessionEffect, { kind: 'emit' | 'conclude' }>, source: Source): void {
    switch (effect.kind) {
      case 'answer':
        return this.#tickets.answer(effect.ticket, effect.code);
      case 'openField':
        return this.#work.openField(
          effect.field,
          source.who,
          source.origin,
          () => this.#state.slot.name === 'securing',
        );
      case 'release':
        return this.#release(effect);
      case 'wipe':
        return this.#work.wipe(effect.fields);
      case 'disengage':
        return this.#wiring.calls.disengage(this.#state.call);
      default:
        return this.#performPayment(effect);
    }
  }

  #performPayment(effect: Extract<SessionEffect, { kind: 'intend' | 'send' | 'void' | 'enquireLater' }>): void {
    switch (effect.kind) {
      case 'intend':
        return void this.#work.intend(intentOf(this.#state, effect.n));
      case 'send':
        return void this.#work.send(effect);
      case 'void': {
        const line = this.#state.lines.find(({ id }) => id === effect.attempt);
        return void this.#work.void(effect, line?.state === 'succeeded', () => this.#enquiries.forget(effect.attempt));
      }
      case 'enquireLater':
        return this.#enquiries.watch(intentOf(this.#state, effect.n));
    }
  }

  #release(effect: SessionEffect & { kind: 'release' }): void {
    const { slot } = this.#state;
    const field = slot.name === 'releasing' ? slot.field : 'none';
    const wanted = (): boolean => this.#state.slot.name === 'releasing';
    this.#work.release(effect, wanted, (secured) => {
      const { call, id: session } = this.#state;
      const what = `capture.released:${field}`;
      this.#writer.note({ what, who: 'room', origin: 'room', call, session, result: 'released', secured });
    });
  }

  /** What the lock and the field did goes into the evidence; outcomes of payments are there already. */
  #witness(event: SessionEvent, source: Source): void {
    if (!event.type.startsWith('capture.') || event.type === 'capture.progress' || !('field' in event)) return;
    this.#note(`${event.type}:${event.field}`, source, event.type === 'capture.failed' ? event.reason : 'told');
  }

  #note(what: string, { who, origin }: Source, result: string): void {
    this.#writer.note({ what, who, origin, call: this.#state.call, session: this.#state.id, result });
  }

  #emit(event: SessionEvent, owed = false): void {
    this.#wiring.emit(this.#state.agent, this.#state.call, this.#state.id, event, owed);
  }
}
