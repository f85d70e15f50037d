import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { configSchema } from '../../src/config/config-schema.ts';
import { type JournalBook, openJournalBook } from '../../src/ledger/journal-book.ts';
import type { Actor } from '../../src/payment/actor.ts';
import type { DeskObserver } from '../../src/payment/desk-observer.ts';
import { deskSettings } from '../../src/payment/desk-settings.ts';
import { RefundDesk } from '../../src/payment/refund-desk.ts';
import { SessionDesk } from '../../src/payment/session-desk.ts';
import { type SessionEvent, sessionEventSchemas } from '../../src/payment/session-event.ts';
import type { SessionView } from '../../src/payment/session-view.ts';
import type { Intent, RecordedOutcome } from '../../src/payment/transaction-book.ts';
import { type AttemptId, asAttemptId, asCallId, asSessionId, type SessionId } from '../../src/shared/ids.ts';
import { intent } from './book-entries.ts';
import { agent1001, fullDetails, nobodyOutside } from './desk-bench.ts';
import { FakeCallGate } from './fake-call-gate.ts';
import { FakeCardRoom } from './fake-card-room.ts';
import { FakeClock, settle } from './fake-clock.ts';

const facts = { brand: null, lastFour: null, card: null, doubled: null, value: null } as const;
const keyed = {
  pan: { ...facts, digits: 16, brand: 'visa', lastFour: '1111', card: 1 },
  cvc: { ...facts, digits: 3 },
} as const;

export const cashier: Actor = {
  agent: '2001',
  permissions: new Set(['calls.read', 'payments.refund']),
  origin: '192.0.2.2',
};

/** A refund desk on a real journal, with a room of paper. */
export class RefundBench {
  readonly room = new FakeCardRoom();
  readonly clock = new FakeClock();
  readonly told: { agent: string; event: SessionEvent }[] = [];
  readonly folder = mkdtempSync(join(tmpdir(), 'tonelock-refunds-'));
  book!: JournalBook;
  desk!: RefundDesk;
  /** The sessions that the payments were taken in. */
  sessions!: SessionDesk;
  readonly calls = new FakeCallGate();

  static async open(): Promise<RefundBench> {
    const bench = new RefundBench();
    await bench.start();
    return bench;
  }

  /** The process as it comes back: a new desk on the same journal. */
  async restart(): Promise<number> {
    this.desk.stop();
    await this.book.close();
    await this.start();
    return this.desk.recover();
  }

  /** A payment that has an outcome already. */
  async paid(changes: Partial<Intent> = {}, outcome: RecordedOutcome = { outcome: 'succeeded', reference: 'ref-1' }) {
    const one = intent({ amount: 5000, merchantReference: 'INV-7', ...changes });
    await this.book.intend(one);
    await this.book.conclude(one.attempt, outcome);
    return one.attempt;
  }

  /** A session on a call that is running. */
  async session(details: Record<string, string | number> = {}): Promise<SessionId> {
    const call = this.calls.add('1001');
    return asSessionId((await this.sessions.open(call.id, agent1001, { details })).id);
  }

  /** Takes a card in the session and sends it. @returns the payment's id. */
  async pay(id: SessionId, amount: number): Promise<AttemptId> {
    const { type, cardholder, expiry } = fullDetails;
    await this.sessions.changeDetails(id, { type, cardholder, expiry, amount }, agent1001);
    await this.takeCard(id);
    await this.sessions.authorise(id, agent1001);
    await expect.poll(() => this.view(id).state, { interval: 5 }).not.toBe('authorising');
    return asAttemptId(this.view(id).payments[0]?.id ?? '');
  }

  async takeCard(id: SessionId): Promise<void> {
    for (const field of ['pan', 'cvc'] as const) {
      const { callId } = await this.sessions.requestCapture(id, field, agent1001);
      const call = asCallId(callId);
      this.room.keyed(call);
      this.sessions.fieldNotice({ kind: 'field.completed', call, session: id, field, ...keyed[field] });
      await settle();
    }
  }

  view(id: SessionId): SessionView {
    const view = this.sessions.get(id);
    if (view === undefined) throw new Error('no such session');
    return view;
  }

  async close(): Promise<void> {
    this.desk.stop();
    await this.book.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async start(): Promise<void> {
    const { clock, room } = this;
    this.book = await openJournalBook({ path: join(this.folder, 'data'), clock });
    const emit = (agent: string, _call: string, _session: string, event: SessionEvent): void => {
      sessionEventSchemas[event.type].parse(event);
      this.told.push({ agent, event });
    };
    const settings = deskSettings(configSchema.parse({}));
    const observer = new Proxy({}, { get: () => () => undefined }) as DeskObserver;
    const wiring = {
      room,
      calls: this.calls,
      book: this.book,
      settings,
      clock,
      emit,
      notices: nobodyOutside,
      observer,
    };
    this.sessions = new SessionDesk(wiring);
    this.desk = new RefundDesk(wiring, this.book, this.sessions);
  }
}
