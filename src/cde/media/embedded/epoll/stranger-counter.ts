import { linux } from './libc.ts';
import type { Wire } from './wire.ts';

/**
 * A second socket on the port of a connected one. What does not come from the peer meets this one, which drops it in the
 * kernel and counts it: no answer (ICMP) tells a stranger that the port is in use or free, and no flood wakes the process.
 */
export class StrangerCounter {
  readonly #wire: Wire;
  readonly #beside: number;
  readonly #local: Buffer;
  #fd = -1;
  #before = 0;

  /** `beside` is the connected socket, `local` the address to which it is bound. */
  constructor(wire: Wire, beside: number, local: Buffer) {
    this.#wire = wire;
    this.#beside = beside;
    this.#local = local;
  }

  /** Where the kernel does not allow it, strangers are dropped all the same and not counted. Twice is once. */
  open(): void {
    if (this.#fd >= 0) return;
    const { SOCK_DGRAM, SOCK_NONBLOCK, SOCK_CLOEXEC, SOL_SOCKET, SO_REUSEADDR } = linux;
    const { libc } = this.#wire;
    const fd = libc.socket(this.#local.readUInt16LE(0), SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) return;
    const share = (shared: number): boolean =>
      [this.#beside, fd].every((one) => this.#wire.setOption(one, SOL_SOCKET, SO_REUSEADDR, shared));
    const bound =
      this.#wire.dropAll(fd) &&
      share(1) &&
      libc.bind(fd, this.#wire.placeAddress(this.#local), this.#local.length) === 0;
    // Shared for a moment only, between us two: no program that comes later may bind the port.
    share(0);
    if (bound) this.#fd = fd;
    else libc.close(fd);
  }

  count(): number {
    return this.#before + (this.#fd < 0 ? 0 : this.#wire.dropped(this.#fd));
  }

  close(): void {
    if (this.#fd < 0) return;
    this.#before = this.count();
    this.#wire.libc.close(this.#fd);
    this.#fd = -1;
  }
}
