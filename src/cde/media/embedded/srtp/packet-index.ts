/** RFC 3711 §3.3.2 asks for a window of at least 64. */
const windowPackets = 128;
const never = -1;
const roll = 0x10000;

/**
 * The indices of one stream's packets: 48 bits, of which the packet carries 16 (RFC 3711 §3.3.1 and Appendix A), and which
 * of them were there already (§3.3.2).
 */
export class PacketIndex {
  #highest = never;
  readonly #seen = new Float64Array(windowPackets).fill(never);

  /** The index that a sequence number most probably stands for. */
  estimate(sequence: number): number {
    if (this.#highest === never) return sequence;
    const rolls = Math.floor(this.#highest / roll);
    const last = this.#highest % roll;
    if (last < roll / 2)
      return sequence - last > roll / 2 && rolls > 0 ? (rolls - 1) * roll + sequence : rolls * roll + sequence;
    return last - roll / 2 > sequence ? (rolls + 1) * roll + sequence : rolls * roll + sequence;
  }

  /** Whether the index was there already, or is too old to say. */
  isReplayed(index: number): boolean {
    return (
      this.#seen[index % windowPackets] === index || (this.#highest !== never && index <= this.#highest - windowPackets)
    );
  }

  /** Notes an index that is proven. */
  note(index: number): void {
    this.#seen[index % windowPackets] = index;
    if (index > this.#highest) this.#highest = index;
  }
}
