/**
 * The link to one SIP server, as those see it who wait for something to come by it. When it is lost nothing comes any more,
 * and the library tells nobody: neither the dialogs that the server knew, nor the requests that wait for their answer.
 */
export class SipLink {
  readonly #dialogs = new Set<() => void>();
  readonly #waiting = new Set<() => void>();

  /** Calls `lost` when the link is lost before the returned function was called. */
  whileDialog(lost: () => void): () => void {
    return watch(this.#dialogs, lost);
  }

  /** The same for whoever waits for an answer. */
  whileWaiting(lost: () => void): () => void {
    return watch(this.#waiting, lost);
  }

  /** @returns how many dialogs were lost with it. */
  lose(): number {
    const [waiting, dialogs] = [[...this.#waiting], [...this.#dialogs]];
    this.#waiting.clear();
    this.#dialogs.clear();
    for (const lost of [...waiting, ...dialogs]) lost();
    return dialogs.length;
  }
}

function watch(set: Set<() => void>, lost: () => void): () => void {
  set.add(lost);
  return () => void set.delete(lost);
}
