import { type ArchiveQuery, foundMax } from './entry-store.ts';
import { attemptOf, matches } from './entry-subject.ts';
import type { JournalEntry } from './journal-entry.ts';
import { journalFileNumbers, readJournalFile } from './journal-files.ts';
import { readLine } from './journal-line.ts';

/** Files of a journal that one question reads, the newest: a year and more of a busy gateway. */
const filesMax = 256;
const newline = 0x0a;

/**
 * Reads the files for what {@link ArchiveQuery} asks: once for the attempts, once for all that is about them. Bytes are
 * looked for before a line is taken apart, so that a file costs milliseconds.
 */
export async function searchFiles(directory: string, query: ArchiveQuery): Promise<readonly JournalEntry[]> {
  const numbers = (await journalFileNumbers(directory)).slice(-filesMax);
  const text = textOf(query);
  const attempts = new Set<string>();
  if (query.by === 'attempt') attempts.add(query.id);
  for (const number of query.by === 'attempt' ? [] : numbers.toReversed()) {
    const found = linesWith(await readJournalFile(directory, number), [text]);
    for (const entry of found.toReversed()) {
      const attempt = matches(entry.body, query) ? attemptOf(entry.body) : undefined;
      if (attempt !== undefined && attempts.size < foundMax) attempts.add(attempt);
    }
    if (attempts.size >= foundMax) break;
  }
  const entries: JournalEntry[] = [];
  if (attempts.size === 0) return entries;
  for (const number of numbers) {
    const found = linesWith(await readJournalFile(directory, number), [...attempts]);
    entries.push(...found.filter(({ body }) => attempts.has(attemptOf(body) ?? '')));
  }
  return entries;
}

/** What stands in the line of every entry that the query means. */
function textOf(query: ArchiveQuery): string {
  // As it stands in JSON, without the quotes.
  const written = (value: string): string => JSON.stringify(value).slice(1, -1);
  switch (query.by) {
    case 'reference':
      return written(query.part);
    case 'searchValue':
      return written(query.value);
    case 'nothing':
      return '"kind":"intent"';
    default:
      return written(query.id);
  }
}

/** The entries whose lines hold one of the texts, each once, in their order. */
function linesWith(bytes: Buffer, texts: readonly string[]): JournalEntry[] {
  const starts = new Set<number>();
  for (const text of texts) {
    for (let at = bytes.indexOf(text); at >= 0; at = bytes.indexOf(text, lineEnd(bytes, at))) {
      starts.add(bytes.lastIndexOf(newline, at) + 1);
    }
  }
  return [...starts]
    .sort((a, b) => a - b)
    .flatMap((start) => {
      const read = readLine(bytes.subarray(start, lineEnd(bytes, start)));
      return typeof read === 'string' ? [] : [read.entry];
    });
}

function lineEnd(bytes: Buffer, from: number): number {
  const end = bytes.indexOf(newline, from);
  return end < 0 ? bytes.length : end;
}
