import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { probeMs, waitingMax } from '../../src/ledger/append-queue.ts';
import { verifyEvidence } from '../../src/ledger/evidence-verifier.ts';
import { Journal } from '../../src/ledger/journal.ts';
import type { JournalBody } from '../../src/ledger/journal-entry.ts';
import { FakeClock, settle } from '../support/fake-clock.ts';

let root = '';
let clock = new FakeClock();
let journal: Journal;
/** What every file of this process is written through: faults are put in its way. */
let handles: FileHandle;

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'tonelock-faults-'));
  clock = new FakeClock();
  const any = await open(join(root, 'any'), 'w');
  handles = Object.getPrototypeOf(any) as FileHandle;
  await any.close();
  journal = await Journal.open({
    path: join(root, 'data'),
    clock,
    replay: () => {},
    carry: () => [],
    fileBytesMax: 4000,
  });
});

afterEach(async () => {
  vi.restoreAllMocks();
  await journal.close();
  rmSync(root, { recursive: true, force: true });
});

const entry = (what: string): JournalBody => ({
  kind: 'evidence',
  evidence: { what, who: '1001', origin: '::1', call: null, session: null, result: 'taken' },
});

const noSpace = Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });

test('a full disk is storage-failed for everybody who waited, and the chain holds nothing of it', async () => {
  await journal.append(entry('before'));
  vi.spyOn(handles, 'write').mockRejectedValue(noSpace);
  const refused = await Promise.allSettled([journal.append(entry('a')), journal.append(entry('b'))]);
  expect(refused).toMatchObject([{ reason: { code: 'storage-failed' } }, { reason: { code: 'storage-failed' } }]);
  expect(journal.works).toBe(false);
  vi.restoreAllMocks();
  expect(await journal.append(entry('after'))).toMatchObject({ seq: 3 });
  expect(journal.works).toBe(true);
  expect(await verifyEvidence(join(root, 'data'))).toMatchObject({ ok: true, entries: 3, torn: false });
});

test('what was half written when the disk was full, or not confirmed by it, is cut off again', async () => {
  const write = handles.write;
  for (const fault of ['write', 'datasync'] as const) {
    if (fault === 'datasync') vi.spyOn(handles, 'datasync').mockRejectedValueOnce(noSpace);
    else
      vi.spyOn(handles, 'write').mockImplementationOnce(async function (this: FileHandle, ...args: unknown[]) {
        await (write as (...args: unknown[]) => Promise<unknown>).call(this, args[0], args[1], 50, args[3]);
        throw noSpace;
      } as never);
    await expect(journal.append(entry('lost'))).rejects.toMatchObject({ code: 'storage-failed' });
    await journal.append(entry('kept'));
  }
  expect(await verifyEvidence(join(root, 'data'))).toMatchObject({ ok: true, entries: 3, torn: false });
});

test('a storage that has refused is tried again by itself, so that a gateway without work comes back', async () => {
  const write = vi.spyOn(handles, 'write').mockRejectedValue(noSpace);
  await expect(journal.append(entry('lost'))).rejects.toThrow();
  await clock.run(probeMs);
  await settle();
  expect(journal.works).toBe(false);
  write.mockRestore();
  await clock.run(probeMs);
  await vi.waitFor(() => expect(journal.works).toBe(true));
});

test('a new file that could not be begun is begun by the next entry, with what is carried over', async () => {
  const carried: JournalBody = { kind: 'worksAgain' };
  const path = join(root, 'carried');
  const other = await Journal.open({ path, clock, replay: () => {}, carry: () => [carried], fileBytesMax: 300 });
  await other.append(entry('fills the file'));
  vi.spyOn(handles, 'write').mockRejectedValueOnce(noSpace);
  await expect(other.append(entry('lost'))).rejects.toThrow();
  expect(await other.append(entry('kept'))).toMatchObject({ seq: 4 });
  expect(readdirSync(path)).toContain('journal-000002.ndjson');
  await other.close();
  expect(await verifyEvidence(path)).toMatchObject({ ok: true, entries: 4 });
});

test('entries of one moment share one fsync, and more than the limit are refused', async () => {
  const syncs = vi.spyOn(handles, 'datasync');
  const appended = Array.from({ length: waitingMax + 10 }, (_, n) => journal.append(entry(`command.${n}`)));
  const settled = await Promise.allSettled(appended);
  expect(settled.filter(({ status }) => status === 'rejected')).toHaveLength(10);
  expect(syncs.mock.calls.length).toBeLessThan(50);
});
