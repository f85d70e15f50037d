import { endianness } from 'node:os';
import koffi from 'koffi';
import { assert } from '../../../../shared/assert.ts';

/**
 * The system calls of the relay, called from JavaScript. Addresses of memory are numbers (they have 47 bits), so that a
 * call makes no garbage; every result is a C `int`, −1 for an error.
 */
export interface Libc {
  epoll_create1(flags: number): number;
  epoll_ctl(epoll: number, operation: number, fd: number, event: number): number;
  epoll_wait(epoll: number, events: number, max: number, timeoutMs: number): number;
  socket(family: number, type: number, protocol: number): number;
  bind(fd: number, address: number, length: number): number;
  connect(fd: number, address: number, length: number): number;
  getsockname(fd: number, address: number, length: number): number;
  setsockopt(fd: number, level: number, option: number, value: number, length: number): number;
  getsockopt(fd: number, level: number, option: number, value: number, length: number): number;
  recv(fd: number, buffer: number, length: number, flags: number): number;
  recvfrom(fd: number, buffer: number, length: number, flags: number, address: number, addressLength: number): number;
  send(fd: number, buffer: number, length: number, flags: number): number;
  sendto(fd: number, buffer: number, length: number, flags: number, address: number, addressLength: number): number;
  close(fd: number): number;
}

/** `i` is an int, `l` a number of the size of an address. */
const parameters: Readonly<Record<keyof Libc, string>> = {
  epoll_create1: 'i',
  epoll_ctl: 'iiil',
  epoll_wait: 'ilii',
  socket: 'iii',
  bind: 'ili',
  connect: 'ili',
  getsockname: 'ill',
  setsockopt: 'iiili',
  getsockopt: 'iiill',
  recv: 'illi',
  recvfrom: 'illill',
  send: 'illi',
  sendto: 'illili',
  close: 'i',
};

/** @throws where this machine is not one on which the numbers below are right, or has no such library. */
export function loadLibc(): Libc {
  assert(process.platform === 'linux' && endianness() === 'LE' && ['x64', 'arm64'].includes(process.arch));
  const library = koffi.load(null);
  const named = Object.entries(parameters).map(([name, letters]) => {
    const types = [...letters].map((letter) => (letter === 'i' ? 'int' : 'int64_t'));
    return [name, library.func(name, 'int', types)];
  });
  return Object.fromEntries(named) as Libc;
}

/** A piece of memory that both sides see: it is never moved, and lives as long as this does. */
export class SharedMemory {
  readonly bytes: Buffer;
  readonly address: number;

  /** Small buffers live in memory that the garbage collector moves, so none is smaller than this. */
  constructor(size: number) {
    this.bytes = Buffer.from(new ArrayBuffer(Math.max(256, size)));
    this.address = Number(koffi.address(this.bytes));
  }
}

// include/uapi/linux/socket.h, asm-generic/socket.h, in.h, in6.h, sock_diag.h, eventpoll.h of Linux.
export const linux = {
  AF_UNSPEC: 0,
  AF_INET: 2,
  AF_INET6: 10,
  SOCK_DGRAM: 2,
  SOCK_NONBLOCK: 0o4000,
  SOCK_CLOEXEC: 0o2000000,
  SOL_SOCKET: 1,
  SO_REUSEADDR: 2,
  SO_RCVBUF: 8,
  SO_MEMINFO: 55,
  SK_MEMINFO_DROPS: 8,
  SK_MEMINFO_VARS: 9,
  IPPROTO_IP: 0,
  IP_TOS: 1,
  IPPROTO_IPV6: 41,
  IPV6_V6ONLY: 26,
  IPV6_TCLASS: 67,
  EPOLL_CLOEXEC: 0o2000000,
  EPOLL_CTL_ADD: 1,
  EPOLL_CTL_DEL: 2,
  EPOLLIN: 1,
} as const;
