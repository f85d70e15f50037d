import { openJournalBook } from '../../src/ledger/journal-book.ts';
import { systemClock } from '../../src/shared/clock.ts';
import { newAttemptId, newCallId, newSessionId } from '../../src/shared/ids.ts';

/*
 * A process that writes into a journal until it is killed, and says on its standard output what was promised to be safe:
 * `intent <attempt>` and `outcome <attempt>`, one a line. Argument: the journal's directory.
 */

const say = (line: string): void => void process.stdout.write(`${line}\n`);

const book = await openJournalBook({ path: process.argv[2] ?? '', clock: systemClock, fileBytesMax: 20_000 });
say('ready');

async function pay(): Promise<void> {
  const attempt = newAttemptId();
  const order = { type: 'charge', amount: 5000, currency: 'JPY', brand: 'visa', lastFour: '1111' } as const;
  const who = { session: newSessionId(), call: newCallId(), agent: '1001', psp: 'simulator', n: 1 };
  await book.intend({ attempt, ...who, ...order });
  say(`intent ${attempt}`);
  await book.conclude(attempt, { outcome: 'succeeded', reference: `ref-${attempt}` });
  say(`outcome ${attempt}`);
}

async function payForEver(): Promise<void> {
  for (;;) await pay();
}

await Promise.all([payForEver(), payForEver(), payForEver(), payForEver()]);
