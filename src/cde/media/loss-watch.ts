/** What is known of one leg's packets. */
export interface LossLimits {
  readonly first: number;
  readonly running: number;
  readonly held: number;
}

/** Notes how a leg's count of packets grows, and says once when it has not for too long. Time comes from outside. */
export class LossWatch {
  readonly #limits: LossLimits;
  #packets = 0;
  #grewAt: number;
  #told = false;

  constructor(limits: LossLimits, now: number) {
    this.#limits = limits;
    this.#grewAt = now;
  }

  /** The leg is described anew: what came before is no measure. */
  restart(now: number): void {
    this.#grewAt = now;
    this.#told = false;
  }

  /** @returns true, once for each loss. */
  lost(packets: number, talks: boolean, now: number): boolean {
    if (packets !== this.#packets) {
      this.#packets = packets;
      this.restart(now);
      return false;
    }
    const limit = !talks ? this.#limits.held : packets === 0 ? this.#limits.first : this.#limits.running;
    if (this.#told || now - this.#grewAt <= limit) return false;
    this.#told = true;
    return true;
  }
}
