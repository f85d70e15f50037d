import { readChain } from './chain-rows.ts';
import { BrokenChain, readEntries } from './entry-reader.ts';
import { databaseFault, PostgresLink } from './postgres-link.ts';

export type ChainVerdict =
  | { readonly ok: true; readonly chain: string; readonly entries: number }
  | { readonly ok: false; readonly chain: string; readonly entry: number; readonly reason: string };

/**
 * Checks every chain of a database from its first entry to its head. Found: an entry that was changed, dropped, added or
 * moved, and entries cut off the end as long as the head row was not changed with them.
 * @throws {CodedError} `storage-failed` when the database cannot be read.
 */
export async function verifyDatabase(url: string): Promise<ChainVerdict[]> {
  const link = new PostgresLink(url);
  try {
    const client = await link.client();
    const { rows } = await client.query<{ chain: string }>('SELECT chain FROM tonelock_chain ORDER BY chain');
    const verdicts: ChainVerdict[] = [];
    for (const { chain } of rows) verdicts.push(await verifyChain(client, chain));
    return verdicts;
  } catch (error) {
    throw databaseFault(error);
  } finally {
    await link.close();
  }
}

async function verifyChain(client: Awaited<ReturnType<PostgresLink['client']>>, chain: string): Promise<ChainVerdict> {
  // Before the entries: a gateway that runs meanwhile may go on behind it.
  const head = await readChain(client, chain);
  try {
    let entries = 0;
    const end = await readEntries(client, chain, { fromPage: 0 }, (entry) => {
      entries = entry.seq;
    });
    const last = end?.seq ?? 0;
    if (head !== undefined && head.seq > last)
      return { ok: false, chain, entry: last + 1, reason: `entries ${last + 1} to ${head.seq} are missing at the end` };
    if (head !== undefined && head.seq === last && last > 0 && head.hash !== end?.hash)
      return { ok: false, chain, entry: last, reason: 'the head is not that of this chain' };
    return { ok: true, chain, entries };
  } catch (error) {
    if (!(error instanceof BrokenChain)) throw error;
    return { ok: false, chain, entry: error.seq, reason: error.reason };
  }
}
