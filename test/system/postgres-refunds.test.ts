import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { configSchema } from '../../src/config/config-schema.ts';
import { type JournalBook, openPostgresBook } from '../../src/ledger/journal-book.ts';
import type { DeskObserver } from '../../src/payment/desk-observer.ts';
import { deskSettings } from '../../src/payment/desk-settings.ts';
import { RefundDesk } from '../../src/payment/refund-desk.ts';
import { SessionDesk } from '../../src/payment/session-desk.ts';
import { systemClock } from '../../src/shared/clock.ts';
import { intent } from '../support/book-entries.ts';
import { nobodyOutside } from '../support/desk-bench.ts';
import { FakeCallGate } from '../support/fake-call-gate.ts';
import { FakeCardRoom } from '../support/fake-card-room.ts';
import { hasPostgres, PostgresServer } from '../support/postgres-server.ts';
import { cashier } from '../support/refund-bench.ts';

describe.skipIf(!hasPostgres())('refunds on several gateways', () => {
  let server: PostgresServer;
  const books: JournalBook[] = [];
  const desks: RefundDesk[] = [];
  const rooms: FakeCardRoom[] = [];

  beforeAll(async () => {
    server = await PostgresServer.start();
    for (const chain of ['a', 'b', 'c']) {
      const book = await openPostgresBook({ url: server.url(), chain, clock: systemClock });
      const room = new FakeCardRoom();
      const settings = deskSettings(configSchema.parse({}));
      const observer = new Proxy({}, { get: () => () => undefined }) as DeskObserver;
      const wiring = {
        room,
        calls: new FakeCallGate(),
        book,
        settings,
        clock: systemClock,
        emit: () => {},
        notices: nobodyOutside,
        observer,
      };
      desks.push(new RefundDesk(wiring, book, new SessionDesk(wiring)));
      books.push(book);
      rooms.push(room);
    }
  });
  afterAll(async () => {
    for (const desk of desks) desk.stop();
    for (const book of books) await book.close();
    await server?.remove();
  });

  test('are in the history of the gateway that took the payment, once the call has ended, whoever gave it back', async () => {
    const one = intent({ amount: 5000 });
    await books[0]?.intend(one);
    await books[0]?.conclude(one.attempt, { outcome: 'succeeded', reference: 'ref' });
    await desks[2]?.refund(one.attempt, 700, cashier);
    expect(await books[0]?.history(one.call, false)).toMatchObject([{ id: one.attempt, refunds: [{ amount: 700 }] }]);
  });

  test('of one payment at the same moment never give back more than was paid, however often they try', async () => {
    for (let round = 0; round < 20; round += 1) {
      const one = intent({ amount: 5000 });
      await books[0]?.intend(one);
      await books[0]?.conclude(one.attempt, { outcome: 'succeeded', reference: 'ref' });
      const sentBefore = rooms.flatMap(({ refunds }) => refunds).length;
      const asked = await Promise.allSettled(desks.map((desk) => desk.refund(one.attempt, 3000, cashier)));
      const sent = rooms.flatMap(({ refunds }) => refunds).length - sentBefore;
      expect(sent).toBeLessThanOrEqual(1);
      for (const answer of asked)
        if (answer.status === 'rejected')
          expect(['refund-running', 'refund-exceeds-payment']).toContain(answer.reason.code);
      // Whoever was refused may try again, and what is left is given back once.
      await desks[round % 3]?.refund(one.attempt, null, cashier);
      const { transaction } = (await books[1]?.payment(one.attempt)) ?? {};
      const given = transaction?.refunds?.filter(({ outcome }) => outcome === 'refunded') ?? [];
      expect(given.reduce((sum, { amount }) => sum + amount, 0)).toBe(5000);
    }
  });

  test('on another gateway than the one that took the payment find it and what was given back of it', async () => {
    const one = intent({ amount: 5000, merchantReference: 'FAR-AWAY' });
    await books[0]?.intend(one);
    await books[0]?.conclude(one.attempt, { outcome: 'succeeded', reference: 'ref' });
    await desks[1]?.refund(one.attempt, 100, cashier);
    expect(await desks[2]?.search({ by: 'reference', part: 'FAR-A' }, cashier)).toMatchObject([
      { id: one.attempt, refunds: [{ amount: 100 }] },
    ]);
  });
});
