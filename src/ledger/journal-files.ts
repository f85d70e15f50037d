import { mkdir, open, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

const name = /^journal-(\d{6,})\.ndjson$/;

export const journalFileName = (number: number): string => `journal-${String(number).padStart(6, '0')}.ndjson`;

/** Numbers of the journal's files, in order. */
export async function journalFileNumbers(directory: string): Promise<number[]> {
  const numbers = (await readdir(directory)).flatMap((file) => name.exec(file)?.[1] ?? []).map(Number);
  return numbers.sort((a, b) => a - b);
}

export const readJournalFile = (directory: string, number: number): Promise<Buffer> =>
  readFile(join(directory, journalFileName(number)));

/** Readable by nobody else: who paid what to whom is confidential even without a card number. */
export const directoryMode = 0o700;
export const fileMode = 0o600;

export async function makeDirectory(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true, mode: directoryMode });
}

/** A file's name is safe only when its directory is. */
export async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
