import { type FileHandle, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ChainEnd, chainStart } from './journal-entry.ts';
import { fileMode } from './journal-files.ts';

export const headFileName = 'head.json';
/** Written in place: always the same length, and within one sector, so that it is never torn. */
const headBytes = 128;

/**
 * Where the chain stood after the last safe batch. It shows a lost tail, which the chain by itself cannot: whole entries
 * cut off its end leave a shorter chain that is as good as ever. It follows the journal and is never ahead of it. Whoever
 * can write to the directory can change both; a copy of this file kept elsewhere shows that too.
 */
export class JournalHead {
  readonly #handle: FileHandle;

  constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  static async open(directory: string): Promise<JournalHead> {
    const path = join(directory, headFileName);
    const fresh = (await readHead(directory)) === null;
    const head = new JournalHead(await open(path, fresh ? 'w' : 'r+', fileMode));
    if (fresh) await head.write(chainStart);
    return head;
  }

  async write({ seq, hash }: ChainEnd): Promise<void> {
    const line = `${JSON.stringify({ seq, hash }).padEnd(headBytes - 1)}\n`;
    await this.#handle.write(line, 0, 'latin1');
  }

  close(): Promise<void> {
    return this.#handle.close();
  }
}

/** @returns null when there is none that can be read. */
export async function readHead(directory: string): Promise<ChainEnd | null> {
  try {
    const { seq, hash } = JSON.parse(await readFile(join(directory, headFileName), 'latin1')) as ChainEnd;
    return Number.isSafeInteger(seq) && typeof hash === 'string' ? { seq, hash } : null;
  } catch {
    return null;
  }
}
