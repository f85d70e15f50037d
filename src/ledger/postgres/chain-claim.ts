import { randomUUID } from 'node:crypto';
import type { ClientBase } from 'pg';
import { assert } from '../../shared/assert.ts';
import { CodedError } from '../../shared/coded-error.ts';
import { BookMemory } from '../book-memory.ts';
import type { ChainEnd, JournalBody } from '../journal-entry.ts';
import { sealLines } from '../journal-line.ts';
import { tryLockForNow } from './chain-lock.ts';
import { appendRows, type ChainRow, readChain } from './chain-rows.ts';
import { readEntries } from './entry-reader.ts';

/** What a dead gateway's chain has left open, and where it ended. */
export interface Claim {
  readonly end: ChainEnd;
  readonly bodies: readonly JournalBody[];
}

/**
 * Ends a dead gateway's chain for the time being: another owner, so that its former one writes nothing more, and an entry
 * that says who has what it left. Within a transaction of the caller's, who writes it down on the other side.
 * @returns undefined when a living gateway holds the chain.
 * @throws {CodedError} `storage-failed` when the chain is damaged: what it has left cannot be told from what was changed.
 */
export async function claimChain(
  client: ClientBase,
  chain: string,
  by: string,
  at: string,
): Promise<Claim | undefined> {
  assert(chain !== by);
  if (!(await tryLockForNow(client, chain))) return undefined;
  const row = await readChain(client, chain);
  if (row === undefined) return { end: { seq: 0, hash: '' }, bodies: [] };
  const bodies = await leftOpen(client, chain, row);
  if (bodies.length === 0) return { end: row, bodies };
  const owner = randomUUID();
  await client.query('UPDATE tonelock_chain SET owner = $2 WHERE chain = $1', [chain, owner]);
  const sealed = sealLines(row, at, [{ kind: 'handedOver', to: by }]);
  const from: ChainRow = { ...row, owner };
  const written = await appendRows(client, chain, from, { ...from, ...sealed.end }, sealed.entries, sealed.lines);
  assert(written);
  return { end: row, bodies };
}

async function leftOpen(client: ClientBase, chain: string, { page, seq, hash }: ChainRow): Promise<JournalBody[]> {
  const memory = new BookMemory();
  const end = await readEntries(client, chain, { fromPage: Math.max(1, page - 1) }, (entry) => memory.take(entry));
  const whole = end === null ? seq === 0 : end.seq === seq && end.hash === hash;
  if (!whole) throw new CodedError('storage-failed', `the chain ${chain} does not end where its head says`);
  return memory.carry();
}
