import { canonicalAddress } from '../offer-answer/canonical-address.ts';

export type SourcePolicy = 'strict' | 'learnOnce' | 'off';

export interface Remote {
  readonly address: string;
  readonly port: number;
}

/** With `learnOnce`, an address other than the described one is believed only after so long without a packet from there. */
export const learnElsewhereMs = 3000;

/**
 * From where a leg's packets may come. `strict`: from the address in its description only. `learnOnce`: the first valid
 * packet settles it, from the described address, from another port of it, or, after a wait, from elsewhere (peers behind
 * NAT). `off`: from anywhere, while ours still go to the described address.
 */
export class SourceGuard {
  readonly #policy: SourcePolicy;
  #described: Remote | undefined;
  #settled: Remote | undefined;
  #since = 0;

  constructor(policy: SourcePolicy) {
    this.#policy = policy;
  }

  /** Where packets for this leg go: the learned address, else the described one. */
  get remote(): Remote | undefined {
    return this.#settled ?? this.#described;
  }

  /** Whether the source cannot change any more, so that the network may filter by it. */
  get fixed(): boolean {
    return this.#policy === 'strict' || (this.#policy === 'learnOnce' && this.#settled !== undefined);
  }

  /** @returns whether the description names another address than before. */
  describe(described: Remote | undefined, now: number): boolean {
    const remote = described && { address: canonicalAddress(described.address), port: described.port };
    const same = remote?.address === this.#described?.address && remote?.port === this.#described?.port;
    if (same) return false;
    this.#described = remote;
    this.#settled = undefined;
    this.#since = now;
    return true;
  }

  admits(address: string, port: number, now: number): boolean {
    const described = this.#described;
    if (described === undefined) return false;
    if (this.#policy === 'off') return true;
    const from = this.#settled ?? described;
    if (from.port === port && from.address === address) return true;
    if (this.#policy === 'strict' || this.#settled !== undefined) return false;
    return address === described.address || now - this.#since >= learnElsewhereMs;
  }

  /** RTCP comes from the same host as RTP, whatever the port. */
  admitsHost(address: string): boolean {
    return this.#policy === 'off' || address === this.remote?.address;
  }

  /** Notes that a valid packet came from there. @returns whether this settled the source. */
  settle(address: string, port: number): boolean {
    if (this.#policy !== 'learnOnce' || this.#settled !== undefined) return false;
    this.#settled = { address, port };
    return true;
  }
}
