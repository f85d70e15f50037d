import type { FileHandle } from 'node:fs/promises';
import type { Clock } from '../shared/clock.ts';
import { AppendQueue } from './append-queue.ts';
import { DirectoryLock } from './directory-lock.ts';
import type { AbandonedChain, ArchiveQuery, EntryStore } from './entry-store.ts';
import type { ChainEnd, JournalBody, JournalEntry } from './journal-entry.ts';
import { makeDirectory } from './journal-files.ts';
import { JournalHead } from './journal-head.ts';
import { sealLines } from './journal-line.ts';
import { createFile, type OpenedFile, openLastFile } from './journal-opening.ts';
import { searchFiles } from './journal-search.ts';

/** A file that has reached this is followed by the next. A start reads two of them. */
export const fileBytesMax = 16 * 1024 * 1024;

export interface JournalSettings {
  readonly path: string;
  readonly clock: Clock;
  readonly fileBytesMax?: number;
  /** Each entry that is on the storage already, oldest first. */
  readonly replay: (entry: JournalEntry) => void;
  /** What a new file begins with. */
  readonly carry: () => readonly JournalBody[];
}

/**
 * The append-only journal: numbered files of hash-chained lines. Entries that come while another write is under way go out
 * together, with one fsync. What could not be written is cut off again, so that the chain never holds what nobody knows of.
 */
export class Journal implements EntryStore {
  readonly shared = false;
  readonly #directory: string;
  readonly #fileBytesMax: number;
  readonly #carry: () => readonly JournalBody[];
  readonly #lock: DirectoryLock;
  readonly #head: JournalHead;
  readonly #queue: AppendQueue;
  #handle: FileHandle;
  #number: number;
  #offset: number;
  #end: ChainEnd;
  /** The file may hold bytes behind the offset. */
  #untidy = false;
  #closed = false;

  private constructor(settings: JournalSettings, lock: DirectoryLock, head: JournalHead, file: OpenedFile) {
    this.#directory = settings.path;
    this.#fileBytesMax = settings.fileBytesMax ?? fileBytesMax;
    this.#carry = settings.carry;
    this.#lock = lock;
    this.#head = head;
    this.#handle = file.handle;
    this.#number = file.number;
    this.#offset = file.offset;
    this.#end = file.end;
    this.#queue = new AppendQueue((bodies, at) => this.#write(bodies, at), settings.clock);
  }

  /**
   * Makes the directory if it is not there, reads what is, repairs a torn tail.
   * @throws {CodedError} `storage-failed` when the directory cannot be used, belongs to a living process, or is damaged.
   */
  static async open(settings: JournalSettings): Promise<Journal> {
    await makeDirectory(settings.path);
    const lock = new DirectoryLock(settings.path);
    try {
      const file = await openLastFile(settings.path, settings.replay);
      const journal = new Journal(settings, lock, await JournalHead.open(settings.path), file);
      if (file.bytesDropped > 0) await journal.append({ kind: 'repaired', bytesDropped: file.bytesDropped });
      await journal.append({ kind: 'opened' });
      return journal;
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  get works(): boolean {
    return this.#queue.works;
  }

  readonly fresh = true;

  /** Nobody takes over a directory. */
  onLost(): void {}

  async prove(): Promise<boolean> {
    return true;
  }

  append(body: JournalBody): Promise<JournalEntry> {
    return this.#queue.append(body);
  }

  about(query: ArchiveQuery): Promise<readonly JournalEntry[]> {
    return searchFiles(this.#directory, query);
  }

  /** A directory has one gateway. */
  async takeOver(): Promise<readonly JournalEntry[]> {
    return [];
  }

  async abandoned(): Promise<readonly AbandonedChain[]> {
    return [];
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#queue.close();
    await this.#handle.close();
    await this.#head.close();
    this.#lock.release();
  }

  async #write(bodies: readonly JournalBody[], at: string): Promise<readonly JournalEntry[]> {
    await this.#tidy();
    if (this.#offset >= this.#fileBytesMax) await this.#rotate();
    // Also when an earlier write at the head of this file has failed, or a process died before it.
    const carried = this.#offset === 0 && this.#number > 1 ? this.#carry() : [];
    const sealed = sealLines(this.#end, at, [...carried, ...bodies]);
    await this.#store(Buffer.from(sealed.lines.join(''), 'utf8'));
    this.#end = sealed.end;
    // Best effort: it may be behind the journal, never ahead of it.
    await this.#head.write(sealed.end).catch(() => undefined);
    return sealed.entries.slice(carried.length);
  }

  async #store(bytes: Buffer): Promise<void> {
    this.#untidy = true;
    for (let done = 0; done < bytes.length; ) {
      const { bytesWritten } = await this.#handle.write(bytes, done, bytes.length - done, this.#offset + done);
      done += bytesWritten;
    }
    await this.#handle.datasync();
    this.#offset += bytes.length;
    this.#untidy = false;
  }

  async #tidy(): Promise<void> {
    if (!this.#untidy) return;
    await this.#handle.truncate(this.#offset);
    this.#untidy = false;
  }

  async #rotate(): Promise<void> {
    const next = await createFile(this.#directory, this.#number + 1, this.#end);
    await this.#handle.close();
    this.#handle = next.handle;
    this.#number = next.number;
    this.#offset = 0;
  }
}
