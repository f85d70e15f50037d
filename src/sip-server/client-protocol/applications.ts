import type { Client } from './client.ts';

/** One that has said who it is, and which requests it wants. */
export interface Application extends Client {
  /** Methods in lower case, and `cdr:…` for the records of calls. */
  readonly routes: ReadonlySet<string>;
  readonly tags: ReadonlySet<string>;
}

/** All that take requests of their own accord, by whatever way they speak to the server, and whose turn it is. */
export class Applications {
  readonly #all = new Set<Application>();
  #turn = 0;

  get size(): number {
    return this.#all.size;
  }

  add(application: Application): void {
    this.#all.add(application);
  }

  /** Harmless where it is not there. */
  remove(application: Application): void {
    this.#all.delete(application);
  }

  /** The next application, in turn, that wants requests of this method; with a tag, only of those that have it. */
  pick(method: string, tag?: string): Application | undefined {
    const verb = method.toLowerCase();
    const willing = [...this.#all].filter(
      (application) => application.routes.has(verb) && (tag === undefined || application.tags.has(tag)),
    );
    if (willing.length === 0) return undefined;
    this.#turn = (this.#turn + 1) % Number.MAX_SAFE_INTEGER;
    return willing[this.#turn % willing.length];
  }

  /** Methods that somebody wants, in upper case: what Allow says. */
  get methods(): readonly string[] {
    const verbs = [...this.#all].flatMap((application) => [...application.routes]);
    return [...new Set(verbs.filter((verb) => !verb.startsWith('cdr:')).map((verb) => verb.toUpperCase()))];
  }
}
