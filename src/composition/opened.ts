/** What has been opened, to be closed in the reverse order. One part that fails to close does not keep the others open. */
export class Opened {
  readonly #closers: (() => Promise<void>)[] = [];

  add(close: () => Promise<void>): void {
    this.#closers.push(close);
  }

  async close(): Promise<void> {
    for (let close = this.#closers.pop(); close !== undefined; close = this.#closers.pop()) {
      await close().catch(() => undefined);
    }
  }
}
