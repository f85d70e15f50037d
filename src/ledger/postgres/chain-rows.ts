import type { ClientBase } from 'pg';
import { attemptOf, callOf, referenceOf, searchValueOf } from '../entry-subject.ts';
import type { ChainEnd, JournalEntry } from '../journal-entry.ts';

/** Where a chain stands in the database, and for whom. */
export interface ChainRow extends ChainEnd {
  readonly owner: string;
  /** Entries are counted in pages; the first entries of one carry what an earlier one has left open. */
  readonly page: number;
}

export async function readChain(client: ClientBase, chain: string): Promise<ChainRow | undefined> {
  const { rows } = await client.query<{ owner: string; seq: string; hash: string; page: string }>(
    'SELECT owner, seq, hash, page FROM tonelock_chain WHERE chain = $1',
    [chain],
  );
  const row = rows[0];
  return row && { owner: row.owner, seq: Number(row.seq), hash: row.hash, page: Number(row.page) };
}

/** One statement, so one transaction and one round: the head moves only from where we left it, and only for us. */
const append = `
  WITH head AS (
    UPDATE tonelock_chain SET seq = $5, hash = $6, page = $7
    WHERE chain = $1 AND owner = $2 AND seq = $3 AND hash = $4
    RETURNING chain)
  INSERT INTO tonelock_entry (chain, seq, page, at, kind, call, attempt, reference, search_value, line)
  SELECT head.chain, entry.seq, $7, entry.at, entry.kind, entry.call, entry.attempt, entry.reference,
    entry.search_value, entry.line
  FROM head, unnest($8::bigint[], $9::timestamptz[], $10::text[], $11::text[], $12::text[], $13::text[], $14::text[],
    $15::text[]) AS entry (seq, at, kind, call, attempt, reference, search_value, line)`;

/** @returns whether they were written: false when the chain does not stand where we left it, or is another's now. */
export async function appendRows(
  client: ClientBase,
  chain: string,
  from: ChainRow,
  to: ChainRow,
  entries: readonly JournalEntry[],
  lines: readonly string[],
): Promise<boolean> {
  const column = <T>(of: (entry: JournalEntry) => T): T[] => entries.map(of);
  const { rowCount } = await client.query(append, [
    chain,
    from.owner,
    from.seq,
    from.hash,
    to.seq,
    to.hash,
    to.page,
    column(({ seq }) => seq),
    column(({ at }) => at),
    column(({ body }) => body.kind),
    column(({ body }) => callOf(body)),
    column(({ body }) => attemptOf(body) ?? null),
    column(({ body }) => referenceOf(body)),
    column(({ body }) => searchValueOf(body)),
    lines.map((line) => line.trimEnd()),
  ]);
  return rowCount === entries.length;
}
