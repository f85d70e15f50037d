/**
 * The link to one SIP server, as those see it who wait for something to come by it. When it is lost nothing comes any more,
 * and the library tells nobody: neither the dialogs that the server knew, nor the requests that wait for their answer.
 */
export class SipLink {
  readonly #dialogs = new Set<() => void>();
  readonly #waiting = new Set<() => void>();
  readonly #idle: () => void;

  /** @param idle called whenever the last of those who wait, or of the dialogs, has gone. */
  constructor(idle: () => void = () => undefined) {
    this.#idle = idle;
  }

  get inUse(): boolean {
    return this.#dialogs.size + this.#waiting.size > 0;
  }

  /** Calls `lost` when the link is lost before the returned function was called. */
  whileDialog(lost: () => void): () => void {
    return this.#watch(this.#dialogs, lost);
  }

  /** The same for whoever waits for an answer. */
  whileWaiting(lost: () => void): () => void {
    return this.#watch(this.#waiting, lost);
  }

  /** @returns how many dialogs were lost with it. */
  lose(): number {
    const [waiting, dialogs] = [[...this.#waiting], [...this.#dialogs]];
    this.#waiting.clear();
    this.#dialogs.clear();
    for (const lost of [...waiting, ...dialogs]) lost();
    return dialogs.length;
  }

  #watch(set: Set<() => void>, lost: () => void): () => void {
    set.add(lost);
    return () => {
      if (set.delete(lost) && !this.inUse) this.#idle();
    };
  }
}
