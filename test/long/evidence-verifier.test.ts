import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { verifyEvidence } from '../../src/ledger/evidence-verifier.ts';
import { openJournalBook } from '../../src/ledger/journal-book.ts';
import { FakeClock } from '../support/fake-clock.ts';

let root = '';
let path = '';
/** A journal of several files, as it was written. */
const original = new Map<string, Buffer>();

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'tonelock-verify-'));
  path = join(root, 'data');
  const book = await openJournalBook({ path, clock: new FakeClock(), fileBytesMax: 1500 });
  for (let n = 0; n < 20; n += 1) {
    const entry = { what: `command.${n}`, who: '1001', origin: '::1', call: null, session: null, result: '決済' };
    await book.evidence(entry);
  }
  await book.close();
  for (const name of readdirSync(path)) original.set(name, readFileSync(join(path, name)));
});

beforeEach(() => {
  rmSync(path, { recursive: true });
  mkdirSync(path);
  for (const [name, bytes] of original) writeFileSync(join(path, name), bytes);
});

afterAll(() => rmSync(root, { recursive: true, force: true }));

const names = (): string[] => [...original.keys()].filter((name) => name.startsWith('journal-')).sort();
const name = (place: number): string => names().at(place) ?? '';
const linesOf = (file: string): string[] => readFileSync(join(path, file), 'utf8').split('\n').slice(0, -1);
const writeLines = (file: string, lines: readonly string[]): void =>
  writeFileSync(join(path, file), lines.map((line) => `${line}\n`).join(''));

describe('verify-evidence', () => {
  test('finds a whole journal whole, and each of its files by itself', async () => {
    expect(names().length).toBeGreaterThan(3);
    expect(await verifyEvidence(path)).toEqual({ ok: true, entries: 21, torn: false });
    for (const file of names()) expect(await verifyEvidence(join(path, file))).toMatchObject({ ok: true });
  });

  test('names the first bad entry, whichever byte was changed into whatever', async () => {
    const places = names().flatMap((file) =>
      [...(original.get(file) ?? []).keys()].map((offset) => ({ file, offset })),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.nat(places.length - 1).map((at) => places[at] ?? { file: '', offset: 0 }),
        fc.integer({ min: 1, max: 255 }),
        async ({ file, offset }, flip) => {
          const bytes = Buffer.from(original.get(file) ?? []);
          bytes[offset] = (bytes[offset] ?? 0) ^ flip;
          writeFileSync(join(path, file), bytes);
          const verdict = await verifyEvidence(path);
          writeFileSync(join(path, file), original.get(file) ?? '');
          const line = bytes.subarray(0, offset).toString('latin1').split('\n').length;
          // The very last newline is all that tells a whole line from a torn one; the head tells that it was whole.
          if (file === name(-1) && offset === bytes.length - 1) expect(verdict).toMatchObject({ ok: false, file });
          else expect(verdict).toMatchObject({ ok: false, file, line });
        },
      ),
      { numRuns: 200 },
    );
  });

  test('names the line behind a dropped one', async () => {
    const lines = linesOf(name(1));
    writeLines(name(1), lines.toSpliced(1, 1));
    expect(await verifyEvidence(path)).toMatchObject({
      ok: false,
      file: name(1),
      line: 2,
      reason: expect.stringMatching(/entry \d+ is expected/),
    });
  });

  test('names the first of two lines that changed places', async () => {
    const [first = '', second = '', ...rest] = linesOf(name(1));
    writeLines(name(1), [second, first, ...rest]);
    expect(await verifyEvidence(path)).toMatchObject({ ok: false, file: name(1), line: 1 });
  });

  test('names the first of two files that changed places', async () => {
    renameSync(join(path, name(1)), join(path, 'aside'));
    renameSync(join(path, name(2)), join(path, name(1)));
    renameSync(join(path, 'aside'), join(path, name(2)));
    expect(await verifyEvidence(path)).toMatchObject({ ok: false, file: name(1), line: 1 });
  });

  test.each([0, 1])('names a file that is missing', async (place) => {
    unlinkSync(join(path, name(place)));
    expect(await verifyEvidence(path)).toMatchObject({
      ok: false,
      file: name(place),
      line: 0,
      reason: 'the file is missing',
    });
  });

  test('sees that the last file is missing, by the head', async () => {
    unlinkSync(join(path, name(-1)));
    expect(await verifyEvidence(path)).toMatchObject({
      ok: false,
      reason: expect.stringMatching('are missing at the end'),
    });
  });

  test('sees whole entries cut off the end, by the head', async () => {
    writeLines(name(-1), linesOf(name(-1)).slice(0, -1));
    expect(await verifyEvidence(path)).toMatchObject({ ok: false, reason: 'entries 21 to 21 are missing at the end' });
  });

  test('sees that the head is gone or is another chain’s', async () => {
    writeFileSync(join(path, 'head.json'), JSON.stringify({ seq: 21, hash: 'f'.repeat(64) }));
    expect(await verifyEvidence(path)).toMatchObject({ ok: false, file: 'head.json' });
    unlinkSync(join(path, 'head.json'));
    expect(await verifyEvidence(path)).toMatchObject({ ok: false, file: 'head.json' });
  });

  test('takes half a line at the very end for a crash, and half a line anywhere else for a fault', async () => {
    const half = linesOf(name(-1))[0]?.slice(0, 40) ?? '';
    writeFileSync(join(path, name(-1)), half, { flag: 'a' });
    expect(await verifyEvidence(path)).toEqual({ ok: true, entries: 21, torn: true });
    writeFileSync(join(path, name(0)), half, { flag: 'a' });
    expect(await verifyEvidence(path)).toMatchObject({ ok: false, file: name(0) });
  });
});
