import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { verifyEvidence } from '../../../src/ledger/evidence-verifier.ts';
import { type JournalBook, openJournalBook } from '../../../src/ledger/journal-book.ts';
import { evidence, intent } from '../../support/book-entries.ts';
import { bookPromises } from '../../support/book-promises.ts';
import { FakeClock } from '../../support/fake-clock.ts';

let path = '';
let clock = new FakeClock();
const books: JournalBook[] = [];

beforeEach(() => {
  path = join(mkdtempSync(join(tmpdir(), 'tonelock-ledger-')), 'data');
  clock = new FakeClock();
});

afterEach(async () => {
  for (const book of books.splice(0)) await book.close();
  rmSync(join(path, '..'), { recursive: true, force: true });
});

async function open(fileBytesMax?: number): Promise<JournalBook> {
  const book = await openJournalBook({ path, clock, ...(fileBytesMax === undefined ? {} : { fileBytesMax }) });
  books.push(book);
  return book;
}

/** Ends as a crash does for everybody who looks at the directory afterwards, but for the process's own memory. */
async function reopen(fileBytesMax?: number): Promise<JournalBook> {
  await books.pop()?.close();
  return open(fileBytesMax);
}

const files = (): string[] => readdirSync(path).filter((name) => name.startsWith('journal-'));
const lastFile = (): string => join(path, files().at(-1) ?? '');

bookPromises(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tonelock-ledger-'));
  return {
    open: () => openJournalBook({ path: join(folder, 'data'), clock, fileBytesMax: 6000 }),
    remove: async () => rmSync(folder, { recursive: true, force: true }),
  };
});

describe('the files', () => {
  test('unresolved attempts are found after any number of rotations, by reading two files', async () => {
    const lost = intent();
    let book = await open(2000);
    await book.intend(lost);
    for (let n = 0; n < 40; n += 1) await book.evidence(evidence(`command.${n}`));
    expect(files().length).toBeGreaterThan(4);
    book = await reopen(2000);
    expect(await book.unresolved()).toEqual([lost]);
    expect(await verifyEvidence(path)).toMatchObject({ ok: true });
  });

  test('are readable by their owner alone', async () => {
    await open();
    expect(statSync(path).mode & 0o777).toBe(0o700);
    for (const name of readdirSync(path)) expect(statSync(join(path, name)).mode & 0o777).toBe(0o600);
  });

  test('belong to one living process at a time; a dead one leaves them free', async () => {
    await open();
    await expect(openJournalBook({ path, clock })).rejects.toMatchObject({ code: 'storage-failed' });
    await books.pop()?.close();
    writeFileSync(join(path, 'lock.json'), JSON.stringify({ pid: process.pid, began: '1' }));
    await open();
  });

  test('a torn tail is cut off at the next start, noted, and the chain goes on', async () => {
    const book = await open();
    await book.evidence(evidence('kept'));
    await books.pop()?.close();
    const whole = readFileSync(lastFile());
    writeFileSync(lastFile(), Buffer.concat([whole, Buffer.from('{"seq":4,"at":"2026-01-01T')]));
    expect(await verifyEvidence(path)).toMatchObject({ ok: true, torn: true });
    await open();
    expect(readFileSync(lastFile(), 'utf8')).toContain('"kind":"repaired","bytesDropped":26');
    expect(await verifyEvidence(path)).toMatchObject({ ok: true, torn: false });
  });

  test('a start refuses to go on behind damage, and says where it is', async () => {
    const book = await open();
    for (let n = 0; n < 5; n += 1) await book.evidence(evidence(`command.${n}`));
    await books.pop()?.close();
    const bytes = readFileSync(lastFile());
    bytes[300] = (bytes[300] ?? 0) ^ 1;
    writeFileSync(lastFile(), bytes);
    await expect(openJournalBook({ path, clock })).rejects.toThrow(/journal-000001\.ndjson line \d/);
  });

  test('a start refuses when entries that were safe are gone from the end', async () => {
    const book = await open();
    for (let n = 0; n < 5; n += 1) await book.evidence(evidence(`command.${n}`));
    await books.pop()?.close();
    const text = readFileSync(lastFile(), 'utf8');
    truncateSync(lastFile(), text.lastIndexOf('\n', text.length - 2) + 1);
    await expect(openJournalBook({ path, clock })).rejects.toThrow('entries up to 6 are missing');
  });

  test('no entry holds what may be a card number, whoever wrote it there', async () => {
    const book = await open();
    await book.evidence(evidence('command.details', 'said 4111 1111 1111 1111'));
    const attempt = intent();
    await book.intend(attempt);
    await book.conclude(attempt.attempt, { outcome: 'declined', code: '5555555555554444' });
    await expect(book.intend(intent({ psp: '378282246310005' }))).rejects.toThrow('assertion failed');
    const text = files()
      .map((name) => readFileSync(join(path, name), 'utf8'))
      .join('');
    expect(text).toContain('withheld');
    for (const pan of ['4111', '5555', '3782'])
      expect(text.replaceAll(/[0-9a-f]{64}|[0-9a-f-]{36}/g, '')).not.toContain(pan);
  });

  test.each([
    ['a number behind letters', 'Q.850;cause=16;text="5555 5555 5555 4444"', 'withheld'],
    ['a number that only the cut makes', `${'x'.repeat(240)}411111111111111199999`, 'withheld'],
    ['line ends and escapes', 'bye\r\n\u001b[2Jbye\u2028', 'bye   [2Jbye '],
    ['a long text', 'é'.repeat(5000), 'é'.repeat(256)],
  ])('a reason that a peer gave is made safe: %s', async (_, reason, written) => {
    const book = await open();
    await book.evidence(evidence('call.ended', reason));
    expect(readFileSync(lastFile(), 'utf8')).toContain(`"result":${JSON.stringify(written)}`);
  });
});
