import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { type ChainEnd, chainStart } from './journal-entry.ts';
import { journalFileName, journalFileNumbers, readJournalFile } from './journal-files.ts';
import { headFileName, readHead } from './journal-head.ts';
import { type Scan, scanJournal } from './journal-scan.ts';

export type EvidenceVerdict =
  /** `torn`: the very last line is incomplete, as a crash leaves it; no entry that was safe is missing. */
  | { readonly ok: true; readonly entries: number; readonly torn: boolean }
  /** The first bad entry. Line 0 when the fault is the file itself. */
  | { readonly ok: false; readonly file: string; readonly line: number; readonly reason: string };

/**
 * Checks the chain of one file, or of a whole journal: its files from the first on, and that its tail is there.
 *
 * Found: a changed byte, a line that was dropped, added or moved, files swapped or missing, and entries cut off the end as
 * long as the head file was not changed with them. A single file is taken at its first line's word for what came before.
 */
export async function verifyEvidence(path: string): Promise<EvidenceVerdict> {
  return (await stat(path)).isDirectory() ? verifyDirectory(path) : verifyFile(path);
}

async function verifyFile(path: string): Promise<EvidenceVerdict> {
  const scan = scanFile(await readFile(path), null);
  const { fault, entries } = scan;
  if (fault === null || fault.torn) return { ok: true, entries, torn: fault !== null };
  return { ok: false, file: basename(path), line: fault.line, reason: fault.reason };
}

/** Nobody can have an entry before the first: where a file begins with number 1, its chain begins at the start. */
function scanFile(bytes: Buffer, start: ChainEnd | null): Scan {
  const scan = scanJournal(bytes, start, () => {});
  if (start !== null || scan.end.seq !== scan.entries) return scan;
  return scanJournal(bytes, chainStart, () => {});
}

async function verifyDirectory(directory: string): Promise<EvidenceVerdict> {
  // Before the files: a gateway that runs meanwhile may go on behind it.
  const head = await readHead(directory);
  const numbers = await journalFileNumbers(directory);
  let end: ChainEnd = chainStart;
  let torn = false;
  for (const [place, number] of numbers.entries()) {
    const file = journalFileName(number);
    if (number !== place + 1)
      return { ok: false, file: journalFileName(place + 1), line: 0, reason: 'the file is missing' };
    const scan = scanFile(await readJournalFile(directory, number), end);
    torn = scan.fault?.torn === true && place === numbers.length - 1;
    if (scan.fault !== null && !torn) return { ok: false, file, line: scan.fault.line, reason: scan.fault.reason };
    end = scan.end;
  }
  const last = journalFileName(numbers.at(-1) ?? 1);
  return tailFault(head, end, last) ?? { ok: true, entries: end.seq, torn };
}

function tailFault(head: ChainEnd | null, end: ChainEnd, file: string): EvidenceVerdict | undefined {
  if (head === null)
    return end.seq === 0
      ? undefined
      : { ok: false, file: headFileName, line: 0, reason: 'the head is missing: a lost tail could not be seen' };
  if (head.seq > end.seq)
    return { ok: false, file, line: 0, reason: `entries ${end.seq + 1} to ${head.seq} are missing at the end` };
  if (head.seq === end.seq && head.hash !== end.hash)
    return { ok: false, file: headFileName, line: 0, reason: 'the head is not that of this chain' };
  return undefined;
}
