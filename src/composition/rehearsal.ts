import { writeFrame } from '../agent/frame.ts';
import type { Actor } from '../payment/actor.ts';
import type { PayableCall } from '../payment/call-gate.ts';
import type { CardRoom, PspDescription } from '../payment/card-room.ts';
import type { DeskSettings } from '../payment/desk-settings.ts';
import type { DeskWiring } from '../payment/desk-wiring.ts';
import { SessionDesk } from '../payment/session-desk.ts';
import type { SessionEvent } from '../payment/session-event.ts';
import type { CardField } from '../shared/card-field.ts';
import type { Clock } from '../shared/clock.ts';
import { asSessionId, type CallId, newCallId, type SessionId } from '../shared/ids.ts';
import { SerialQueue } from '../shared/serial-queue.ts';

/*
 * The first payments after a start would run code that has never run: functions that are compiled at their first call,
 * schemas that compile themselves at their first parse. With twenty captures at once that put a tenth of a second between
 * a key and its frame. So a few payments are played before the way in opens, with nobody in them: no call, no digit (the
 * room of paper only counts), nothing written and nothing sent.
 */

/** The first takes about fifty milliseconds of processor, the third three. */
const payments = 3;

const player: Actor = { agent: 'rehearsal', permissions: new Set(['payments.take']), origin: 'gateway' };
const details = { type: 'charge', amount: 100 };
const nothing = (): void => undefined;
const done = async (): Promise<void> => undefined;
const none = async (): Promise<[]> => [];

/** Plays payments through the desk and the frames of the interface. @param settings of the desk that will serve. */
export async function rehearse(settings: DeskSettings, clock: Clock): Promise<void> {
  const stage = new Stage({ ...settings, prefill: {} }, clock);
  for (let n = 0; n < payments; n += 1) await stage.play();
  stage.close();
}

/** A desk between a call, a room and a book that are not there. */
class Stage {
  readonly #desk: SessionDesk;
  readonly #calls = new Map<CallId, PayableCall>();
  readonly #awaited = new Map<SessionEvent['type'], () => void>();

  constructor(settings: DeskSettings, clock: Clock) {
    const wiring: DeskWiring = {
      room: paperRoom(settings.defaultPsp),
      calls: { find: (call) => this.#calls.get(call), engage: nothing, disengage: nothing },
      book: { intend: done, conclude: none, evidence: done, history: none, unresolved: none, quoted: none },
      settings,
      clock,
      emit: (_agent, callId, sessionId, event) => {
        writeFrame({ seq: 1, at: new Date(clock.now()).toISOString(), ...event, callId, sessionId });
        this.#awaited.get(event.type)?.();
      },
      notices: { draw: () => undefined, send: nothing },
      observer: {
        commandRefused: nothing,
        meaningless: nothing,
        callSecured: nothing,
        paymentAnswered: nothing,
        roomFailed: nothing,
        storageFailed: nothing,
        enquiryAnswered: nothing,
      },
    };
    this.#desk = new SessionDesk(wiring);
  }

  /** One payment from its opening to its close, as an agent drives it. */
  async play(): Promise<void> {
    const call = newCallId();
    this.#calls.set(call, { id: call, agent: player.agent, answered: true, queue: new SerialQueue() });
    const session = asSessionId((await this.#desk.open(call, player, { details })).id);
    await this.#key(call, session, 'pan', 16);
    await this.#key(call, session, 'cvc', 3);
    const answered = this.#next('payment.succeeded');
    await this.#desk.authorise(session, player);
    await answered;
    await this.#desk.close(session, player);
    this.#desk.callEnded(call, 'caller');
    this.#calls.delete(call);
  }

  close(): void {
    this.#desk.stop();
  }

  async #key(call: CallId, session: SessionId, field: CardField, digits: number): Promise<void> {
    await this.#desk.requestCapture(session, field, player);
    for (let n = 1; n < digits; n += 1)
      this.#desk.fieldNotice({ kind: 'field.progress', call, session, field, digits: n });
    const unlocked = this.#next('capture.unlocked');
    const facts = { brand: null, lastFour: null, card: null, doubled: null, value: null };
    this.#desk.fieldNotice({ kind: 'field.completed', call, session, field, digits, ...facts });
    await unlocked;
  }

  #next(type: SessionEvent['type']): Promise<void> {
    return new Promise((resolve) => void this.#awaited.set(type, resolve));
  }
}

/** Says yes to everything at once. */
function paperRoom(psp: string): CardRoom {
  const interval = { ms: 0, audioSuppressed: 0, eventsSuppressed: 0, silenceSent: 0, leaks: 0 };
  return {
    openField: done,
    stopField: done,
    release: async () => interval,
    wipe: done,
    authorise: async () => ({ outcome: 'approved', reference: null }),
    enquire: async () => ({ answer: 'still-unknown' }),
    voidPayment: async () => false,
    refund: async () => ({ outcome: 'not-sent', code: 'rehearsal' }),
    describePsps: async () => [description(psp)],
  };
}

function description(id: string): PspDescription {
  const label = { en: 'Rehearsal', ja: 'Rehearsal' };
  const can = { enquire: false, void: false, refund: false, partialRefund: false };
  return {
    id,
    label,
    currencies: ['JPY'],
    types: ['charge'],
    fields: [],
    needsCvc: true,
    can,
    idempotency: null,
    timeOut: { seconds: 30, resolvedBy: 'nobody' },
  };
}
