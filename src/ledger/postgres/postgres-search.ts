import type { ClientBase } from 'pg';
import { type ArchiveQuery, foundMax } from '../entry-store.ts';
import type { JournalEntry } from '../journal-entry.ts';
import { readLine } from '../journal-line.ts';

/** Entries about one attempt that a query finds. */
const entriesOfOneMax = 20;

const wheres: Record<ArchiveQuery['by'], string> = {
  call: 'call = $1',
  attempt: 'attempt = $1',
  // Part of a text, not a pattern: what the agent types is looked for as it is.
  reference: 'reference IS NOT NULL AND strpos(reference, $1) > 0',
  searchValue: 'search_value = $1',
  nothing: "kind = 'intent'",
};

function valuesOf(query: ArchiveQuery): string[] {
  switch (query.by) {
    case 'reference':
      return [query.part];
    case 'searchValue':
      return [query.value];
    case 'nothing':
      return [];
    default:
      return [query.id];
  }
}

/**
 * What {@link ArchiveQuery} asks, out of the chains of all gateways. The chain that an attempt began in comes first, whatever
 * the clocks of the gateways say: what took it over came later.
 */
export async function searchDatabase(client: ClientBase, query: ArchiveQuery): Promise<readonly JournalEntry[]> {
  const { rows } = await client.query<{ line: string }>(
    `SELECT line FROM tonelock_entry
     WHERE attempt IN (
       SELECT attempt FROM (
         SELECT attempt, at FROM tonelock_entry WHERE attempt IS NOT NULL AND ${wheres[query.by]}
         ORDER BY at DESC LIMIT ${foundMax * entriesOfOneMax}) AS newest
       GROUP BY attempt ORDER BY max(at) DESC LIMIT ${foundMax})
     ORDER BY NOT bool_or(kind = 'intent') OVER (PARTITION BY chain, attempt), at, chain, seq`,
    valuesOf(query),
  );
  return rows.flatMap(({ line }) => {
    const read = readLine(Buffer.from(line, 'utf8'));
    return typeof read === 'string' ? [] : [read.entry];
  });
}
