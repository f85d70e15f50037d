import type { Clock, Timer } from '../../shared/clock.ts';

/** Words that a gateway has for the database within the time after which it counts as hung. */
const wordsWithin = 4;
/** Whoever acts upon what it has written does so within this part of that time: others look at clocks of their own. */
const freshPart = 0.75;

/** What a gateway knows of its hold on its own chain: when it last showed, and whether another has taken the chain. */
export class ChainHold {
  readonly #clock: Clock;
  readonly #silentMs: number | null;
  readonly #onLost: (() => void)[] = [];
  #lost = false;
  /** When that was said to the database which it has answered last, as the owner's. */
  #shownMs = 0;
  #timer: Timer | null = null;
  #stopped = false;

  /** @param silentMs as `PostgresSettings.silentMs`. */
  constructor(clock: Clock, silentMs: number | null) {
    this.#clock = clock;
    this.#silentMs = silentMs;
  }

  get lost(): boolean {
    return this.#lost;
  }

  /** As `EntryStore.fresh`. */
  get fresh(): boolean {
    const age = this.#clock.monotonic() - this.#shownMs;
    return !this.#lost && (this.#silentMs === null || age < this.#silentMs * freshPart);
  }

  /** As `EntryStore.onLost`. */
  onLost(lost: () => void): void {
    if (this.#lost) lost();
    else this.#onLost.push(lost);
  }

  /** The database has taken the chain for ours. @param saidMs when it was asked: it was true then, or later. */
  shown(saidMs: number): void {
    this.#shownMs = saidMs;
  }

  lose(): void {
    this.#lost = true;
    this.#timer?.cancel();
    for (const lost of this.#onLost.splice(0)) lost();
  }

  /** Has a word for the database from time to time: who says nothing hangs. */
  begin(word: () => Promise<unknown>): void {
    if (this.#silentMs === null || this.#stopped || this.#lost) return;
    this.#timer = this.#clock.after(this.#silentMs / wordsWithin, () => {
      void word()
        .catch(() => undefined)
        .then(() => this.begin(word));
    });
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
  }
}
