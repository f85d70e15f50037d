import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { verifyEvidence } from '../../src/ledger/evidence-verifier.ts';
import { openJournalBook } from '../../src/ledger/journal-book.ts';
import { systemClock } from '../../src/shared/clock.ts';
import { BundledProgram } from '../support/bundled-program.ts';

const crashes = 4;
let root = '';
let program: BundledProgram;

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'tonelock-crash-'));
  program = await BundledProgram.of('journal-writer');
});

afterAll(() => {
  program[Symbol.dispose]();
  rmSync(root, { recursive: true, force: true });
});

/** Lets a writer work for a while, kills it, and returns what it had been promised. */
async function writeUntilKilled(path: string, afterLines: number): Promise<string[]> {
  const child: ChildProcess = spawn(process.execPath, [program.path, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  const said: string[] = [];
  let rest = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    said.push(...lines);
    if (said.length >= afterLines) child.kill('SIGKILL');
  });
  await once(child, 'close');
  return said;
}

test('a writer that is killed at any moment loses nothing that was promised, and the chain stays whole', async () => {
  const path = join(root, 'data');
  const promised: string[] = [];
  for (let crash = 0; crash < crashes; crash += 1) {
    promised.push(...(await writeUntilKilled(path, 1 + Math.floor(Math.random() * 300))));
    expect(await verifyEvidence(path), 'before the repair').toMatchObject({ ok: true });
  }
  const book = await openJournalBook({ path, clock: systemClock });
  expect(await verifyEvidence(path)).toMatchObject({ ok: true, torn: false });
  const unresolved = (await book.unresolved()).map(({ attempt }) => String(attempt));
  await book.close();

  const files = readdirSync(path).filter((name) => name.startsWith('journal-'));
  const text = files.map((name) => readFileSync(join(path, name), 'utf8')).join('');
  const outcomes = promised.filter((line) => line.startsWith('outcome ')).map((line) => line.slice('outcome '.length));
  const intents = promised.filter((line) => line.startsWith('intent ')).map((line) => line.slice('intent '.length));
  expect(outcomes.length).toBeGreaterThan(crashes);
  for (const attempt of outcomes) {
    expect(text).toContain(`"kind":"outcome","attempt":"${attempt}"`);
    expect(unresolved).not.toContain(attempt);
  }
  for (const attempt of intents) expect(text).toContain(`"kind":"intent","intent":{"attempt":"${attempt}"`);
  // Whoever was promised an intent and no outcome finds the attempt among the unknown ones, unless the outcome came through.
  for (const attempt of intents.filter((one) => !outcomes.includes(one)))
    expect(unresolved.includes(attempt) || text.includes(`"kind":"outcome","attempt":"${attempt}"`)).toBe(true);
});
