import type { Clock } from '../shared/clock.ts';
import { CodedError } from '../shared/coded-error.ts';

/** An answer as it left, so that a replay is the same to the byte. Masked like everything that leaves. */
export interface StoredAnswer {
  readonly status: number;
  readonly mediaType: string;
  readonly body: string;
}

interface Entry {
  readonly fingerprint: string;
  readonly at: number;
  readonly answer: Promise<StoredAnswer>;
  settled: boolean;
}

export const replayWindowMs = 24 * 60 * 60 * 1000;
export const entriesPerAgent = 500;
export const entriesLimit = 10_000;

/**
 * Answers by Idempotency-Key, per agent. What our own inability caused (status 500 and above) is not kept, so that the
 * same key may try again.
 */
export class IdempotencyStore {
  readonly #agents = new Map<string, Map<string, Entry>>();
  readonly #clock: Clock;
  #size = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#size;
  }

  /**
   * Runs `produce` once for a key; a twin gets the first one's answer, and waits for it if need be.
   * @throws {CodedError} `idempotency-key-reused` when the key came with another request, `overloaded` when all places are
   * taken by commands that still run.
   */
  async run(
    agent: string,
    key: string,
    fingerprint: string,
    produce: () => Promise<StoredAnswer>,
  ): Promise<{ answer: StoredAnswer; replayed: boolean }> {
    const now = this.#clock.monotonic();
    const entries = this.#agents.get(agent) ?? new Map<string, Entry>();
    const known = entries.get(key);
    if (known !== undefined && now - known.at < replayWindowMs) {
      if (known.fingerprint !== fingerprint) throw new CodedError('idempotency-key-reused');
      return { answer: await known.answer, replayed: true };
    }
    if (known !== undefined) this.#drop(agent, key);
    this.#makeRoom(agent, entries, now);
    const entry: Entry = { fingerprint, at: now, answer: produce(), settled: false };
    this.#agents.set(agent, entries.set(key, entry));
    this.#size += 1;
    try {
      const answer = await entry.answer;
      if (answer.status >= 500) this.#forget(agent, key, entry);
      return { answer, replayed: false };
    } catch (error) {
      this.#forget(agent, key, entry);
      throw error;
    } finally {
      entry.settled = true;
    }
  }

  /** Insertion order is age. What still runs is never dropped: its twin would run it again. */
  #makeRoom(agent: string, entries: Map<string, Entry>, now: number): void {
    for (const [key, entry] of entries) {
      if (!entry.settled) continue;
      if (now - entry.at < replayWindowMs && entries.size < entriesPerAgent) break;
      this.#drop(agent, key);
    }
    if (entries.size >= entriesPerAgent) throw new CodedError('overloaded');
    if (this.#size >= entriesLimit) this.#dropOldestAgentsEntry();
    if (this.#size >= entriesLimit) throw new CodedError('overloaded');
  }

  #dropOldestAgentsEntry(): void {
    for (const [agent, entries] of this.#agents) {
      for (const [key, entry] of entries) {
        if (entry.settled) return this.#drop(agent, key);
      }
    }
  }

  #forget(agent: string, key: string, entry: Entry): void {
    if (this.#agents.get(agent)?.get(key) === entry) this.#drop(agent, key);
  }

  #drop(agent: string, key: string): void {
    const entries = this.#agents.get(agent);
    if (entries?.delete(key) !== true) return;
    this.#size -= 1;
    if (entries.size === 0) this.#agents.delete(agent);
  }
}
