import { CodedError } from './coded-error.ts';

/** More than this many waiting operations on one call is a flood or a hang, not work. */
export const queueLimit = 256;

/**
 * Runs operations one after another, in the order in which they came. One stands behind each call: what happens to a call
 * (SIP, media, an agent's click) is put on it and acted on in turn, so that no two handlers see each other's half-done work.
 */
export class SerialQueue {
  #tail: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  /** Operations that wait or run. */
  get size(): number {
    return this.#waiting;
  }

  /**
   * Runs `operation` when all earlier ones have ended, whether they succeeded or failed.
   * @returns what the operation returns; its rejection is the caller's alone and does not stop the queue.
   * @throws {CodedError} `overloaded` when {@link queueLimit} operations wait already.
   */
  run<T>(operation: () => T | Promise<T>): Promise<T> {
    return this.#waiting >= queueLimit ? Promise.reject(new CodedError('overloaded')) : this.must(operation);
  }

  /**
   * Like {@link run}, without the limit: for what cannot be refused and happens a bounded number of times in a call, such
   * as its end. A flood of lesser work must not keep a hang-up out.
   */
  must<T>(operation: () => T | Promise<T>): Promise<T> {
    this.#waiting += 1;
    const result = this.#tail.then(operation);
    this.#tail = result.then(
      () => this.#settle(),
      () => this.#settle(),
    );
    return result;
  }

  /** Resolves when everything that was put on the queue so far has ended. */
  async idle(): Promise<void> {
    await this.#tail;
  }

  #settle(): void {
    this.#waiting -= 1;
  }
}
