import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type JournalBook, openPostgresBook } from '../../src/ledger/journal-book.ts';
import { verifyDatabase } from '../../src/ledger/postgres/postgres-verifier.ts';
import { newCallId } from '../../src/shared/ids.ts';
import { evidence, intent } from '../support/book-entries.ts';
import { bookPromises } from '../support/book-promises.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { MuteProxy } from '../support/mute-proxy.ts';
import { hasPostgres, PostgresServer } from '../support/postgres-server.ts';

let server: PostgresServer;

beforeAll(async () => {
  if (hasPostgres()) server = await PostgresServer.start();
});
afterAll(async () => server?.remove());

const open = (database: string, chain = 'gateway-1', clock = new FakeClock()): Promise<JournalBook> =>
  openPostgresBook({ url: server.url(database), chain, clock, pageEntries: 12 });

describe.skipIf(!hasPostgres())('the book in PostgreSQL', () => {
  bookPromises(async () => {
    const database = server.newSchema();
    return { open: () => open(database), remove: async () => {} };
  });

  test('unresolved attempts are found after any number of pages, by reading two of them', async () => {
    const database = server.newSchema();
    const lost = intent();
    const book = await open(database);
    await book.intend(lost);
    for (let n = 0; n < 60; n += 1) await book.evidence(evidence(`command.${n}`));
    await book.close();
    expect(Number(server.psql('SELECT max(page) FROM tonelock_entry', database))).toBeGreaterThan(4);
    const again = await open(database);
    expect(await again.unresolved()).toEqual([lost]);
    await again.close();
    expect(await verifyDatabase(server.url(database))).toMatchObject([{ ok: true, chain: 'gateway-1' }]);
  });

  test('a start makes the schema once, also when several gateways start at the same moment', async () => {
    const database = server.newSchema();
    const books = await Promise.all(['a', 'b', 'c', 'd'].map((chain) => open(database, chain)));
    for (const book of books) await book.close();
    expect(server.psql('SELECT step FROM tonelock_migration ORDER BY step', database)).toBe('1\n2');
    expect(await verifyDatabase(server.url(database))).toMatchObject(Array(4).fill({ ok: true, entries: 1 }));
  });
});

describe.skipIf(!hasPostgres())('several gateways', () => {
  test('write at the same time, each a chain of its own, and see each other’s calls once they ask for them', async () => {
    const database = server.newSchema();
    const books = await Promise.all(['a', 'b', 'c'].map((chain) => open(database, chain)));
    const call = newCallId();
    await Promise.all(
      books.map(async (book) => {
        for (let n = 0; n < 40; n += 1) {
          const attempt = intent({ call });
          await book.intend(attempt);
          await book.conclude(attempt.attempt, { outcome: 'succeeded', reference: `ref-${n}` });
        }
      }),
    );
    expect(await books[0]?.history(call, true)).toHaveLength(40);
    const other = await open(database, 'd');
    // One question finds a hundred attempts and no more.
    expect(await other.history(call, false)).toHaveLength(100);
    for (const book of [...books, other]) await book.close();
    expect((await verifyDatabase(server.url(database))).map(({ ok }) => ok)).toEqual([true, true, true, true]);
  });

  test('never share a chain: a second one is refused while the first lives, in words that say what to do', async () => {
    const database = server.newSchema();
    const book = await open(database);
    await expect(open(database)).rejects.toThrow('give each gateway a storage.chain of its own');
    await book.close();
    await (await open(database)).close();
  });

  test('a gateway whose chain was taken over meanwhile writes nothing more, and says that its storage has failed', async () => {
    const database = server.newSchema();
    const former = await open(database);
    await former.evidence(evidence('before'));
    server.psql(`UPDATE tonelock_chain SET owner = gen_random_uuid() WHERE chain = 'gateway-1'`, database);
    await expect(former.evidence(evidence('late'))).rejects.toMatchObject({ code: 'storage-failed' });
    expect(former.works).toBe(false);
    await expect(former.intend(intent())).rejects.toMatchObject({ code: 'storage-failed' });
    await former.close();
    const next = await open(database);
    await next.close();
    expect(server.psql(`SELECT count(*) FROM tonelock_entry WHERE line LIKE '%late%'`, database)).toBe('0');
    expect(await verifyDatabase(server.url(database))).toMatchObject([{ ok: true, entries: 3 }]);
  });
});

describe.skipIf(!hasPostgres())('a database that fails', () => {
  test('is storage-failed while it is away, and the same book goes on when it is back', async () => {
    const database = server.newSchema();
    const clock = new FakeClock();
    const book = await open(database, 'gateway-1', clock);
    await book.evidence(evidence('before'));
    await server.halt('SIGQUIT');
    await expect(book.intend(intent())).rejects.toMatchObject({ code: 'storage-failed' });
    expect(book.works).toBe(false);
    await server.run();
    clock.advance(5_000);
    await expect.poll(() => book.works, { timeout: 10_000 }).toBe(true);
    await book.evidence(evidence('after'));
    await book.close();
    expect(await verifyDatabase(server.url(database))).toMatchObject([{ ok: true }]);
  });

  test('cut off in the middle of many writes, promises nothing that is lost and keeps nothing that was refused as a payment', async () => {
    const database = server.newSchema();
    const clock = new FakeClock();
    const book = await open(database, 'gateway-1', clock);
    const safe: string[] = [];
    const refused: string[] = [];
    for (let round = 0; round < 12; round += 1) {
      const attempts = Array.from({ length: 20 }, () => intent());
      const writes = attempts.map(async (attempt, n) => {
        await new Promise((resolve) => setTimeout(resolve, n));
        await book.intend(attempt).then(
          () => safe.push(attempt.attempt),
          () => refused.push(attempt.attempt),
        );
      });
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 20));
      server.psql(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'tonelock'`);
      await Promise.all(writes);
      await book.evidence(evidence('between')).catch(() => undefined);
    }
    await book.evidence(evidence('last')).catch(() => book.evidence(evidence('last')));
    await book.close();
    expect(safe.length).toBeGreaterThan(20);
    expect(await verifyDatabase(server.url(database))).toMatchObject([{ ok: true }]);
    const again = await open(database);
    const unresolved = (await again.unresolved()).map(({ attempt }) => String(attempt));
    await again.close();
    expect(unresolved.toSorted()).toEqual(safe.toSorted());
  });

  test('whose answer to a commit is lost: what was refused and stands all the same is no payment, and nothing is written twice', async () => {
    const database = server.newSchema();
    const proxy = await MuteProxy.before(server.port);
    const url = server.url(database, proxy.port);
    const book = await openPostgresBook({ url, chain: 'gateway-1', clock: new FakeClock() });
    const [lost, paid] = [intent(), intent()];
    await book.intend(paid);
    proxy.mute();
    await expect(book.intend(lost)).rejects.toMatchObject({ code: 'storage-failed' });
    proxy.unmute();
    expect(server.psql(`SELECT count(*) FROM tonelock_entry WHERE kind = 'intent'`, database)).toBe('2');
    // An agent who tries again with the same attempt.
    await book.intend(lost);
    proxy.mute();
    const succeeded = { outcome: 'succeeded', reference: 'ref' } as const;
    await expect(book.conclude(paid.attempt, succeeded)).rejects.toMatchObject({ code: 'storage-failed' });
    proxy.unmute();
    await book.evidence(evidence('goes on'));
    await book.conclude(paid.attempt, succeeded);
    expect(await book.history(paid.call, true)).toMatchObject([{ outcome: 'succeeded' }]);
    await book.close();
    await proxy.close();
    const kinds = server.psql('SELECT string_agg(kind, chr(32) ORDER BY seq) FROM tonelock_entry', database);
    expect(kinds).toBe('opened intent intent outcome intent outcome evidence');
    expect(await verifyDatabase(server.url(database))).toMatchObject([{ ok: true, entries: 7 }]);
    const again = await open(database);
    expect((await again.unresolved()).map(({ attempt }) => attempt)).toEqual([lost.attempt]);
    await again.close();
  });

  test('names neither address nor password in what it says', async () => {
    const url = `postgres://somebody:hunter2@127.0.0.1:${server.port}/nowhere`;
    const failure: unknown = await openPostgresBook({ url, chain: 'x', clock: new FakeClock() }).catch(
      (error) => error,
    );
    expect(failure).toMatchObject({ code: 'storage-failed' });
    expect(String(failure)).not.toMatch(/hunter2|somebody|127\.0\.0\.1/);
  });
});

describe.skipIf(!hasPostgres())('verify-evidence of a database', () => {
  async function written(): Promise<string> {
    const database = server.newSchema();
    const book = await open(database);
    for (let n = 0; n < 20; n += 1) await book.evidence(evidence(`command.${n}`, '決済 "quoted" \\ back'));
    await book.close();
    return database;
  }
  const tampered = (database: string, sql: string): string =>
    server.psql(`ALTER TABLE tonelock_entry DISABLE TRIGGER ALL; ${sql}`, database);

  test('entries are append-only for everybody who does not undo that first', async () => {
    const database = await written();
    for (const sql of ['DELETE FROM tonelock_entry', `UPDATE tonelock_entry SET line = ''`, 'TRUNCATE tonelock_entry'])
      expect(() => server.psql(sql, database)).toThrow('append-only');
  });

  test.each([
    ['a changed entry', `UPDATE tonelock_entry SET line = replace(line, 'command.7', 'command.8') WHERE seq = 9`, 9],
    ['a dropped entry', 'DELETE FROM tonelock_entry WHERE seq = 9', 10],
    ['entries cut off the end', 'DELETE FROM tonelock_entry WHERE seq > 15', 16],
    ['a head that is another’s', `UPDATE tonelock_chain SET hash = repeat('f', 64)`, 21],
  ])('names the first bad entry: %s', async (_, sql, entry) => {
    const database = await written();
    tampered(database, sql);
    expect(await verifyDatabase(server.url(database))).toMatchObject([{ ok: false, chain: 'gateway-1', entry }]);
    // A start does not go on behind damage that it can see.
    if (entry > 12) await expect(open(database)).rejects.toMatchObject({ code: 'storage-failed' });
  });
});
