import type { ClientBase } from 'pg';
import { CodedError } from '../../shared/coded-error.ts';
import { type ChainEnd, chainStart, type JournalEntry } from '../journal-entry.ts';
import { readLine } from '../journal-line.ts';

/** Lines fetched at a time. */
const rowsAtOnce = 2_000;

/** The first entry of a chain that does not fit. */
export class BrokenChain extends CodedError {
  readonly seq: number;
  readonly reason: string;
  constructor(chain: string, seq: number, reason: string) {
    super('storage-failed', `${chain} entry ${seq}: ${reason}`);
    this.seq = seq;
    this.reason = reason;
  }
}

/**
 * Walks a chain from the beginning of a page on and checks each entry against the one before; for the first page that is
 * the start of the chain, for another the first line is taken at its word.
 * @returns where it ends; null when it has no entry.
 * @throws {BrokenChain} at the first entry that does not fit.
 */
export async function readEntries(
  client: ClientBase,
  chain: string,
  { fromPage }: { fromPage: number },
  take: (entry: JournalEntry, page: number) => void,
): Promise<ChainEnd | null> {
  let end: ChainEnd | null = fromPage <= 1 ? chainStart : null;
  for (let last = -1; ; ) {
    const { rows } = await client.query<{ seq: string; page: string; line: string }>(
      'SELECT seq, page, line FROM tonelock_entry WHERE chain = $1 AND page >= $2 AND seq > $3 ORDER BY seq LIMIT $4',
      [chain, fromPage, last, rowsAtOnce],
    );
    for (const row of rows) {
      last = Number(row.seq);
      const read = readLine(Buffer.from(row.line, 'utf8'));
      if (typeof read === 'string') throw new BrokenChain(chain, last, read);
      end ??= { seq: read.entry.seq - 1, hash: read.prev };
      if (read.entry.seq !== last || last !== end.seq + 1)
        throw new BrokenChain(chain, last, `entry ${end.seq + 1} is expected here`);
      if (read.prev !== end.hash) throw new BrokenChain(chain, last, 'the entry does not follow the one before it');
      take(read.entry, Number(row.page));
      end = { seq: last, hash: read.hash };
    }
    if (rows.length < rowsAtOnce) return end === chainStart ? null : end;
  }
}
