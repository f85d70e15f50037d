import { randomUUID } from 'node:crypto';
import type { ClientBase } from 'pg';
import { AssertionFailure, assert } from '../../shared/assert.ts';
import { CodedError } from '../../shared/coded-error.ts';
import { BookMemory } from '../book-memory.ts';
import { type ChainEnd, chainStart, type JournalBody } from '../journal-entry.ts';
import { sealLines } from '../journal-line.ts';
import { tryLockForNow, waitForLock, wrestLockForNow } from './chain-lock.ts';
import { appendRows, type ChainRow, readChain } from './chain-rows.ts';
import { readEntries } from './entry-reader.ts';

/** What a dead gateway's chain has left open, and where it ended. */
export interface Claim {
  readonly end: ChainEnd;
  /** Its gateway hung: it has lost the chain whether it had left anything open or not. */
  readonly wrested: boolean;
  readonly bodies: readonly JournalBody[];
}

/**
 * Ends a dead gateway's chain for the time being: another owner, so that its former one writes nothing more, and an entry
 * that says who has what it left. Within a transaction of the caller's, who writes it down on the other side.
 * @param silentMs after so long without a word a gateway that holds its chain hangs; null: none that holds it does.
 * @returns undefined when a living gateway holds the chain.
 * @throws {CodedError} `storage-failed` when the chain is damaged: what it has left cannot be told from what was changed.
 */
export async function claimChain(
  client: ClientBase,
  chain: string,
  by: string,
  at: string,
  silentMs: number | null,
): Promise<Claim | undefined> {
  assert(chain !== by);
  const free = await tryLockForNow(client, chain);
  const wrested = !free && silentMs !== null && (await wrestLockForNow(client, chain, silentMs));
  if (!free && !wrested) return undefined;
  const row = await readChain(client, chain);
  if (row === undefined) return { end: { seq: 0, hash: '' }, wrested, bodies: [] };
  const bodies = await leftOpen(client, chain, row);
  if (bodies.length === 0 && !wrested) return { end: row, wrested, bodies };
  const owner = randomUUID();
  await client.query('UPDATE tonelock_chain SET owner = $2 WHERE chain = $1', [chain, owner]);
  if (bodies.length === 0) return { end: row, wrested, bodies };
  const sealed = sealLines(row, at, [{ kind: 'handedOver', to: by }]);
  const from: ChainRow = { ...row, owner };
  const written = await appendRows(client, chain, from, { ...from, ...sealed.end }, sealed.entries, sealed.lines);
  assert(written);
  return { end: row, wrested, bodies };
}

async function leftOpen(client: ClientBase, chain: string, { page, seq, hash }: ChainRow): Promise<JournalBody[]> {
  const memory = new BookMemory();
  const end = await readEntries(client, chain, { fromPage: Math.max(1, page - 1) }, (entry) => memory.take(entry));
  const whole = end === null ? seq === 0 : end.seq === seq && end.hash === hash;
  if (!whole) throw new CodedError('storage-failed', `the chain ${chain} does not end where its head says`);
  return memory.carry();
}

/** A chain for as long as the connection lives, and a new owner, so that a former one writes nothing more. */
export async function takeChain(client: ClientBase, chain: string): Promise<ChainRow> {
  if (!(await waitForLock(client, chain)))
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
