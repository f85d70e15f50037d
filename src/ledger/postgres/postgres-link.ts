import type { Client } from 'pg';
import { CodedError } from '../../shared/coded-error.ts';

/** A database that has not answered for so long is down; nobody waits for it longer. */
const connectLimitMs = 5_000;
const queryLimitMs = 10_000;

/**
 * What each connection sets for itself: a commit is on the disk of the server before it is answered, whatever the server's
 * default, and a connection whose other end is gone is noticed by the server within half a minute, not in hours.
 */
const habits = `SET synchronous_commit = on; SET statement_timeout = ${queryLimitMs}; SET tcp_keepalives_idle = 10;
  SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3`;

/** One connection, made when it is needed and again after it broke. */
export class PostgresLink {
  readonly #url: string;
  /** Called when a connection that worked is gone. */
  onDrop: () => void = () => undefined;
  #client: Client | null = null;

  constructor(url: string) {
    this.#url = url;
  }

  /**
   * A connection that works as far as anybody knows.
   * @param prepare runs on each new connection before anybody else has it.
   * @throws the database's error.
   */
  async client(prepare: (client: Client) => Promise<void> = async () => {}): Promise<Client> {
    if (this.#client !== null) return this.#client;
    // Loaded where a database is used at all: a gateway with a journal starts without it.
    const { default: pg } = await import('pg');
    const client = new pg.Client({
      connectionString: this.#url,
      connectionTimeoutMillis: connectLimitMs,
      query_timeout: queryLimitMs + 1_000,
      keepAlive: true,
      application_name: 'tonelock',
    });
    client.on('error', () => this.drop(client));
    client.on('end', () => this.drop(client));
    try {
      await client.connect();
      await client.query(habits);
      await prepare(client);
    } catch (error) {
      this.drop(client);
      throw error;
    }
    this.#client = client;
    return client;
  }

  /** The connection is not used again: nobody knows what it is in the middle of. */
  drop(client: Client): void {
    const worked = this.#client === client;
    if (worked) this.#client = null;
    client.end().catch(() => undefined);
    if (worked) this.onDrop();
  }

  async close(): Promise<void> {
    const client = this.#client;
    this.#client = null;
    await client?.end().catch(() => undefined);
  }
}

/** The database's own words name hosts, users and values: of them only the SQLSTATE or the system's code goes on. */
export const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'no answer';

export function databaseFault(error: unknown): CodedError {
  if (error instanceof CodedError) return error;
  return new CodedError('storage-failed', `the database refused or cannot be reached: ${codeOf(error)}`);
}
