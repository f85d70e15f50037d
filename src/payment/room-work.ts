import { type CardField, cardFields } from '../shared/card-field.ts';
import type { Clock } from '../shared/clock.ts';
import { CodedError, type ErrorCode } from '../shared/coded-error.ts';
import type { CallId, SessionId } from '../shared/ids.ts';
import type { AuthorisationOutcome, CardRoom, SecuredInterval } from './card-room.ts';
import type { DeskWiring } from './desk-wiring.ts';
import type { Notice } from './notice.ts';
import type { OutcomeWriter } from './outcome-writer.ts';
import type { SessionEffect } from './session-effect.ts';
import type { Happening } from './session-input.ts';
import type { Intent, RecordedOutcome } from './transaction-book.ts';

/** A room that does not confirm a wipe is asked this often; it wipes by itself when the call ends. */
const wipeTriesMax = 5;

/** Refusals of `authorise` with which the room says that it asked nobody (see the port); every other one is unknown. */
const refusedBeforeSending: ReadonlySet<ErrorCode> = new Set([
  'unknown-psp',
  'unknown-type',
  'missing-fields',
  'wrong-state',
]);

export const codeOf = (error: unknown): ErrorCode => (error instanceof CodedError ? error.code : 'media-failed');

type Answer = Extract<Happening, { kind: 'answered' | 'voidAnswered' }>;

/** What the session makes of what comes back. */
export interface RoomClient {
  happen(happening: Happening, by: string): void;
  /** What receivers outside are owed when the answer comes: it is written down with the outcome. */
  owed(answer: Answer): readonly Notice[];
}

/** What became of the lock's interval, for the evidence. */
export type Released = (interval: SecuredInterval) => void;

/**
 * What one session asks of the room and the book. Opening, closing, wiping and releasing go one after another, in the
 * order in which the machine wanted them: the field is closed and wiped before the agent hears the customer again.
 * Questions to a provider run beside that. Every answer comes back as a happening.
 */
export class RoomWork {
  readonly #call: CallId;
  readonly #session: SessionId;
  readonly #wiring: DeskWiring;
  readonly #writer: OutcomeWriter;
  readonly #client: RoomClient;
  readonly #room: CardRoom;
  readonly #clock: Clock;
  #tail: Promise<void> = Promise.resolve();

  constructor(call: CallId, session: SessionId, wiring: DeskWiring, writer: OutcomeWriter, client: RoomClient) {
    this.#call = call;
    this.#session = session;
    this.#wiring = wiring;
    this.#writer = writer;
    this.#client = client;
    this.#room = wiring.room;
    this.#clock = wiring.clock;
  }

  /**
   * The command is in the evidence before anything is secured: nothing can be captured without a trace. `wanted` says
   * whether the call still lives when its turn comes.
   */
  openField(field: CardField, who: string, origin: string, wanted: () => boolean): void {
    this.#inTurn(async () => {
      if (!wanted()) return;
      const asked = this.#clock.monotonic();
      try {
        const where = { call: this.#call, session: this.#session };
        await this.#wiring.book.evidence({
          what: `capture.requested:${field}`,
          who,
          origin,
          result: 'asked',
          ...where,
        });
        if (!wanted()) return;
        await this.#room.openField(this.#call, this.#session, field, this.#wiring.settings.policies[field]);
        this.#wiring.observer.callSecured(this.#clock.monotonic() - asked);
        this.#happen({ kind: 'secured' }, 'room');
      } catch (error) {
        this.#failed('openField', error);
        this.#happen({ kind: 'refused', code: codeOf(error) }, 'room');
      }
    });
  }

  /** `wanted` says whether the lock is still ours to end: a call that has ended took it along. */
  release(effect: SessionEffect & { kind: 'release' }, wanted: () => boolean, released: Released): void {
    this.#inTurn(async () => {
      if (effect.again) await this.#pause();
      if (!wanted()) return;
      try {
        if (effect.stop) await this.#room.stopField(this.#call);
        if (effect.wipe !== null) await this.#room.wipe(this.#session, [effect.wipe]);
        released(await this.#room.release(this.#call));
        this.#happen({ kind: 'released' }, 'room');
      } catch (error) {
        this.#failed('release', error);
        this.#happen({ kind: 'releaseFailed' }, 'room');
      }
    });
  }

  wipe(fields: readonly CardField[] | null): void {
    const named = fields === null ? null : cardFields.filter((field) => fields.includes(field));
    this.#inTurn(async () => {
      for (let tries = 1; ; tries += 1) {
        try {
          return await this.#room.wipe(this.#session, named);
        } catch (error) {
          this.#failed('wipe', error);
          // A room that is gone has taken everything along.
          if (tries >= wipeTriesMax || codeOf(error) === 'cde-lost') return;
          await this.#pause();
        }
      }
    });
  }

  async intend(intent: Intent): Promise<void> {
    try {
      if (this.#writer.keeps(intent.attempt)) throw new CodedError('storage-failed');
      await this.#wiring.book.intend(intent);
      const at = this.#clock.monotonic();
      this.#happen({ kind: 'intended', attempt: intent.attempt, at }, intent.agent);
    } catch {
      this.#wiring.observer.storageFailed('intent');
      this.#happen({ kind: 'intentFailed', attempt: intent.attempt }, intent.agent);
    }
  }

  /** The answer is in the book before anybody hears of it. Whatever the room cannot answer is unknown. */
  async send({ attempt, psp, order, last }: SessionEffect & { kind: 'send' }): Promise<void> {
    const asked = this.#clock.monotonic();
    const outcome = await this.#room
      .authorise(this.#session, attempt, psp, order, last)
      .catch((error: unknown): AuthorisationOutcome => {
        this.#failed('authorise', error);
        const code = codeOf(error);
        return { outcome: refusedBeforeSending.has(code) ? 'not-sent' : 'unknown', code };
      });
    this.#wiring.observer.paymentAnswered(psp, outcome.outcome, this.#clock.monotonic() - asked);
    const answer: Answer = { kind: 'answered', attempt, outcome };
    await this.#writer.conclude(attempt, recorded(outcome), this.#client.owed(answer));
    this.#happen(answer, 'psp');
  }

  /** `voided` is told of a success before it is written down. */
  async void(
    { attempt, psp, reference }: SessionEffect & { kind: 'void' },
    taken: boolean,
    voided: () => void,
  ): Promise<void> {
    const result = await this.#room.voidPayment(attempt, psp, reference).then(
      (done) => (done ? ('voided' as const) : ('stands' as const)),
      (error: unknown) => {
        this.#failed('void', error);
        return 'unknown' as const;
      },
    );
    const answer: Answer = { kind: 'voidAnswered', attempt, result };
    const owed = this.#client.owed(answer);
    if (result === 'voided') {
      voided();
      await this.#writer.conclude(attempt, { outcome: 'cancelled' }, owed);
    }
    if (result === 'unknown' && taken) await this.#writer.conclude(attempt, { outcome: 'unknown', code: 'void' }, owed);
    this.#happen(answer, 'psp');
  }

  /** Resolves when everything that was asked of the room so far has ended. */
  async idle(): Promise<void> {
    await this.#tail;
  }

  #happen(happening: Happening, by: string): void {
    this.#client.happen(happening, by);
  }

  #inTurn(work: () => Promise<void>): void {
    this.#tail = this.#tail.then(work);
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => void this.#clock.after(this.#wiring.settings.roomRetryMs, resolve));
  }

  #failed(request: string, error: unknown): void {
    this.#wiring.observer.roomFailed(request, codeOf(error));
  }
}

function recorded(outcome: AuthorisationOutcome): RecordedOutcome {
  switch (outcome.outcome) {
    case 'approved':
      return { outcome: 'succeeded', reference: outcome.reference };
    case 'declined':
      return { outcome: 'declined', code: outcome.code };
    case 'surcharge':
      return { outcome: 'quoted' };
    case 'unknown':
      return { outcome: 'unknown', code: outcome.code };
    case 'not-sent':
      return { outcome: 'not-sent' };
  }
}
