import { readByFours } from '../../../dtmf/code-words.ts';
import type { MappedMemory } from './ring-calls.ts';

/** So many datagrams may be on their way through this process; a power of two. More wait in their sockets. */
export const buffersCount = 1024;
/** Longer datagrams are cut off, and refused by their length. */
export const bufferBytes = 2048;
/** Buffers begin an odd number of cache lines apart: their beginnings, which is all that most packets fill, share no place there. */
const bufferStride = 2112;
const entryWords = 4;

export const listBytes = buffersCount * 4 * entryWords;
export const memoryBytes = (packets: number): number => packets * bufferStride;

/** Memory for so many packets that the kernel sees too. */
export class PacketMemory {
  /** By number: the packet, and both halves of its address. */
  readonly packets: readonly Buffer[];
  readonly low: Int32Array;
  readonly high: Int32Array;

  constructor(memory: MappedMemory, count: number) {
    const numbers = Array.from({ length: count }, (_, n) => n);
    this.packets = numbers.map((n) => Buffer.from(memory.bytes, n * bufferStride, bufferBytes));
    for (const packet of this.packets) readByFours(packet);
    this.low = Int32Array.from(numbers, (n) => (memory.address + n * bufferStride) | 0);
    this.high = Int32Array.from(numbers, (n) => Math.floor((memory.address + n * bufferStride) / 2 ** 32));
  }
}

/** Buffers into which the kernel writes datagrams, in a list from which it takes the next (struct io_uring_buf_ring). */
export class PacketBuffers {
  readonly memory: PacketMemory;
  readonly #list: Int32Array;
  readonly #halves: Uint16Array;
  #given = 0;

  constructor(memory: MappedMemory, list: MappedMemory) {
    this.memory = new PacketMemory(memory, buffersCount);
    this.#list = new Int32Array(list.bytes);
    this.#halves = new Uint16Array(list.bytes);
    for (let n = 0; n < buffersCount; n += 1) this.give(n);
  }

  /** The kernel may use the buffer again. The tail of the list lies in what its first entry leaves free. */
  give(buffer: number): void {
    const at = (this.#given & (buffersCount - 1)) * entryWords;
    this.#list[at] = this.memory.low[buffer] as number;
    this.#list[at + 1] = this.memory.high[buffer] as number;
    this.#list[at + 2] = bufferBytes;
    this.#halves[2 * (at + 3)] = buffer;
    this.#given = (this.#given + 1) & 0xffff;
    this.#halves[7] = this.#given;
  }
}
