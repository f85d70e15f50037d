import type { Clock } from '../shared/clock.ts';

/** Where grants stand by the hash of their secret, until they are too old; on one gateway, or for all of them. */
export interface TicketShelf {
  keep(key: string, text: string, ms: number): Promise<void>;
  /** @returns what was kept, or undefined; it is kept no more. Of two who take at once one gets it. */
  take(key: string): Promise<string | undefined>;
  look(key: string): Promise<string | undefined>;
}

/** Grants of a gateway that stands alone: a restart forgets them. The oldest goes first when there are too many. */
export class LocalTicketShelf implements TicketShelf {
  readonly #clock: Clock;
  readonly #limit: number;
  readonly #kept = new Map<string, { readonly text: string; readonly until: number }>();

  constructor(clock: Clock, limit: number) {
    this.#clock = clock;
    this.#limit = limit;
  }

  async keep(key: string, text: string, ms: number): Promise<void> {
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size < this.#limit) break;
      this.#kept.delete(oldest);
    }
    this.#kept.set(key, { text, until: this.#clock.now() + ms });
  }

  async take(key: string): Promise<string | undefined> {
    const text = this.#find(key);
    this.#kept.delete(key);
    return text;
  }

  async look(key: string): Promise<string | undefined> {
    return this.#find(key);
  }

  #find(key: string): string | undefined {
    const kept = this.#kept.get(key);
    if (kept === undefined || kept.until > this.#clock.now()) return kept?.text;
    this.#kept.delete(key);
    return undefined;
  }
}
