import { Socket } from 'node:net';

/**
 * One end of a connection within this process: a socket to whoever holds it, and no system call. What one end writes, the
 * other reads at the end of the turn, in one piece.
 */
class MemorySocket extends Socket {
  #far: MemorySocket | undefined;
  #waiting: Buffer[] = [];

  join(far: MemorySocket): void {
    this.#far = far;
  }

  override _write(chunk: Buffer | string, encoding: BufferEncoding, done: () => void): void {
    this.#pass(typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk);
    done();
  }

  // Node's own would ask for the socket's handle.
  override _writev = undefined as never;

  override _read(): void {
    // What there is was pushed already.
  }

  override _final(done: () => void): void {
    // After what was written before.
    setImmediate(() => {
      this.#far?.push(null);
      done();
    });
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    const far = this.#far;
    this.#far = undefined;
    this.#waiting = [];
    setImmediate(() => far?.destroy());
    super._destroy(error, done);
  }

  #pass(chunk: Buffer): void {
    if (this.#waiting.push(chunk) > 1) return;
    setImmediate(() => {
      const chunks = this.#waiting;
      this.#waiting = [];
      const [only] = chunks;
      if (only !== undefined) this.#far?.push(chunks.length === 1 ? only : Buffer.concat(chunks));
    });
  }
}

/** Both ends of a new connection within this process. */
export function memoryLink(): readonly [Socket, Socket] {
  const [one, other] = [new MemorySocket(), new MemorySocket()];
  one.join(other);
  other.join(one);
  return [one, other];
}
