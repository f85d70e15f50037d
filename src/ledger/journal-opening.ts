import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { CodedError } from '../shared/coded-error.ts';
import { type ChainEnd, chainStart, type JournalEntry } from './journal-entry.ts';
import { fileMode, journalFileName, journalFileNumbers, readJournalFile, syncDirectory } from './journal-files.ts';
import { readHead } from './journal-head.ts';
import { scanJournal } from './journal-scan.ts';

/** A file that can be written on, and where. */
export interface OpenedFile {
  readonly handle: FileHandle;
  readonly number: number;
  readonly offset: number;
  readonly end: ChainEnd;
  /** What a crash had left of an entry that nobody was promised. */
  readonly bytesDropped: number;
}

/**
 * Reads the last two files (the first of them begins with what is carried over from all before it) and opens the last for
 * writing, without a torn tail.
 * @throws {CodedError} `storage-failed`, naming file and line, when an entry that was safe is damaged or missing: to go on
 * behind it would hide that.
 */
export async function openLastFile(directory: string, take: (entry: JournalEntry) => void): Promise<OpenedFile> {
  const numbers = await journalFileNumbers(directory);
  const number = numbers.at(-1);
  if (number === undefined) return createFile(directory, 1, chainStart);
  const head = await readHead(directory);
  const before = numbers.at(-2);
  const start = before === undefined ? chainStart : await readBefore(directory, before, take);
  const bytes = await readJournalFile(directory, number);
  const { end, fault } = scanJournal(bytes, start, take);
  // Above the head nobody was promised anything; without a head only an incomplete last line can be a crash's.
  const ours = fault !== null && (fault.torn || (head !== null && end.seq >= head.seq));
  if (fault !== null && !ours) throw damaged(number, fault.line, fault.reason);
  if (head !== null && end.seq < head.seq)
    throw damaged(number, fault?.line ?? 0, `entries up to ${head.seq} are missing`);
  const offset = fault?.offset ?? bytes.length;
  const handle = await open(join(directory, journalFileName(number)), 'r+');
  if (offset < bytes.length) {
    await handle.truncate(offset);
    await handle.sync();
  }
  return { handle, number, offset, end, bytesDropped: bytes.length - offset };
}

async function readBefore(directory: string, number: number, take: (entry: JournalEntry) => void): Promise<ChainEnd> {
  const start = number === 1 ? chainStart : null;
  const { end, fault } = scanJournal(await readJournalFile(directory, number), start, take);
  if (fault !== null) throw damaged(number, fault.line, fault.reason);
  return end;
}

const damaged = (number: number, line: number, reason: string): CodedError =>
  new CodedError('storage-failed', `${journalFileName(number)} line ${line}: ${reason}`);

/** A file that is there already and empty is left from a start that came no further. */
export async function createFile(directory: string, number: number, end: ChainEnd): Promise<OpenedFile> {
  const handle = await open(join(directory, journalFileName(number)), 'a+', fileMode).then(async (made) => {
    await made.close();
    return open(join(directory, journalFileName(number)), 'r+');
  });
  const { size } = await handle.stat();
  if (size > 0) {
    await handle.close();
    throw new CodedError('storage-failed', `${journalFileName(number)} is there already`);
  }
  await syncDirectory(directory);
  return { handle, number, offset: 0, end, bytesDropped: 0 };
}
