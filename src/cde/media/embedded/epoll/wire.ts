import { wipeEvent } from '../../../dtmf/telephone-event.ts';
import { copyBytes, wipeBytes } from '../bytes.ts';
import { type Libc, linux, SharedMemory } from './libc.ts';
import { socketAddressBytes } from './socket-address.ts';

/** Longer datagrams are cut off, and refused by their length. */
export const datagramBytes = 2048;
const addressAt = 2 * datagramBytes;
const optionAt = addressAt + 64;
const infoLengthAt = optionAt + 64;

/**
 * The memory through which everything goes to the kernel and comes from it, and the calls that use more of it than a
 * packet. One for a process: it is used from one call to the next and never kept.
 */
export class Wire {
  /** Where every datagram arrives. */
  readonly incoming: Buffer;
  readonly incomingAddress: number;
  readonly libc: Libc;
  readonly #memory = new SharedMemory(infoLengthAt + 64);
  /** Bytes of the packet that was copied last. */
  #placed = 0;

  constructor(libc: Libc) {
    this.libc = libc;
    this.incoming = this.#memory.bytes.subarray(0, datagramBytes);
    this.incomingAddress = this.#memory.address;
  }

  /** @returns the length of the datagram, −1 for none; {@link address} says from where it came. */
  receiveFrom(fd: number): number {
    const { bytes, address } = this.#memory;
    bytes.writeUInt32LE(socketAddressBytes, optionAt);
    return this.libc.recvfrom(fd, address, datagramBytes, 0, address + addressAt, address + optionAt);
  }

  /** The address that came with the datagram received last, as the kernel writes it. */
  get address(): Buffer {
    return this.#memory.bytes.subarray(addressAt, addressAt + socketAddressBytes);
  }

  /** Whether that is the address of `length` bytes at `at`. */
  sameAddress(known: Buffer, at: number, length: number): boolean {
    return known.compare(this.#memory.bytes, addressAt, addressAt + length, at, at + length) === 0;
  }

  /** @returns where the kernel finds bytes `start` to `end`: in place when they arrived here, else in a copy. */
  place(packet: Buffer, start: number, end: number): number {
    if (packet === this.incoming) return start === 0 ? this.incomingAddress : this.incomingAddress + start;
    this.#placed = Math.min(end - start, datagramBytes);
    copyBytes(packet, start, start + this.#placed, this.#memory.bytes, datagramBytes);
    return this.#memory.address + datagramBytes;
  }

  /** Overwrites the event of a packet that has gone, and of its copy here. */
  wipe(packet: Buffer, at: number): void {
    wipeEvent(packet, at);
    if (packet !== this.incoming) wipeBytes(this.#memory.bytes, datagramBytes, datagramBytes + this.#placed);
  }

  /** @returns the address to which the kernel has bound a socket. */
  boundTo(fd: number): Buffer | undefined {
    const { bytes, address } = this.#memory;
    bytes.writeUInt32LE(socketAddressBytes, optionAt);
    const read = this.libc.getsockname(fd, address + addressAt, address + optionAt) === 0;
    return read ? Buffer.from(this.address) : undefined;
  }

  /** Hands the address at `at` to the kernel. @returns where it is. */
  placeAddress(bytes: Buffer, at: number): number {
    bytes.copy(this.#memory.bytes, addressAt, at, at + socketAddressBytes);
    return this.#memory.address + addressAt;
  }

  setOption(fd: number, level: number, option: number, value: number): boolean {
    this.#memory.bytes.writeInt32LE(value, optionAt);
    return this.libc.setsockopt(fd, level, option, this.#memory.address + optionAt, 4) === 0;
  }

  /** Takes what waits in a socket out of it, unread, up to `max` datagrams. @returns how many it was. */
  discard(fd: number, max: number): number {
    let count = 0;
    while (count < max && this.libc.recv(fd, this.#memory.address, 0, 0) >= 0) count += 1;
    return count;
  }

  /** Datagrams that a socket has dropped; it counts them in 32 bits. */
  dropped(fd: number): number {
    const { bytes, address } = this.#memory;
    const { SOL_SOCKET, SO_MEMINFO, SK_MEMINFO_VARS, SK_MEMINFO_DROPS } = linux;
    bytes.writeUInt32LE(4 * SK_MEMINFO_VARS, infoLengthAt);
    const read = this.libc.getsockopt(fd, SOL_SOCKET, SO_MEMINFO, address + optionAt, address + infoLengthAt);
    return read === 0 ? bytes.readUInt32LE(optionAt + 4 * SK_MEMINFO_DROPS) : 0;
  }
}
