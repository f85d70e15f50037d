import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { configSchema } from '../../src/config/config-schema.ts';
import { type JournalBook, openJournalBook } from '../../src/ledger/journal-book.ts';
import type { Actor } from '../../src/payment/actor.ts';
import type { DeskObserver } from '../../src/payment/desk-observer.ts';
import { deskSettings } from '../../src/payment/desk-settings.ts';
import { RefundDesk } from '../../src/payment/refund-desk.ts';
import { type SessionEvent, sessionEventSchemas } from '../../src/payment/session-event.ts';
import type { Intent, RecordedOutcome } from '../../src/payment/transaction-book.ts';
import { intent } from './book-promises.ts';
import { nobodyOutside } from './desk-bench.ts';
import { FakeCallGate } from './fake-call-gate.ts';
import { FakeCardRoom } from './fake-card-room.ts';
import { FakeClock } from './fake-clock.ts';

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
      calls: new FakeCallGate(),
      book: this.book,
      settings,
      clock,
      emit,
      notices: nobodyOutside,
      observer,
    };
    this.desk = new RefundDesk(wiring, this.book);
  }
}
