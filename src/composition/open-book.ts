import type { Config } from '../config/config-schema.ts';
import type { Secrets } from '../config/secrets.ts';
import { type JournalBook, openJournalBook, openPostgresBook } from '../ledger/journal-book.ts';
import type { Clock } from '../shared/clock.ts';
import { StartFault, underKey } from './start-fault.ts';

/** Opens the book where the configuration wants it kept. */
export async function openBook({ storage }: Config, secrets: Secrets, clock: Clock): Promise<JournalBook> {
  if (storage.kind === 'journal') return underKey('storage.path', () => openJournalBook({ path: storage.path, clock }));
  const url = secrets.databaseUrl;
  if (url === undefined)
    throw new StartFault('storage.kind', 'postgres needs TONELOCK_DATABASE_URL in the environment');
  return underKey('storage', () => openPostgresBook({ url, chain: storage.chain, clock }));
}
