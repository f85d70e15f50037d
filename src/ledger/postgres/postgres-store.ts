import type { Client } from 'pg';
import { AssertionFailure } from '../../shared/assert.ts';
import type { Clock } from '../../shared/clock.ts';
import { CodedError } from '../../shared/coded-error.ts';
import { AppendQueue, probeMs, storageFailure } from '../append-queue.ts';
import type { AbandonedChain, ArchiveQuery, EntryStore } from '../entry-store.ts';
import type { JournalBody, JournalEntry } from '../journal-entry.ts';
import { sealLines } from '../journal-line.ts';
import { claimChain, takeChain } from './chain-claim.ts';
import { ChainHold } from './chain-hold.ts';
import { tryLock, unheldChains } from './chain-lock.ts';
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
  /** A gateway that has its chain and says nothing for so long hangs, and loses it to who asks; null: it never does. */
  readonly silentMs?: number | null;
  /** Each entry of this chain that is there already, oldest first; and later those that are taken over. */
  readonly replay: (entry: JournalEntry) => void;
  /** What a new page begins with. */
  readonly carry: () => readonly JournalBody[];
  /** Entries that were reported as refused and turn out to be written; returns what is to be said about them. */
  readonly adopt: (entries: readonly JournalEntry[]) => readonly JournalBody[];
}

interface Doubt {
  readonly row: ChainRow;
  readonly entries: readonly JournalEntry[];
  /** The gateway whose open entries were being taken over. */
  readonly from: string | null;
}

/**
 * The journal in PostgreSQL. Each gateway writes a chain of its own, so that none waits for another, and a gateway that
 * hangs holds nobody up. Two things keep a chain to one writer: a lock of the database that lives as long as the
 * connection, and the head row, which moves only for the owner who left it where it stands; whoever takes the chain over
 * changes the owner, and a former one writes nothing more, however late it wakes.
 */
export class PostgresStore implements EntryStore {
  readonly shared = true;
  readonly #settings: PostgresSettings;
  readonly #writing: PostgresLink;
  readonly #reading: PostgresLink;
  readonly #queue: AppendQueue;
  #head: ChainRow;
  #inPage = 0;
  /** A write whose answer never came: it stands or it does not, and the next connection will tell. */
  #doubt: Doubt | null = null;
  /** What has to be said of a write that was refused and stands. */
  #said: readonly JournalBody[] = [];
  /** Taken over by a write that was in doubt; told to whoever asks for it again. */
  readonly #arrived = new Map<string, readonly JournalEntry[]>();
  /** The end of the last write; the next waits for it. */
  #turn: Promise<unknown> = Promise.resolve();
  readonly #hold: ChainHold;
  #closed = false;

  private constructor(settings: PostgresSettings, writing: PostgresLink, head: ChainRow) {
    this.#settings = settings;
    this.#writing = writing;
    writing.onDrop = () => this.#comeBackLater();
    this.#reading = new PostgresLink(settings.url);
    this.#head = head;
    this.#hold = new ChainHold(settings.clock, settings.silentMs ?? null);
    this.#queue = new AppendQueue((bodies, at) => this.#alone(() => this.#write(bodies, at)), settings.clock);
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
      store.#hold.begin(() => store.prove());
      return store;
    } catch (error) {
      await writing.close();
      throw databaseFault(error);
    }
  }

  get works(): boolean {
    return this.#queue.works && !this.#hold.lost;
  }

  get fresh(): boolean {
    return this.#hold.fresh;
  }

  onLost(lost: () => void): void {
    this.#hold.onLost(lost);
  }

  async prove(): Promise<boolean> {
    if (this.#hold.lost) return false;
    try {
      await this.#alone(() => this.#prove());
    } catch (error) {
      if (!this.#hold.lost) throw databaseFault(error);
    }
    return !this.#hold.lost;
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

  async abandoned(): Promise<readonly AbandonedChain[]> {
    try {
      const { chain, silentMs = null } = this.#settings;
      return await unheldChains(await this.#reading.client(), chain, silentMs);
    } catch (error) {
      throw databaseFault(error);
    }
  }

  async takeOver(gateway: string): Promise<readonly JournalEntry[] | undefined> {
    try {
      return await this.#alone(() => this.#takeOver(gateway));
    } catch (error) {
      throw databaseFault(error);
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#hold.stop();
    await this.#queue.close();
    await this.#turn;
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

  #alone<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => undefined);
    return done;
  }

  async #write(bodies: readonly JournalBody[], at: string): Promise<readonly JournalEntry[]> {
    const client = await this.#ready();
    return this.#append(client, bodies, at, null, async () => {});
  }

  /** The dead gateway's chain and ours move in one transaction. */
  async #takeOver(gateway: string): Promise<readonly JournalEntry[] | undefined> {
    const client = await this.#ready();
    const arrived = this.#arrived.get(gateway);
    if (this.#arrived.delete(gateway)) return arrived;
    const { chain, clock } = this.#settings;
    const at = new Date(clock.now()).toISOString();
    let committing = false;
    await client.query('BEGIN');
    try {
      const claim = await claimChain(client, gateway, chain, at, this.#settings.silentMs ?? null);
      if (claim === undefined || claim.bodies.length === 0) {
        await client.query(claim?.wrested === true ? 'COMMIT' : 'ROLLBACK');
        return claim?.bodies.length === 0 ? [] : undefined;
      }
      const { seq, hash } = claim.end;
      const bodies: JournalBody[] = [{ kind: 'takenOver', from: gateway, seq, hash }, ...claim.bodies];
      const taken = await this.#append(client, bodies, at, gateway, async () => {
        committing = true;
        await client.query('COMMIT');
      });
      for (const entry of taken) this.#settings.replay(entry);
      return taken;
    } catch (error) {
      if (!committing) await client.query('ROLLBACK').catch(() => this.#writing.drop(client));
      throw error;
    }
  }

  /** A connection that holds our chain, with nothing in doubt. */
  async #ready(): Promise<Client> {
    if (this.#hold.lost) throw storageFailure();
    const client = await this.#writing.client((fresh) => this.#resume(fresh));
    await this.#settle(client);
    return client;
  }

  async #append(
    client: Client,
    bodies: readonly JournalBody[],
    at: string,
    from: string | null,
    commit: () => Promise<void>,
  ): Promise<readonly JournalEntry[]> {
    const turns = this.#inPage >= (this.#settings.pageEntries ?? pageEntries);
    const before = [...(turns ? this.#settings.carry() : []), ...this.#said];
    const sealed = sealLines(this.#head, at, [...before, ...bodies]);
    const to: ChainRow = { ...this.#head, ...sealed.end, page: this.#head.page + (turns ? 1 : 0) };
    const saidMs = this.#settings.clock.monotonic();
    try {
      if (!(await appendRows(client, this.#settings.chain, this.#head, to, sealed.entries, sealed.lines)))
        throw new AssertionFailure();
      await commit();
    } catch (error) {
      // Another has the chain; or nobody knows whether the commit came through.
      if (error instanceof AssertionFailure) this.#hold.lose();
      else this.#doubt = { row: to, entries: sealed.entries, from };
      this.#writing.drop(client);
      throw error;
    }
    this.#hold.shown(saidMs);
    this.#said = [];
    this.#head = to;
    this.#inPage = (turns ? 0 : this.#inPage) + sealed.entries.length;
    return sealed.entries.slice(before.length);
  }

  /** A chain is known to be somebody's by the lock of its connection: an idle gateway must not look dead. */
  #comeBackLater(): void {
    if (this.#closed || this.#hold.lost) return;
    this.#settings.clock.after(probeMs, () => {
      if (!this.#closed) this.#alone(() => this.#ready()).catch(() => this.#comeBackLater());
    });
  }

  /** A new connection for a chain that is ours: the lock again, unless the old connection still holds it for us. */
  async #resume(client: Client): Promise<void> {
    await tryLock(client, this.#settings.chain);
    const row = await readChain(client, this.#settings.chain);
    if (row?.owner === this.#head.owner) return;
    this.#hold.lose();
    throw new AssertionFailure();
  }

  async #prove(): Promise<void> {
    const saidMs = this.#settings.clock.monotonic();
    const client = await this.#ready();
    if ((await readChain(client, this.#settings.chain))?.owner !== this.#head.owner) return this.#hold.lose();
    this.#hold.shown(saidMs);
  }

  /** Finds out whether the write in doubt stands. */
  async #settle(client: Client): Promise<void> {
    const doubt = this.#doubt;
    if (doubt === null) return;
    const row = await readChain(client, this.#settings.chain);
    this.#doubt = null;
    if (row?.hash !== doubt.row.hash) return;
    this.#inPage = doubt.row.page === this.#head.page ? this.#inPage + doubt.entries.length : doubt.entries.length;
    this.#head = doubt.row;
    this.#said = this.#settings.adopt(doubt.entries);
    if (doubt.from !== null) this.#arrived.set(doubt.from, doubt.entries);
  }
}
