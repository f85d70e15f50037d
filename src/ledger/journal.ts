import type { FileHandle } from 'node:fs/promises';
import type { Clock, Timer } from '../shared/clock.ts';
import { CodedError } from '../shared/coded-error.ts';
import { DirectoryLock } from './directory-lock.ts';
import { guardEntry } from './entry-guard.ts';
import type { ChainEnd, JournalBody, JournalEntry } from './journal-entry.ts';
import { makeDirectory } from './journal-files.ts';
import { JournalHead } from './journal-head.ts';
import { lineBytesMax, sealLine } from './journal-line.ts';
import { createFile, type OpenedFile, openLastFile } from './journal-opening.ts';

/** A file that has reached this is followed by the next. A start reads two of them. */
export const fileBytesMax = 16 * 1024 * 1024;
/** Entries that may wait for the storage; a disk that is slower than that is a disk that has failed. */
export const waitingMax = 10_000;
/** Entries that share one fsync. */
export const batchMax = 500;
/** What a line holds beside the body: number, time, two hashes, member names. */
const lineOverheadMax = 512;
/** How often a storage that has refused is tried again. */
export const probeMs = 5000;

export interface JournalSettings {
  readonly path: string;
  readonly clock: Clock;
  readonly fileBytesMax?: number;
  /** Each entry that is on the storage already, oldest first. */
  readonly replay: (entry: JournalEntry) => void;
  /** What a new file begins with. */
  readonly carry: () => readonly JournalBody[];
}

interface Waiting {
  readonly body: JournalBody;
  readonly safe: (entry: JournalEntry) => void;
  readonly failed: (error: CodedError) => void;
}

const failure = (): CodedError => new CodedError('storage-failed');

/**
 * The append-only journal: numbered files of hash-chained lines. Entries that come while another write is under way go out
 * together, with one fsync. What could not be written is cut off again, so that the chain never holds what nobody knows of.
 */
export class Journal {
  readonly #directory: string;
  readonly #clock: Clock;
  readonly #fileBytesMax: number;
  readonly #carry: () => readonly JournalBody[];
  readonly #lock: DirectoryLock;
  readonly #head: JournalHead;
  #handle: FileHandle;
  #number: number;
  #offset: number;
  #end: ChainEnd;
  /** The file may hold bytes behind the offset. */
  #untidy = false;
  #works = true;
  #closed = false;
  #waiting: Waiting[] = [];
  #pumping: Promise<void> | null = null;
  #probe: Timer | null = null;

  private constructor(settings: JournalSettings, lock: DirectoryLock, head: JournalHead, file: OpenedFile) {
    this.#directory = settings.path;
    this.#clock = settings.clock;
    this.#fileBytesMax = settings.fileBytesMax ?? fileBytesMax;
    this.#carry = settings.carry;
    this.#lock = lock;
    this.#head = head;
    this.#handle = file.handle;
    this.#number = file.number;
    this.#offset = file.offset;
    this.#end = file.end;
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

  /** False from a refused write until the next that succeeds; tried again every {@link probeMs}. */
  get works(): boolean {
    return this.#works;
  }

  /**
   * Resolves when the entry is safe.
   * @throws {CodedError} `storage-failed`: the entry is not in the journal and will not be.
   * @throws {AssertionFailure} the entry may hold a card number; nothing was written.
   */
  async append(body: JournalBody): Promise<JournalEntry> {
    guardEntry(body);
    if (this.#closed || this.#waiting.length >= waitingMax) throw failure();
    if (Buffer.byteLength(JSON.stringify(body)) > lineBytesMax - lineOverheadMax) throw failure();
    return new Promise((safe, failed) => {
      this.#waiting.push({ body, safe, failed });
      this.#pumping ??= this.#pump();
    });
  }

  /** Writes what waits, then gives the directory free. Twice is once. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#probe?.cancel();
    await this.#pumping;
    await this.#handle.close();
    await this.#head.close();
    this.#lock.release();
  }

  async #pump(): Promise<void> {
    // One turn of the event loop, so that entries of one moment share one fsync.
    await new Promise<void>((resolve) => void setImmediate(resolve));
    while (this.#waiting.length > 0) await this.#write(this.#waiting.splice(0, batchMax));
    this.#pumping = null;
  }

  async #write(batch: readonly Waiting[]): Promise<void> {
    try {
      await this.#tidy();
      if (this.#offset >= this.#fileBytesMax) await this.#rotate();
      // Also when an earlier write at the head of this file has failed, or a process died before it.
      const carried = this.#offset === 0 && this.#number > 1 ? this.#carry() : [];
      const at = new Date(this.#clock.now()).toISOString();
      const { text, end, entries } = this.#seal([...carried, ...batch.map(({ body }) => body)], at);
      await this.#store(text);
      this.#end = end;
      this.#works = true;
      // Best effort: it may be behind the journal, never ahead of it.
      await this.#head.write(end).catch(() => undefined);
      for (const [place, { safe }] of batch.entries()) {
        const entry = entries[carried.length + place];
        if (entry !== undefined) safe(entry);
      }
    } catch {
      this.#works = false;
      for (const { failed } of batch) failed(failure());
      this.#probeLater();
    }
  }

  #seal(bodies: readonly JournalBody[], at: string): { text: Buffer; end: ChainEnd; entries: JournalEntry[] } {
    let end = this.#end;
    const entries: JournalEntry[] = [];
    const lines = bodies.map((body) => {
      const sealed = sealLine(end, at, body);
      end = sealed.end;
      entries.push({ seq: end.seq, at, body });
      return sealed.line;
    });
    return { text: Buffer.from(lines.join(''), 'utf8'), end, entries };
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

  #probeLater(): void {
    if (this.#probe !== null || this.#closed) return;
    this.#probe = this.#clock.after(probeMs, () => {
      this.#probe = null;
      if (!this.#works) this.append({ kind: 'worksAgain' }).catch(() => this.#probeLater());
    });
  }
}
