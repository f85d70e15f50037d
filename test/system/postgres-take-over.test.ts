import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type JournalBook, openPostgresBook } from '../../src/ledger/journal-book.ts';
import type { LeftOpen } from '../../src/ledger/left-open.ts';
import { verifyDatabase } from '../../src/ledger/postgres/postgres-verifier.ts';
import { systemClock } from '../../src/shared/clock.ts';
import { newAttemptId } from '../../src/shared/ids.ts';
import { evidence, intent } from '../support/book-entries.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { hasPostgres, PostgresServer } from '../support/postgres-server.ts';

let server: PostgresServer;

beforeAll(async () => {
  if (hasPostgres()) server = await PostgresServer.start();
});
afterAll(async () => server?.remove());

const open = (database: string, chain: string): Promise<JournalBook> =>
  openPostgresBook({ url: server.url(database), chain, clock: new FakeClock(), pageEntries: 12 });

/** A gateway that dies with a payment without an outcome, an unknown one, a quoted one, a refund under way, and a webhook owed. */
async function leave(book: JournalBook) {
  const [lost, unknown, quote, paid] = [intent(), intent(), intent(), intent()];
  await book.intend(lost);
  await book.intend(unknown);
  await book.conclude(unknown.attempt, { outcome: 'unknown', code: 'timed-out' });
  await book.intend(quote);
  await book.conclude(quote.attempt, { outcome: 'quoted' });
  await book.intend(paid);
  await book.conclude(paid.attempt, { outcome: 'succeeded', reference: 'ref-1' });
  const { attempt, psp, call, session, currency } = paid;
  const refund = { refund: newAttemptId(), attempt, kind: 'refund', psp, call, session, currency } as const;
  await book.intendRefund({ ...refund, agent: '2001', amount: 700 });
  const notice = { id: 'notice-1', hooks: ['crm'], at: new Date(0).toISOString(), event: { type: 'payment.unknown' } };
  await book.put(notice);
  return { lost, unknown, quote, paid, refund: refund.refund, notice };
}

/** Cuts a gateway off as its host's death does; its book object lives on as one that wakes late. */
const cutOff = (): string =>
  server.psql(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'tonelock'`);

const size = (left: LeftOpen | undefined): number => left?.payments.length ?? 0;

describe.skipIf(!hasPostgres())('what a gateway that never comes back has left open', () => {
  test('is taken over by exactly one of many who ask at the same moment, while a living one’s is nobody else’s', async () => {
    const database = server.newSchema();
    const dead = await open(database, 'dead');
    const left = await leave(dead);
    const [b, c, d] = [await open(database, 'b'), await open(database, 'c'), await open(database, 'd')];
    expect(await b.takeOver('dead')).toBeUndefined();
    await dead.close();
    const answers = await Promise.all([b, c, d].map((book) => book.takeOver('dead')));
    expect(answers.map(size).toSorted()).toEqual([0, 0, 2]);
    const taken = answers.find((answer) => size(answer) > 0);
    expect(taken?.payments).toEqual([left.lost, left.unknown]);
    expect(taken?.quotes).toEqual([left.quote]);
    expect(taken?.refunds).toMatchObject([{ refund: left.refund, amount: 700 }]);
    expect(taken?.notices).toEqual([left.notice]);
    for (const book of [b, c, d]) expect(size(await book.takeOver('dead'))).toBe(0);

    const owner = [b, c, d][answers.findIndex((answer) => size(answer) > 0)];
    await owner?.conclude(left.lost.attempt, { outcome: 'succeeded', reference: 'found out' });
    expect(await c.history(left.lost.call, false)).toMatchObject([{ outcome: 'succeeded', reference: 'found out' }]);
    const back = await open(database, 'dead');
    expect(await back.unresolved()).toEqual([]);
    expect(await back.quoted()).toEqual([]);
    expect(await back.unresolvedRefunds()).toEqual([]);
    expect(back.owed()).toEqual([]);
    for (const book of [b, c, d, back]) await book.close();
    expect((await verifyDatabase(server.url(database))).map(({ ok }) => ok)).toEqual([true, true, true, true]);
  });

  test('is still open for its new owner after that one’s restart, over any number of pages', async () => {
    const database = server.newSchema();
    const dead = await open(database, 'dead');
    const { lost, unknown, quote } = await leave(dead);
    await dead.close();
    let heir = await open(database, 'heir');
    await heir.takeOver('dead');
    for (let n = 0; n < 40; n += 1) await heir.evidence(evidence(`command.${n}`));
    await heir.close();
    heir = await open(database, 'heir');
    expect(await heir.unresolved()).toEqual([lost, unknown]);
    expect(await heir.quoted()).toEqual([quote]);
    await heir.close();
  });

  test('a gateway that was only cut off and wakes late writes nothing more', async () => {
    const database = server.newSchema();
    const late = await open(database, 'late');
    const { lost } = await leave(late);
    cutOff();
    const heir = await open(database, 'heir');
    await expect.poll(() => heir.takeOver('late').then(size), { timeout: 10_000 }).toBe(2);
    await expect(late.conclude(lost.attempt, { outcome: 'succeeded', reference: 'late' })).rejects.toMatchObject({
      code: 'storage-failed',
    });
    expect(late.works).toBe(false);
    await late.close();
    await heir.close();
    expect(server.psql(`SELECT count(*) FROM tonelock_entry WHERE line LIKE '%"late"%outcome%'`, database)).toBe('0');
    expect((await verifyDatabase(server.url(database))).map(({ ok }) => ok)).toEqual([true, true]);
  });

  test('is taken from one that hangs too: it has its connection and says nothing; whatever it does when it wakes is refused', async () => {
    const database = server.newSchema();
    const [silentMs, url] = [1_000, server.url(database)];
    // Its clock stands still, so it has no word for the database.
    const hung = await openPostgresBook({ url, chain: 'hung', clock: new FakeClock(), silentMs });
    let lost = 0;
    hung.onLost(() => {
      lost += 1;
    });
    const left = await leave(hung);
    const patient = await openPostgresBook({ url, chain: 'patient', clock: systemClock, silentMs: 600_000 });
    expect(await patient.takeOver('hung')).toBeUndefined();
    await patient.close();
    const heir = await openPostgresBook({ url, chain: 'heir', clock: systemClock, silentMs });
    await expect.poll(() => heir.takeOver('hung').then(size), { timeout: 10_000 }).toBe(2);
    await expect(hung.conclude(left.lost.attempt, { outcome: 'succeeded', reference: 'late' })).rejects.toMatchObject({
      code: 'storage-failed',
    });
    await expect(hung.intend(intent())).rejects.toMatchObject({ code: 'storage-failed' });
    expect([await hung.prove(), hung.works, lost]).toEqual([false, false, 1]);
    expect(
      server.psql(`SELECT kind FROM tonelock_entry WHERE chain = 'hung' ORDER BY seq DESC LIMIT 1`, database),
    ).toBe('handedOver');
    expect((await verifyDatabase(url)).every(({ ok }) => ok)).toBe(true);
    await Promise.all([hung.close(), heir.close()]);
  });

  test('one that hangs loses its chain also when it has left nothing open, and one that lives keeps it, however idle', async () => {
    const database = server.newSchema();
    const [silentMs, url] = [4_000, server.url(database)];
    const idle = await openPostgresBook({ url, chain: 'idle', clock: systemClock, silentMs });
    const hung = await openPostgresBook({ url, chain: 'hung', clock: new FakeClock(), silentMs });
    const heir = await openPostgresBook({ url, chain: 'heir', clock: systemClock, silentMs });
    const gone = async (): Promise<string[]> => (await heir.abandoned()).map(({ gateway }) => gateway);
    expect(await gone()).toEqual([]);
    await expect.poll(gone, { timeout: 20_000 }).toEqual(['hung']);
    await expect.poll(() => heir.takeOver('hung'), { timeout: 10_000 }).toMatchObject({ payments: [] });
    expect(await heir.takeOver('idle')).toBeUndefined();
    expect([await hung.prove(), await idle.prove()]).toEqual([false, true]);
    await idle.intend(intent());
    await Promise.all([idle.close(), hung.close(), heir.close()]);
  });

  test('is seen as abandoned while nobody holds its chain, and not while somebody does', async () => {
    const database = server.newSchema();
    const one = await open(database, 'one');
    const two = await open(database, 'two');
    expect(await two.abandoned()).toEqual([]);
    await one.evidence(evidence('something'));
    await one.close();
    expect(await two.abandoned()).toEqual([{ gateway: 'one', seq: 2 }]);
    await two.close();
  });
});

describe.skipIf(!hasPostgres())('a take-over that is cut off', () => {
  test('at any moment, leaves everything with one side or the other, never with both or neither', async () => {
    const database = server.newSchema();
    for (let round = 0; round < 15; round += 1) {
      const name = `dead-${round}`;
      const dead = await open(database, name);
      await leave(dead);
      await dead.close();
      const heir = await open(database, `heir-${round}`);
      const first = heir.takeOver(name).catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, round));
      cutOff();
      // Whatever the first try came to, asking again tells of it once.
      const again = async (): Promise<number> => size(await heir.takeOver(name).catch(() => undefined));
      if (size(await first) === 0) await expect.poll(again, { timeout: 10_000 }).toBe(2);
      expect(await heir.unresolved()).toHaveLength(2);
      await heir.close();
    }
    const count = (kind: string): string =>
      server.psql(`SELECT count(*) FROM tonelock_entry WHERE kind = '${kind}'`, database);
    expect([count('takenOver'), count('handedOver')]).toEqual(['15', '15']);
    expect((await verifyDatabase(server.url(database))).every(({ ok }) => ok)).toBe(true);
  });
});
