import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endChild, endWithTests } from './child-processes.ts';
import { freeTcpPort } from './free-ports.ts';

/** Debian 12's server, which `test/install-tools.mjs` installs where it may. */
const folderOfPrograms = '/usr/lib/postgresql/15/bin';
const startLimitMs = 60_000;

export const hasPostgres = (): boolean => existsSync(join(folderOfPrograms, 'postgres'));

/** The server refuses to run as root; its package makes a user for it. */
function owner(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const id = (flag: string): number => Number(spawnSync('id', [flag, 'postgres'], { encoding: 'utf8' }).stdout);
  return { uid: id('-u'), gid: id('-g') };
}

/** A PostgreSQL server of its own, in a folder of its own, on loopback, which goes with the tests. */
export class PostgresServer {
  readonly #folder: string;
  readonly port: number;
  #process: ChildProcess | undefined;
  #schemas = 0;

  private constructor(folder: string, port: number) {
    this.#folder = folder;
    this.port = port;
  }

  static async start(): Promise<PostgresServer> {
    const folder = mkdtempSync(join(tmpdir(), 'tonelock-postgres-'));
    const user = owner();
    if (user !== undefined) chownSync(folder, user.uid, user.gid);
    const made = spawnSync(
      join(folderOfPrograms, 'initdb'),
      ['-D', join(folder, 'data'), '-U', 'tonelock', '-A', 'trust', '-E', 'UTF8', '--no-locale', '--no-sync'],
      { ...user, cwd: folder, encoding: 'utf8' },
    );
    if (made.status !== 0) throw new Error(`initdb: ${made.stderr}`);
    const server = new PostgresServer(folder, await freeTcpPort());
    const lines = [
      `port = ${server.port}`,
      "listen_addresses = '127.0.0.1'",
      `unix_socket_directories = '${folder}'`,
      // A start after a crash makes sure of every file of every database one by one unless it is told otherwise.
      'recovery_init_sync_method = syncfs',
    ];
    writeFileSync(join(folder, 'data', 'postgresql.auto.conf'), `${lines.join('\n')}\n`);
    await server.run();
    return server;
  }

  /** A schema with nothing in it: to a gateway it is a database. @returns its name, for {@link url}. */
  newSchema(): string {
    this.#schemas += 1;
    this.psql(`CREATE SCHEMA tonelock_${this.#schemas}`);
    return `tonelock_${this.#schemas}`;
  }

  /** Of the database that every server has, or of a schema in it: one is made faster than a database of its own. */
  url(schema?: string, port = this.port): string {
    const path = schema === undefined ? '' : `?options=-c%20search_path%3D${schema}`;
    return `postgres://tonelock@127.0.0.1:${port}/postgres${path}`;
  }

  /** Starts the server, also again after it was stopped or killed, and waits until it takes connections. */
  async run(): Promise<void> {
    const child = spawn(join(folderOfPrograms, 'postgres'), ['-D', join(this.#folder, 'data')], {
      ...owner(),
      cwd: this.#folder,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    endWithTests(child);
    this.#process = child;
    let said = '';
    await new Promise<void>((ready, failed) => {
      const limit = setTimeout(() => failed(new Error(`postgres did not start: ${said}`)), startLimitMs);
      child.stderr?.on('data', (bytes) => {
        said += String(bytes);
        if (!said.includes('ready to accept connections')) return;
        clearTimeout(limit);
        ready();
      });
      child.once('close', () => failed(new Error(`postgres ended: ${said}`)));
    });
  }

  /** `SIGINT` cuts all connections and stops cleanly, `SIGQUIT` stops as a crash does. */
  async halt(signal: 'SIGINT' | 'SIGQUIT' = 'SIGINT'): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    await endChild(child, signal);
  }

  /** One statement, by the command line's client, as an administrator would. @returns what it prints. */
  psql(sql: string, schema?: string): string {
    const flags = ['-X', '-A', '-t', '-v', 'ON_ERROR_STOP=1', '-c', sql, this.url(schema)];
    const run = spawnSync(join(folderOfPrograms, 'psql'), flags, { encoding: 'utf8' });
    if (run.status !== 0) throw new Error(run.stderr);
    return run.stdout.trim();
  }

  async remove(): Promise<void> {
    await this.halt();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
