import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { openJournalBook } from '../../src/ledger/journal-book.ts';
import { systemClock } from '../../src/shared/clock.ts';
import { evidence, paid } from '../support/book-entries.ts';

const program = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'tonelock-evidence-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What the command says of a place, and how it ends. */
function verify(place: string): { status: number | null; said: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, 'verify-evidence', place], {
    encoding: 'utf8',
  });
  return { status, said: stdout + stderr };
}

test('npx tonelock verify-evidence ends well on a whole journal, and with 1 and the first bad entry on one that was changed', async () => {
  const path = join(folder, 'data');
  const book = await openJournalBook({ path, clock: systemClock });
  await paid(book, { amount: 5000 }, 'ref-1');
  await book.evidence(evidence('command.last'));
  await book.close();
  expect(verify(path).status).toBe(0);
  const name = readdirSync(path).find((one) => one.startsWith('journal-')) ?? '';
  const lines = readFileSync(join(path, name), 'utf8').split('\n');
  const at = lines.findIndex((line) => line.includes('"amount":5000'));
  lines[at] = lines[at]?.replace('"amount":5000', '"amount":5001') ?? '';
  writeFileSync(join(path, name), lines.join('\n'));
  for (const place of [path, join(path, name)]) {
    const { status, said } = verify(place);
    expect(status, place).toBe(1);
    expect(said).toContain(`the chain is broken at ${name} line ${at + 1}: `);
  }
});
