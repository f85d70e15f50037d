import { configSchema } from '../../src/config/config-schema.ts';
import type { Actor } from '../../src/payment/actor.ts';
import type { PayableCall } from '../../src/payment/call-gate.ts';
import type { DeskObserver } from '../../src/payment/desk-observer.ts';
import { type DeskSettings, deskSettings } from '../../src/payment/desk-settings.ts';
import type { NoticeOffice } from '../../src/payment/notice.ts';
import { SessionDesk } from '../../src/payment/session-desk.ts';
import { type SessionEvent, sessionEventSchemas } from '../../src/payment/session-event.ts';
import type { SessionView } from '../../src/payment/session-view.ts';
import { asSessionId, type SessionId } from '../../src/shared/ids.ts';
import { FakeCallGate } from './fake-call-gate.ts';
import { FakeCardRoom } from './fake-card-room.ts';
import { FakeClock, settle } from './fake-clock.ts';
import { FakeTransactionBook } from './fake-transaction-book.ts';
import { OutsideEar } from './outside-ear.ts';

export const agent1001: Actor = {
  agent: '1001',
  permissions: new Set(['calls.read', 'payments.take']),
  origin: '192.0.2.1',
};

export const crm: Actor = {
  agent: 'crm',
  permissions: new Set(['calls.read', 'payments.take', 'crm.control']),
  origin: '192.0.2.9',
};

/** No receiver outside wants to hear of anything. */
export const nobodyOutside: NoticeOffice = { draw: () => undefined, send: () => undefined };

export const fullDetails = { type: 'charge', amount: 5000, cardholder: 'A N OTHER', expiry: '12/30' };

/** A desk with everything around it made of paper, and the steps that most tests take. */
export class DeskBench {
  readonly room = new FakeCardRoom();
  readonly calls = new FakeCallGate();
  readonly book = new FakeTransactionBook();
  readonly clock = new FakeClock();
  readonly outside = new OutsideEar(this.book);
  readonly events: SessionEvent[] = [];
  readonly counted: string[] = [];
  readonly settings: DeskSettings;
  readonly desk: SessionDesk;
  readonly call: PayableCall;

  constructor(changes: Partial<DeskSettings> = {}) {
    this.settings = { ...deskSettings(configSchema.parse({})), ...changes };
    this.call = this.calls.add('1001');
    this.desk = new SessionDesk({
      room: this.room,
      calls: this.calls,
      book: this.book,
      settings: this.settings,
      clock: this.clock,
      observer: this.#observer(),
      emit: (_agent, _call, _session, event, owed = false) => {
        sessionEventSchemas[event.type].parse(event);
        this.outside.hear(event, owed);
        this.events.push(event);
      },
      notices: this.outside,
    });
  }

  /** Types of the events since the last look, without `session.changed`. */
  told(): string[] {
    const types = this.events.splice(0).map((event) => event.type);
    return types.filter((type) => type !== 'session.changed');
  }

  last<T extends SessionEvent['type']>(type: T): Extract<SessionEvent, { type: T }> | undefined {
    return this.events.findLast((event) => event.type === type) as Extract<SessionEvent, { type: T }> | undefined;
  }

  async open(details: Record<string, string | number> = {}): Promise<SessionId> {
    const view = await this.desk.open(this.call.id, agent1001, { details });
    return asSessionId(view.id);
  }

  view(id: SessionId): SessionView {
    const view = this.desk.get(id);
    if (view === undefined) throw new Error('no such session');
    return view;
  }

  /** Takes a field from request to tick. */
  async take(id: SessionId, field: 'pan' | 'cvc', card = 1): Promise<void> {
    await this.desk.requestCapture(id, field, agent1001);
    this.complete(field, card);
    await settle();
  }

  /** What the room says when the customer has keyed the open field. */
  complete(field: 'pan' | 'cvc', ordinal = 1): void {
    const open = this.room.keyed(this.call.id);
    if (open === undefined) throw new Error('no field is open');
    const card =
      field === 'pan' ? ({ digits: 16, brand: 'visa', lastFour: '1111', card: ordinal } as const) : { digits: 3 };
    const notice = {
      brand: null,
      lastFour: null,
      doubled: null,
      card: null,
      ...card,
      value: null,
      call: this.call.id,
      session: open.session,
    };
    this.desk.fieldNotice({ kind: 'field.completed', field, ...notice });
  }

  /** A session in which only `authorise` is left to say. */
  async ready(details: Record<string, string | number> = fullDetails): Promise<SessionId> {
    const id = await this.open(details);
    await this.take(id, 'pan');
    await this.take(id, 'cvc');
    this.events.length = 0;
    return id;
  }

  hangUp(by: 'caller' | 'agent' | 'gateway'): void {
    this.calls.end(this.call.id);
    this.room.endCall(this.call.id);
    this.desk.callEnded(this.call.id, by, 'BYE');
  }

  #observer(): DeskObserver {
    const count =
      (name: string) =>
      (...about: unknown[]): void =>
        void this.counted.push([name, ...about].join(' '));
    return {
      commandRefused: count('commandRefused'),
      meaningless: count('meaningless'),
      callSecured: count('callSecured'),
      paymentAnswered: count('paymentAnswered'),
      roomFailed: count('roomFailed'),
      storageFailed: count('storageFailed'),
      enquiryAnswered: count('enquiryAnswered'),
    };
  }
}
