import { randomUUID } from 'node:crypto';
import type { Client } from 'pg';
import { AssertionFailure } from '../../shared/assert.ts';
import type { Clock } from '../../shared/clock.ts';
import { CodedError } from '../../shared/coded-error.ts';
import { AppendQueue } from '../append-queue.ts';
import type { ArchiveQuery, EntryStore } from '../entry-store.ts';
import { chainStart, type JournalBody, type JournalEntry } from '../journal-entry.ts';
import { sealLines } from '../journal-line.ts';
import { appendRows, type ChainRow, readChain } from './chain-rows.ts';
import { readEntries } from './entry-reader.ts';
import { migrate } from './migrations.ts';
import { databaseFault, PostgresLink } from './postgres-link.ts';
import { searchDatabase } from './postgres-search.ts';

/** Entries of a page: a start reads two pages. */
export const pageEntries = 20_000;

export interface PostgresSettings {
  readonly url: string;
  /** The name of this gateway's chain; each gateway has its own. */
  readonly chain: string;
  readonly clock: Clock;
  readonly pageEntries?: number;
  /** Each entry of this chain that is there already, oldest first. */
  readonly replay: (entry: JournalEntry) => void;
  /** What a new page begins with. */
  readonly carry: () => readonly JournalBody[];
  /** Entries that were reported as refused and turn out to be written; returns what is to be said about them. */
  readonly adopt: (entries: readonly JournalEntry[]) => readonly JournalBody[];
}

interface Doubt {
  readonly row: ChainRow;
  readonly entries: readonly JournalEntry[];
}

/**
 * The journal in PostgreSQL. Each gateway writes a chain of its own, so that none waits for another, and a gateway that
 * hangs holds nobody up. Two things keep a chain to one writer: a lock of the database that lives as long as the
 * connection, and the head row, which moves only for the owner who left it where it stands; whoever takes the chain over
 * changes the owner, and a former one writes nothing more, however late it wakes.
 */
export class PostgresStore implements EntryStore {
  readonly #settings: PostgresSettings;
  readonly #writing: PostgresLink;
  readonly #reading: PostgresLink;
  readonly #queue: AppendQueue;
  #head: ChainRow;
  #inPage = 0;
  /** A write whose answer never came: it stands or it does not, and the next connection will tell. */
  #doubt: Doubt | null = null;
  #lost = false;
  #closed = false;

  private constructor(settings: PostgresSettings, writing: PostgresLink, head: ChainRow) {
    this.#settings = settings;
    this.#writing = writing;
    this.#reading = new PostgresLink(settings.url);
    this.#head = head;
    this.#queue = new AppendQueue((bodies, at) => this.#write(bodies, at), settings.clock);
  }

  /**
   * Makes the schema where it is not there, takes the chain, reads its last pages.
   * @throws {CodedError} `storage-failed` when the database cannot be used, the chain belongs to a living gateway or is
   * damaged; nothing of the address or its password is in the message.
   */
  static async open(settings: PostgresSettings): Promise<PostgresStore> {
    const writing = new PostgresLink(settings.url);
    try {
      const client = await writing.client();
      await migrate(client);
      const head = await takeChain(client, settings.chain);
      const store = new PostgresStore(settings, writing, head);
      store.#inPage = await store.#replay(client);
      await store.append({ kind: 'opened' });
      return store;
    } catch (error) {
      await writing.close();
      throw databaseFault(error);
    }
  }

  get works(): boolean {
    return this.#queue.works;
  }

  append(body: JournalBody): Promise<JournalEntry> {
    return this.#queue.append(body);
  }

  async about(query: ArchiveQuery): Promise<readonly JournalEntry[]> {
    try {
      return await searchDatabase(await this.#reading.client(), query);
    } catch (error) {
      throw databaseFault(error);
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#queue.close();
    await this.#writing.close();
    await this.#reading.close();
  }

  /** @returns how many entries the last page has. */
  async #replay(client: Client): Promise<number> {
    const { chain, replay } = this.#settings;
    const { page, seq, hash } = this.#head;
    let inPage = 0;
    const end = await readEntries(client, chain, { fromPage: Math.max(1, page - 1) }, (entry, ofPage) => {
      replay(entry);
      if (ofPage === page) inPage += 1;
    });
    if (end !== null ? end.seq !== seq || end.hash !== hash : seq !== 0)
      throw new CodedError('storage-failed', `the chain ${chain} does not end where its head says`);
    return inPage;
  }

  async #write(bodies: readonly JournalBody[], at: string): Promise<readonly JournalEntry[]> {
    if (this.#lost) throw new CodedError('storage-failed');
    const client = await this.#writing.client((fresh) => this.#resume(fresh));
    const said = await this.#settle(client);
    const turns = this.#inPage >= (this.#settings.pageEntries ?? pageEntries);
    const before = [...(turns ? this.#settings.carry() : []), ...said];
    const sealed = sealLines(this.#head, at, [...before, ...bodies]);
    const to: ChainRow = { ...this.#head, ...sealed.end, page: this.#head.page + (turns ? 1 : 0) };
    try {
      if (!(await appendRows(client, this.#settings.chain, this.#head, to, sealed.entries, sealed.lines)))
        throw new AssertionFailure();
    } catch (error) {
      // Another has the chain; or nobody knows whether the commit came through.
      if (error instanceof AssertionFailure) this.#lost = true;
      else this.#doubt = { row: to, entries: sealed.entries };
      this.#writing.drop(client);
      throw error;
    }
    this.#head = to;
    this.#inPage = (turns ? 0 : this.#inPage) + sealed.entries.length;
    return sealed.entries.slice(before.length);
  }

  /** A new connection for a chain that is ours: the lock again, unless the old connection still holds it for us. */
  async #resume(client: Client): Promise<void> {
    await tryLock(client, this.#settings.chain);
    const row = await readChain(client, this.#settings.chain);
    if (row?.owner === this.#head.owner) return;
    this.#lost = true;
    throw new AssertionFailure();
  }

  /** Finds out whether the write in doubt stands. @returns what has to be said about it. */
  async #settle(client: Client): Promise<readonly JournalBody[]> {
    const doubt = this.#doubt;
    if (doubt === null) return [];
    const row = await readChain(client, this.#settings.chain);
    this.#doubt = null;
    if (row?.hash !== doubt.row.hash) return [];
    this.#inPage = doubt.row.page === this.#head.page ? this.#inPage + doubt.entries.length : doubt.entries.length;
    this.#head = doubt.row;
    return this.#settings.adopt(doubt.entries);
  }
}

/** The lock is of the database, chains are of a schema: installations side by side must not meet. */
async function tryLock(client: Client, chain: string): Promise<boolean> {
  const { rows } = await client.query<{ locked: boolean }>(
    "SELECT pg_try_advisory_lock(hashtextextended(concat('tonelock ', current_schema(), ' ', $1::text), 0)) AS locked",
    [chain],
  );
  return rows[0]?.locked === true;
}

async function takeChain(client: Client, chain: string): Promise<ChainRow> {
  if (!(await tryLock(client, chain)))
    throw new CodedError(
      'storage-failed',
      `the chain ${chain} is in use: give each gateway a storage.chain of its own`,
    );
  const owner = randomUUID();
  await client.query(
    `INSERT INTO tonelock_chain (chain, owner, seq, hash, page) VALUES ($1, $2, $3, $4, 1)
     ON CONFLICT (chain) DO UPDATE SET owner = excluded.owner`,
    [chain, owner, chainStart.seq, chainStart.hash],
  );
  const row = await readChain(client, chain);
  if (row === undefined) throw new AssertionFailure();
  return row;
}
