import { AssertionFailure } from '../shared/assert.ts';
import type { Clock, Timer } from '../shared/clock.ts';
import { CodedError } from '../shared/coded-error.ts';
import { guardEntry } from './entry-guard.ts';
import type { JournalBody, JournalEntry } from './journal-entry.ts';
import { lineBytesMax } from './journal-line.ts';

/** Entries that may wait for the storage; a storage that is slower than that is one that has failed. */
export const waitingMax = 10_000;
/** Entries that share one fsync or one commit. */
export const batchMax = 500;
/** What a line holds beside the body: number, time, two hashes, member names. */
const lineOverheadMax = 512;
/** How often a storage that has refused is tried again. */
export const probeMs = 5000;

/** Writes entries at the end of a chain, all of them or none, and returns them as they stand there. */
export type WriteBatch = (bodies: readonly JournalBody[], at: string) => Promise<readonly JournalEntry[]>;

interface Waiting {
  readonly body: JournalBody;
  readonly safe: (entry: JournalEntry) => void;
  readonly failed: (error: CodedError) => void;
}

export const storageFailure = (): CodedError => new CodedError('storage-failed');

/** Entries on their way to the storage: those that come while a write is under way go out together. */
export class AppendQueue {
  readonly #write: WriteBatch;
  readonly #clock: Clock;
  #works = true;
  #closed = false;
  #waiting: Waiting[] = [];
  #pumping: Promise<void> | null = null;
  #probe: Timer | null = null;

  constructor(write: WriteBatch, clock: Clock) {
    this.#write = write;
    this.#clock = clock;
  }

  /** False from a refused write until the next that succeeds; tried again every {@link probeMs}. */
  get works(): boolean {
    return this.#works;
  }

  /** As `EntryStore.append`. */
  async append(body: JournalBody): Promise<JournalEntry> {
    guardEntry(body);
    if (this.#closed || this.#waiting.length >= waitingMax) throw storageFailure();
    if (Buffer.byteLength(JSON.stringify(body)) > lineBytesMax - lineOverheadMax) throw storageFailure();
    return new Promise((safe, failed) => {
      this.#waiting.push({ body, safe, failed });
      this.#pumping ??= this.#pump();
    });
  }

  /** Takes nothing more; resolves when what waited has been written or refused. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#probe?.cancel();
    await this.#pumping;
  }

  async #pump(): Promise<void> {
    // One turn of the event loop, so that entries of one moment share one write.
    await new Promise<void>((resolve) => void setImmediate(resolve));
    while (this.#waiting.length > 0) await this.#put(this.#waiting.splice(0, batchMax));
    this.#pumping = null;
  }

  async #put(batch: readonly Waiting[]): Promise<void> {
    try {
      const at = new Date(this.#clock.now()).toISOString();
      const bodies = batch.map(({ body }) => body);
      const entries = await this.#write(bodies, at);
      this.#works = true;
      for (const [place, { safe }] of batch.entries()) {
        const entry = entries[place];
        if (entry === undefined) throw new AssertionFailure();
        safe(entry);
      }
    } catch {
      this.#works = false;
      for (const { failed } of batch) failed(storageFailure());
      this.#probeLater();
    }
  }

  #probeLater(): void {
    if (this.#probe !== null || this.#closed) return;
    this.#probe = this.#clock.after(probeMs, () => {
      this.#probe = null;
      if (!this.#works) this.append({ kind: 'worksAgain' }).catch(() => this.#probeLater());
    });
  }
}
