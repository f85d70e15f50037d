import { type AddressSlot, localAt } from './address-book.ts';
import { linux } from './libc.ts';
import { addressLength } from './socket-address.ts';
import type { Wire } from './wire.ts';

/** Far more datagrams than the least queue that the kernel grants a socket (socket(7), SO_RCVBUF) can hold. */
const queuedMax = 64;

/**
 * A second socket on the port of a connected one. What does not come from the peer meets this one, which holds a datagram
 * or two; the kernel drops and counts the others: no answer (ICMP) tells a stranger that the port is in use or free, and no
 * flood wakes the process. A filter that drops all would do the same, but the kernel compiles it anew for each socket: that
 * took a sixth of the process's time for a call.
 */
export class StrangerCounter {
  readonly #wire: Wire;
  readonly #beside: number;
  readonly #addresses: AddressSlot;
  #fd = -1;
  #before = 0;

  /** `beside` is the connected socket, and these are its addresses. */
  constructor(wire: Wire, beside: number, addresses: AddressSlot) {
    this.#wire = wire;
    this.#beside = beside;
    this.#addresses = addresses;
  }

  /** Where the kernel does not allow it, strangers are dropped all the same and not counted. Twice is once. */
  open(): void {
    if (this.#fd >= 0) return;
    const { SOCK_DGRAM, SOCK_NONBLOCK, SOCK_CLOEXEC, SOL_SOCKET, SO_REUSEADDR, SO_RCVBUF } = linux;
    const { libc } = this.#wire;
    const local = this.#addresses.at + localAt;
    const { bytes } = this.#addresses;
    const fd = libc.socket(bytes.readUInt16LE(local), SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) return;
    const share = (one: number, shared: number): boolean => this.#wire.setOption(one, SOL_SOCKET, SO_REUSEADDR, shared);
    const bound =
      this.#wire.setOption(fd, SOL_SOCKET, SO_RCVBUF, 0) &&
      share(this.#beside, 1) &&
      share(fd, 1) &&
      libc.bind(fd, this.#wire.placeAddress(bytes, local), addressLength(bytes, local)) === 0;
    // Shared for a moment only, between us two: no program that comes later may bind the port, for which all would have to allow it.
    share(this.#beside, 0);
    if (bound) this.#fd = fd;
    else libc.close(fd);
  }

  count(): number {
    if (this.#fd < 0) return this.#before;
    this.#before += this.#wire.discard(this.#fd, queuedMax);
    return this.#before + this.#wire.dropped(this.#fd);
  }

  close(): void {
    if (this.#fd < 0) return;
    this.#before = this.count();
    this.#wire.libc.close(this.#fd);
    this.#fd = -1;
  }
}
