import { randomInt } from 'node:crypto';
import { CodedError } from '../../../shared/coded-error.ts';

/**
 * The media ports of the gateway: even ones for RTP, each with the next for RTCP (RFC 3550 §11). Given out at random, so
 * that nobody can tell the next; a returned one rests, so that late packets of its call meet nobody.
 */
export class PortPool {
  readonly #free: number[] = [];
  readonly #taken = new Set<number>();
  readonly #resting: { readonly port: number; readonly until: number }[] = [];
  readonly #restMs: number;
  readonly #now: () => number;

  constructor(range: readonly [number, number], restMs: number, now: () => number) {
    for (let port = range[0] + (range[0] % 2); port + 1 <= range[1]; port += 2) this.#free.push(port);
    this.#restMs = restMs;
    this.#now = now;
  }

  get taken(): number {
    return this.#taken.size;
  }

  /** Ports that could be taken now. */
  get free(): number {
    this.#wakeRested();
    return this.#free.length;
  }

  /** @returns an even port. @throws {CodedError} `media-failed` when none is left. */
  take(): number {
    this.#wakeRested();
    if (this.#free.length === 0) throw new CodedError('media-failed', 'no media port is free');
    const at = randomInt(this.#free.length);
    const port = this.#free[at] as number;
    this.#free[at] = this.#free.at(-1) as number;
    this.#free.pop();
    this.#taken.add(port);
    return port;
  }

  /** Gives ports back; they rest first. Twice is once. */
  give(...ports: readonly number[]): void {
    for (const port of ports) {
      if (this.#taken.delete(port)) this.#resting.push({ port, until: this.#now() + this.#restMs });
    }
  }

  /** Whether a call of ours listens on the port or the one below it. */
  listensOn(port: number): boolean {
    return this.#taken.has(port - (port % 2));
  }

  #wakeRested(): void {
    const now = this.#now();
    let rested = 0;
    while (rested < this.#resting.length && (this.#resting[rested]?.until ?? 0) <= now) rested += 1;
    for (const { port } of this.#resting.splice(0, rested)) this.#free.push(port);
  }
}
