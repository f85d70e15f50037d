import type { Config } from '../config/config-schema.ts';
import type { Secrets } from '../config/secrets.ts';
import { type JournalBook, openJournalBook, openPostgresBook } from '../ledger/journal-book.ts';
import type { Clock } from '../shared/clock.ts';
import { StartFault, underKey } from './start-fault.ts';

/** Opens the book where the configuration wants it kept. */
export async function openBook({ storage, events }: Config, secrets: Secrets, clock: Clock): Promise<JournalBook> {
  if (storage.kind === 'journal') return underKey('storage.path', () => openJournalBook({ path: storage.path, clock }));
  const url = secrets.databaseUrl;
  if (url === undefined)
    throw new StartFault('storage.kind', 'postgres needs TONELOCK_DATABASE_URL in the environment');
  return underKey('storage', () =>
    openPostgresBook({ url, chain: storage.chain, clock, silentMs: silentMs({ storage, events }) }),
  );
}

/** After how long without a word a gateway that still has its connection hangs: what makes one dead for the others. */
function silentMs({ storage, events }: Pick<Config, 'storage' | 'events'>): number | null {
  if (events.kind === 'redis') return events.leaseSeconds * 1000;
  return storage.takeOverSeconds === null ? null : storage.takeOverSeconds * 1000;
}
