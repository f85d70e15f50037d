import koffi from 'koffi';
import { assert } from '../../../../shared/assert.ts';

/** Numbers of the three calls of io_uring, the same on every processor (asm-generic/unistd.h). */
const setupCall = 425;
const enterCall = 426;
const registerCall = 427;
/** PROT_READ | PROT_WRITE; MAP_SHARED | MAP_POPULATE; MAP_PRIVATE | MAP_ANONYMOUS (mmap(2)). */
const readWrite = 3;
const sharedMap = 0x8001;
const ownMap = 0x22;

/** The calls of io_uring(7), and memory that kernel and process share. Addresses are numbers; results −1 for an error. */
export interface RingCalls {
  setup(entries: number, parameters: number): number;
  enter(ring: number, submit: number, least: number, flags: number, argument: number, argumentBytes: number): number;
  register(ring: number, operation: number, argument: number, count: number): number;
  /** @returns the memory at `offset` of the ring, or of our own where `ring` is −1. @throws where there is none. */
  map(bytes: number, ring: number, offset: number): MappedMemory;
}

export interface MappedMemory {
  readonly address: number;
  readonly bytes: ArrayBuffer;
}

export function loadRingCalls(): RingCalls {
  const library = koffi.load(null);
  const call = library.func('syscall', 'int', [
    'int64_t',
    'int64_t',
    'int64_t',
    'int64_t',
    'int64_t',
    'int64_t',
    'int64_t',
  ]);
  const mmap = library.func('mmap', 'int64_t', ['int64_t', 'int64_t', 'int', 'int', 'int', 'int64_t']);
  return {
    setup: (entries, parameters) => call(setupCall, entries, parameters, 0, 0, 0, 0) as number,
    enter: (ring, submit, least, flags, argument, bytes) =>
      call(enterCall, ring, submit, least, flags, argument, bytes) as number,
    register: (ring, operation, argument, count) =>
      call(registerCall, ring, operation, argument, count, 0, 0) as number,
    map(bytes, ring, offset) {
      const address = Number(mmap(0, bytes, readWrite, ring < 0 ? ownMap : sharedMap, ring, offset));
      assert(address > 0);
      return { address, bytes: koffi.view(address, bytes) as ArrayBuffer };
    },
  };
}
