import type { MappedMemory } from './ring-calls.ts';

/** So many datagrams may be on their way through this process; a power of two. More wait in their sockets. */
export const buffersCount = 1024;
/** Longer datagrams are cut off, and refused by their length. */
export const bufferBytes = 2048;
/** Buffers begin an odd number of cache lines apart: their beginnings, which is all that most packets fill, share no place there. */
const bufferStride = 2112;
const entryWords = 4;

export const listBytes = buffersCount * 4 * entryWords;
export const bufferMemoryBytes = buffersCount * bufferStride;

/** Buffers into which the kernel writes datagrams, in a list from which it takes the next (struct io_uring_buf_ring). */
export class PacketBuffers {
  /** By number: the buffer, and both halves of its address. */
  readonly packets: readonly Buffer[];
  readonly low = new Int32Array(buffersCount);
  readonly high = new Int32Array(buffersCount);
  readonly #list: Int32Array;
  readonly #halves: Uint16Array;
  #given = 0;

  constructor(memory: MappedMemory, list: MappedMemory) {
    this.packets = Array.from({ length: buffersCount }, (_, n) =>
      Buffer.from(memory.bytes, n * bufferStride, bufferBytes),
    );
    for (let n = 0; n < buffersCount; n += 1) {
      const address = memory.address + n * bufferStride;
      this.low[n] = address | 0;
      this.high[n] = Math.floor(address / 2 ** 32);
    }
    this.#list = new Int32Array(list.bytes);
    this.#halves = new Uint16Array(list.bytes);
    for (let n = 0; n < buffersCount; n += 1) this.give(n);
  }

  /** The kernel may use the buffer again. The tail of the list lies in what its first entry leaves free. */
  give(buffer: number): void {
    const at = (this.#given & (buffersCount - 1)) * entryWords;
    this.#list[at] = this.low[buffer] as number;
    this.#list[at + 1] = this.high[buffer] as number;
    this.#list[at + 2] = bufferBytes;
    this.#halves[2 * (at + 3)] = buffer;
    this.#given = (this.#given + 1) & 0xffff;
    this.#halves[7] = this.#given;
  }
}
