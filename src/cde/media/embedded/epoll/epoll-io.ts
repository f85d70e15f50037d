import { isIPv6 } from 'node:net';
import { assert } from '../../../../shared/assert.ts';
import { CodedError } from '../../../../shared/coded-error.ts';
import type { Alarm, Receiver, RtpIo, RtpSocket } from '../rtp-io.ts';
import { AddressBook, localAt } from './address-book.ts';
import { EpollSocket } from './epoll-socket.ts';
import { linux, loadLibc } from './libc.ts';
import { type LoopOptions, PacketLoop } from './packet-loop.ts';
import { readPort, socketAddressBytes, writeSocketAddress } from './socket-address.ts';
import { Wire } from './wire.ts';

/** RFC 3246: expedited forwarding, DSCP 46 in the upper six bits of the octet. */
const expedited = 46 << 2;

/** Datagrams by system calls of our own: one copy, no garbage, and the kernel's filter. Linux only. */
export class EpollIo implements RtpIo {
  readonly #wire: Wire;
  readonly #loop: PacketLoop;
  readonly #book = new AddressBook();

  /** @throws where this machine has not what it takes. */
  constructor(options: LoopOptions) {
    const libc = loadLibc();
    this.#wire = new Wire(libc);
    this.#loop = new PacketLoop(libc, options);
    this.#prove();
  }

  get hasRing(): boolean {
    return this.#loop.ring !== undefined;
  }

  async open(address: string, port: number, receiver: Receiver): Promise<RtpSocket> {
    const local = socketAddress(address, port);
    const fd = this.#bind(local);
    if (fd < 0) throw new CodedError('media-failed', 'a media port cannot be bound');
    const one = address !== '0.0.0.0' && address !== '::';
    const addresses = this.#book.take();
    local.copy(addresses.bytes, addresses.at + localAt);
    const socket = new EpollSocket(fd, { book: this.#book, addresses }, one, this.#loop, this.#wire, receiver);
    this.#loop.add(fd, socket);
    return socket;
  }

  alarm(ring: () => void): Alarm {
    return this.#loop.alarm(ring);
  }

  yield(): void {
    this.#loop.yield();
  }

  /** @returns a socket that no other program can share, or −1. */
  #bind(local: Buffer): number {
    const { SOCK_DGRAM, SOCK_NONBLOCK, SOCK_CLOEXEC, AF_INET6 } = linux;
    const { libc } = this.#wire;
    const family = local.readUInt16LE(0);
    const fd = libc.socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) return -1;
    if (family === AF_INET6) {
      this.#wire.setOption(fd, linux.IPPROTO_IPV6, linux.IPV6_V6ONLY, 1);
      this.#wire.setOption(fd, linux.IPPROTO_IPV6, linux.IPV6_TCLASS, expedited);
    } else {
      this.#wire.setOption(fd, linux.IPPROTO_IP, linux.IP_TOS, expedited);
    }
    if (libc.bind(fd, this.#wire.placeAddress(local, 0), local.length) === 0) return fd;
    libc.close(fd);
    return -1;
  }

  /** A datagram to ourselves must come back as it was: else the numbers of `linux` are not those of this machine. */
  #prove(): void {
    const { libc } = this.#wire;
    const fd = this.#bind(socketAddress('127.0.0.1', 0));
    assert(fd >= 0);
    try {
      const own = Buffer.alloc(socketAddressBytes);
      const bound = this.#wire.boundTo(fd);
      assert(bound !== undefined);
      const length = writeSocketAddress(own, 0, '127.0.0.1', readPort(bound, 0));
      assert(libc.connect(fd, this.#wire.placeAddress(own, 0), length) === 0);
      const word = Buffer.from('here and back again');
      assert(libc.send(fd, this.#wire.place(word, 0, word.length), word.length, 0) === word.length);
      assert(libc.recv(fd, this.#wire.incomingAddress, word.length, 0) === word.length);
      assert(this.#wire.incoming.subarray(0, word.length).equals(word));
    } finally {
      libc.close(fd);
    }
  }
}

const scratch = Buffer.alloc(socketAddressBytes);

/** @returns what holds until the next one is asked for. */
function socketAddress(address: string, port: number): Buffer {
  const length = writeSocketAddress(scratch, 0, address, port);
  assert(length === socketAddressBytes || !isIPv6(address));
  return scratch.subarray(0, length);
}
