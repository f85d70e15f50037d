import { assert } from '../../../../shared/assert.ts';
import { SharedMemory } from '../epoll/libc.ts';
import { loadRingCalls, type RingCalls } from './ring-calls.ts';

/** Requests that one call can hand over, and answers that may wait. */
const requestsMax = 1024;
const answersMax = 8192;
const requestWords = 16;
const answerWords = 4;

// include/uapi/linux/io_uring.h: how a ring is set up; kinds of requests and their flags; flags of an answer.
const answersSized = 1 << 3;
const singleIssuer = 1 << 12;
const deferredWork = 1 << 13;
const noOperation = 0;
const pollOperation = 6;
const sendOperation = 26;
const receiveOperation = 27;
const fixedFile = 1;
const chooseBuffer = 1 << 5;
const skipSuccess = 1 << 6;
const manyShots = 1 << 1;
const getEvents = 1;
const extendedArgument = 1 << 3;
const ringByNumber = 1 << 4;
const hasBuffer = 1;
const hasMore = 2;
const syncCancel = 24;
const registerBuffers = 22;
const registerRing = 20;
const registerFiles = 13;
const updateFiles = 6;
const emptyTable = 1;
const requestsOffset = 0x1000_0000;
/** MSG_DONTWAIT (recv(2)): what does not fit into a socket's buffer is lost, as with a call of one's own. */
const withoutWaiting = 0x40;
/** EPOLLIN. */
const readable = 1;
/** Name of requests whose answers nobody waits for: they come for faults alone. */
const nobody = -1;

/** Places in the memory that is used from one call to the next. */
const bufferListAt = 128;
const cancelAt = 192;
const argumentAt = 256;
const timeAt = 288;
const registrationAt = 320;
const fileAt = 352;
const scratchBytes = 512;

/** Sockets that the kernel finds by their place in a table of the ring's own, without a look into that of the process. */
const placesMax = 16_384;

/**
 * One io_uring: requests go in by hundreds with one system call, and answers come out with the same one. The kernel touches
 * the queues only within that call (DEFER_TASKRUN, SINGLE_ISSUER), so the memory needs no barriers.
 */
export class KernelRing {
  /** What {@link next} found: the name of the request, its result, the buffer it used (−1), whether more will follow. */
  name = nobody;
  result = 0;
  buffer = -1;
  more = false;
  readonly #calls: RingCalls = loadRingCalls();
  readonly #scratch = new SharedMemory(scratchBytes);
  readonly #words = new Int32Array(this.#scratch.bytes.buffer);
  readonly #argument = this.#scratch.address + argumentAt;
  readonly #fd: number;
  /** How the ring is called: by its place among the registered ones of this thread where there is one. */
  readonly #place: number;
  readonly #placeFlag: number;
  readonly #places: number;
  readonly #queues: Int32Array;
  readonly #requests: Int32Array;
  readonly #headAt: number;
  readonly #tailAt: number;
  readonly #answerHeadAt: number;
  readonly #answerTailAt: number;
  readonly #answersAt: number;
  #tail: number;
  #queued = 0;

  /** @throws where the kernel has no such ring, or a container forbids it. */
  constructor() {
    const { bytes, address } = this.#scratch;
    bytes.writeUInt32LE(answersMax, 4);
    bytes.writeUInt32LE(answersSized | singleIssuer | deferredWork, 8);
    this.#fd = this.#calls.setup(requestsMax, address);
    assert(this.#fd >= 0);
    // struct io_uring_params: offsets of the request queue from byte 40 on, of the answer queue from byte 80 on.
    const at = (offset: number): number => bytes.readUInt32LE(offset);
    assert(at(0) === requestsMax && at(4) === answersMax);
    const size = Math.max(at(40 + 24) + 4 * requestsMax, at(80 + 20) + 4 * answerWords * answersMax);
    this.#queues = new Int32Array(this.#calls.map(size, this.#fd, 0).bytes, 0, size >> 2);
    this.#requests = new Int32Array(this.#calls.map(4 * requestWords * requestsMax, this.#fd, requestsOffset).bytes);
    this.#headAt = at(40) >> 2;
    this.#tailAt = at(40 + 4) >> 2;
    this.#answerHeadAt = at(80) >> 2;
    this.#answerTailAt = at(80 + 4) >> 2;
    this.#answersAt = at(80 + 20) >> 2;
    for (let n = 0; n < requestsMax; n += 1) this.#queues[(at(40 + 24) >> 2) + n] = n;
    this.#tail = this.#queues[this.#tailAt] as number;
    this.#writeArgument();
    const place = this.#registerRing();
    this.#place = place < 0 ? this.#fd : place;
    this.#placeFlag = place < 0 ? 0 : ringByNumber;
    this.#places = this.#makePlaces();
    this.#prove();
  }

  /** Hands the kernel a ring of buffers from which datagrams choose theirs (struct io_uring_buf_reg). */
  provide(address: number, count: number): void {
    const { bytes } = this.#scratch;
    bytes.writeBigUInt64LE(BigInt(address), bufferListAt);
    bytes.writeUInt32LE(count, bufferListAt + 8);
    assert(this.#calls.register(this.#fd, registerBuffers, this.#scratch.address + bufferListAt, 1) >= 0);
  }

  /** Gives a socket the place by which {@link receive} and {@link send} name it. @returns false where there is none. */
  enrol(place: number, fd: number): boolean {
    if (place >= this.#places) return false;
    const { bytes, address } = this.#scratch;
    bytes.writeUInt32LE(place, registrationAt);
    bytes.writeUInt32LE(0, registrationAt + 4);
    bytes.writeBigUInt64LE(BigInt(address + fileAt), registrationAt + 8);
    bytes.writeInt32LE(fd, fileAt);
    return this.#calls.register(this.#fd, updateFiles, address + registrationAt, 1) === 1;
  }

  /** Every datagram of the socket from here on, until the answer says that no more will follow. */
  receive(fd: number, enrolled: boolean, name: number): void {
    const operation = receiveOperation | (chooseBuffer << 8) | (manyShots << 16);
    const at = this.#request(enrolled ? operation | (fixedFile << 8) : operation, fd, name);
    this.#requests[at + 4] = 0;
    this.#requests[at + 5] = 0;
    this.#requests[at + 6] = 0;
    this.#requests[at + 7] = 0;
  }

  /** Sends `length` bytes at an address, which must stay as they are until {@link enter} or {@link flush} has returned. */
  send(fd: number, enrolled: boolean, low: number, high: number, length: number): void {
    const operation = sendOperation | (skipSuccess << 8);
    const at = this.#request(enrolled ? operation | (fixedFile << 8) : operation, fd, nobody);
    this.#requests[at + 4] = low;
    this.#requests[at + 5] = high;
    this.#requests[at + 6] = length;
    this.#requests[at + 7] = withoutWaiting;
  }

  /** One answer when something can be read. */
  poll(fd: number, name: number): void {
    const at = this.#request(pollOperation, fd, name);
    this.#requests[at + 4] = 0;
    this.#requests[at + 5] = 0;
    this.#requests[at + 6] = 0;
    this.#requests[at + 7] = readable;
  }

  /** Ends a request at once; its last answer comes all the same. struct io_uring_sync_cancel_reg: by name, however long it takes. */
  cancel(name: number): void {
    this.flush();
    const { bytes, address } = this.#scratch;
    bytes.fill(0, cancelAt, cancelAt + 64);
    bytes.writeBigInt64LE(BigInt(name), cancelAt);
    bytes.writeInt32LE(-1, cancelAt + 8);
    bytes.fill(0xff, cancelAt + 16, cancelAt + 32);
    this.#calls.register(this.#fd, syncCancel, address + cancelAt, 1);
    // Lets go of the socket, which its own end would otherwise not close.
    this.#submit(0, getEvents, 0, 0);
  }

  /** Hands over what is queued, and waits up to `waitMs` for an answer. */
  enter(waitMs: number): void {
    const words = this.#words;
    words[timeAt >> 2] = waitMs / 1000;
    words[(timeAt + 8) >> 2] = (waitMs % 1000) * 1_000_000;
    this.#submit(waitMs > 0 ? 1 : 0, getEvents | extendedArgument, this.#argument, 24);
  }

  /** Hands over what is queued. */
  flush(): void {
    if (this.#queued > 0) this.#submit(0, 0, 0, 0);
  }

  /** How many answers wait to be taken. */
  get waiting(): number {
    return ((this.#queues[this.#answerTailAt] as number) - (this.#queues[this.#answerHeadAt] as number)) | 0;
  }

  /** Takes the next answer. @returns false where there is none. */
  next(): boolean {
    const queues = this.#queues;
    const head = queues[this.#answerHeadAt] as number;
    if (head === queues[this.#answerTailAt]) return false;
    const at = this.#answersAt + (head & (answersMax - 1)) * answerWords;
    const flags = queues[at + 3] as number;
    this.name = queues[at] as number;
    this.result = queues[at + 2] as number;
    this.buffer = (flags & hasBuffer) === 0 ? -1 : flags >>> 16;
    this.more = (flags & hasMore) !== 0;
    queues[this.#answerHeadAt] = (head + 1) | 0;
    return true;
  }

  /**
   * struct io_uring_sqe by words: operation, flags and priority | fd | offset (2) | address (2) | length | flags of the
   * operation | name (2) | buffer group … The caller writes from the address to the flags; nothing here uses an offset.
   */
  #request(operation: number, fd: number, name: number): number {
    if (this.#queued === requestsMax) this.flush();
    const requests = this.#requests;
    const at = (this.#tail & (requestsMax - 1)) * requestWords;
    requests[at] = operation;
    requests[at + 1] = fd;
    requests[at + 8] = name;
    requests[at + 9] = name >> 31;
    this.#tail = (this.#tail + 1) | 0;
    this.#queued += 1;
    return at;
  }

  #submit(least: number, flags: number, argument: number, bytes: number): void {
    this.#queues[this.#tailAt] = this.#tail;
    this.#calls.enter(this.#place, this.#queued, least, flags | this.#placeFlag, argument, bytes);
    this.#queued = (this.#tail - (this.#queues[this.#headAt] as number)) | 0;
  }

  /** A request must come back as an answer: else the numbers above are not those of this machine. */
  #prove(): void {
    const word = 0x6b65;
    const at = this.#request(noOperation, -1, word);
    this.#requests.fill(0, at + 4, at + 8);
    this.enter(0);
    assert(this.next() && this.name === word && this.result === 0 && !this.next());
    this.name = nobody;
  }

  /** struct io_uring_rsrc_update. @returns the place of the ring for this thread, −1 where the kernel has none. */
  #registerRing(): number {
    const { bytes, address } = this.#scratch;
    bytes.writeInt32LE(-1, registrationAt);
    bytes.writeBigUInt64LE(BigInt(this.#fd), registrationAt + 8);
    const done = this.#calls.register(this.#fd, registerRing, address + registrationAt, 1) === 1;
    return done ? bytes.readInt32LE(registrationAt) : -1;
  }

  /** struct io_uring_rsrc_register. @returns how many places for sockets there are. */
  #makePlaces(): number {
    const { bytes, address } = this.#scratch;
    bytes.fill(0, registrationAt, fileAt);
    bytes.writeUInt32LE(placesMax, registrationAt);
    bytes.writeUInt32LE(emptyTable, registrationAt + 4);
    const done = this.#calls.register(this.#fd, registerFiles, address + registrationAt, 32) === 0;
    return done ? placesMax : 0;
  }

  /** struct io_uring_getevents_arg, the last word of which is where the time is. */
  #writeArgument(): void {
    const { bytes, address } = this.#scratch;
    bytes.fill(0, argumentAt, scratchBytes);
    bytes.writeBigUInt64LE(BigInt(address + timeAt), argumentAt + 16);
  }
}
