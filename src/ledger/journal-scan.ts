import type { ChainEnd, JournalEntry } from './journal-entry.ts';
import { readLine } from './journal-line.ts';

/** The first thing that is wrong in a file. */
export interface ScanFault {
  /** From 1. */
  readonly line: number;
  /** Where the line begins. */
  readonly offset: number;
  readonly reason: string;
  /** The bytes end within this line: a crash while it was written looks so. */
  readonly torn: boolean;
}

export interface Scan {
  readonly entries: number;
  /** Where the chain stands after the last good entry. */
  readonly end: ChainEnd;
  readonly fault: ScanFault | null;
}

const newline = 0x0a;

/**
 * Walks the lines of one file and stops at the first that is wrong.
 * @param start where the chain stood before; null to take the first line's word for it.
 */
export function scanJournal(bytes: Buffer, start: ChainEnd | null, take: (entry: JournalEntry) => void): Scan {
  let end: ChainEnd | null = start;
  let entries = 0;
  for (let offset = 0; offset < bytes.length; ) {
    const stop = bytes.indexOf(newline, offset);
    const fault = (reason: string): Scan => ({
      entries,
      end: end ?? { seq: 0, hash: '' },
      fault: { line: entries + 1, offset, reason, torn: stop < 0 },
    });
    if (stop < 0) return fault('the last line is not complete');
    const read = readLine(bytes.subarray(offset, stop));
    if (typeof read === 'string') return fault(read);
    end ??= { seq: read.entry.seq - 1, hash: read.prev };
    if (read.entry.seq !== end.seq + 1) return fault(`entry ${end.seq + 1} is expected here`);
    if (read.prev !== end.hash) return fault('the entry does not follow the one before it');
    take(read.entry);
    entries += 1;
    end = { seq: read.entry.seq, hash: read.hash };
    offset = stop + 1;
  }
  return { entries, end: end ?? { seq: 0, hash: '' }, fault: null };
}
