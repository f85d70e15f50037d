import { copyBytes, wipeBytes } from '../bytes.ts';
import { KernelRing } from './kernel-ring.ts';
import { buffersCount, listBytes, memoryBytes, PacketBuffers, PacketMemory } from './packet-buffers.ts';
import { loadRingCalls } from './ring-calls.ts';

/** Takes the datagrams of a socket that the ring watches. */
export interface RingReader {
  /**
   * One datagram: the first `length` bytes of buffer number `buffer`.
   * @returns whether the buffer was queued for sending, and is in use until the next call of the kernel.
   */
  taken(packet: Buffer, buffer: number, length: number, now: number): boolean;
}

/** What is asked of the kernel. */
type Ring = Pick<KernelRing, keyof KernelRing>;

/** So many packets leave together: the first waits for the last, and as long for its buffer those that come after. */
const leavingMax = 64;
/** Stands for a copy in the list of buffers that leave. */
const aCopy = 0xffff;
/** Name of the request that watches the epoll set, in which all other descriptors are. */
const restName = 0;

/**
 * Datagrams of connected sockets by an io_uring: one system call takes all that has come, and sends all that the last round
 * has made ready to go. What is not of that kind stays with epoll, whose set is one more thing that the ring watches.
 */
export class PacketRing {
  /** Counts the calls of the kernel: whatever was queued before the last one has been sent. */
  round = 0;
  readonly #ring: Ring;
  readonly #buffers: PacketBuffers;
  readonly #rest: number;
  #restWatched = false;
  /** By the name of their request; null for a name that is not free before its last answer has come. */
  readonly #readers: (RingReader | null | undefined)[] = [undefined];
  /** What the kernel calls the socket: its place, which is its name, or its descriptor. */
  readonly #fds: number[] = [-1];
  readonly #enrolled: boolean[] = [false];
  readonly #free: number[] = [];
  /** Buffers that were queued for sending since the last call. */
  readonly #leaving = new Uint16Array(leavingMax);
  /** How much of each is overwritten when it has been sent. */
  readonly #wiping = new Uint16Array(leavingMax);
  #leavingCount = 0;
  /** Copies of packets that did not come by the ring: in the place of a copy among those that leave. */
  readonly #copies: PacketMemory;
  /** The buffer that is being served, how much of it is filled, and whether it was queued. */
  #inHand = -1;
  #inHandBytes = 0;
  #inHandLeaves = false;

  /** @throws where it does not work. `rest` is the epoll set. */
  constructor(rest: number, ring: Ring = new KernelRing()) {
    this.#ring = ring;
    const { map } = loadRingCalls();
    const list = map(listBytes, -1, 0);
    this.#ring.provide(list.address, buffersCount);
    this.#buffers = new PacketBuffers(map(memoryBytes(buffersCount), -1, 0), list);
    this.#copies = new PacketMemory(map(memoryBytes(leavingMax), -1, 0), leavingMax);
    this.#rest = rest;
  }

  /** @returns the name by which {@link forget} ends it. */
  watch(fd: number, reader: RingReader): number {
    const name = this.#free.pop() ?? this.#readers.length;
    this.#readers[name] = reader;
    const enrolled = this.#ring.enrol(name, fd);
    this.#enrolled[name] = enrolled;
    this.#fds[name] = enrolled ? name : fd;
    this.#receive(name);
    return name;
  }

  /** No datagram of it is handed on any more, those that wait already neither. */
  forget(name: number): void {
    this.#readers[name] = null;
    this.#ring.cancel(name);
    if (this.#enrolled[name] === true) this.#ring.enrol(name, -1);
  }

  /** Whether the packet is in the buffer that is being served, and not queued yet. */
  hasInHand(packet: Buffer): boolean {
    return this.#inHand >= 0 && !this.#inHandLeaves && packet === this.#buffers.memory.packets[this.#inHand];
  }

  /** As {@link queue}, the buffer that is being served, which is overwritten when it has been sent. */
  queueInHand(name: number, length: number): void {
    this.#inHandLeaves = true;
    this.queue(name, this.#inHand, length, this.#inHandBytes);
  }

  /** Whether the buffer that is being served was queued. */
  get inHandLeaves(): boolean {
    return this.#inHandLeaves;
  }

  /**
   * Sends the first `length` bytes of a buffer by the socket of that name with the next call of the kernel, and then
   * overwrites the first `wiped` bytes.
   */
  queue(name: number, buffer: number, length: number, wiped: number): void {
    const { low, high } = this.#buffers.memory;
    this.#send(name, low[buffer] as number, high[buffer] as number, length);
    this.#leave(buffer, wiped);
  }

  /** As {@link queue}, a copy of bytes `start` to `end` of a packet that did not come by the ring. */
  queueCopy(name: number, packet: Buffer, start: number, end: number): void {
    const place = this.#leavingCount;
    const { packets, low, high } = this.#copies;
    copyBytes(packet, start, end, packets[place] as Buffer, 0);
    this.#send(name, low[place] as number, high[place] as number, end - start);
    this.#leave(aCopy, end - start);
  }

  #send(name: number, low: number, high: number, length: number): void {
    this.#ring.send(this.#fds[name] as number, this.#enrolled[name] === true, low, high, length);
  }

  #leave(buffer: number, wiped: number): void {
    this.#leaving[this.#leavingCount] = buffer;
    this.#wiping[this.#leavingCount] = wiped;
    this.#leavingCount += 1;
    if (this.#leavingCount === leavingMax) this.flush();
  }

  /** Sends what is queued now: for a packet that goes another way and may not overtake it. */
  flush(): void {
    this.#ring.flush();
    this.#sent();
  }

  /** Sends what is queued, and waits up to `waitMs` for something to come. */
  wait(waitMs: number): void {
    if (!this.#restWatched) this.#ring.poll(this.#rest, restName);
    this.#restWatched = true;
    this.#ring.enter(waitMs);
    this.#sent();
  }

  /**
   * Serves what had come when it was called: what comes meanwhile may never end where there is more than can be served, and
   * others must have their turn. @returns whether something is ready in the epoll set.
   */
  serve(now: number): boolean {
    const ring = this.#ring;
    let rest = false;
    for (let left = ring.waiting; left > 0 && ring.next(); left -= 1) {
      const { name, result, buffer, more } = ring;
      if (buffer >= 0) {
        const reader = this.#readers[name];
        const packet = this.#buffers.memory.packets[buffer] as Buffer;
        this.#inHand = buffer;
        this.#inHandBytes = Math.max(0, result);
        this.#inHandLeaves = false;
        const leaves = result > 0 && reader ? reader.taken(packet, buffer, result, now) : false;
        this.#inHand = -1;
        if (!leaves) this.#buffers.give(buffer);
      }
      if (name === restName) {
        rest = true;
        this.#restWatched = false;
      } else if (name > 0 && !more) this.#ended(name);
    }
    return rest;
  }

  /** All buffers were in use, an error of the network came (ICMP), or it was forgotten. */
  #ended(name: number): void {
    if (this.#readers[name]) {
      this.#receive(name);
      return;
    }
    if (this.#readers[name] === null) this.#free.push(name);
    this.#readers[name] = undefined;
  }

  #receive(name: number): void {
    this.#ring.receive(this.#fds[name] as number, this.#enrolled[name] === true, name);
  }

  #sent(): void {
    this.round += 1;
    for (let n = 0; n < this.#leavingCount; n += 1) {
      const buffer = this.#leaving[n] as number;
      const wiped = this.#wiping[n] as number;
      const copied = buffer === aCopy;
      const packet = copied ? this.#copies.packets[n] : this.#buffers.memory.packets[buffer];
      if (wiped > 0) wipeBytes(packet as Buffer, 0, wiped);
      if (!copied) this.#buffers.give(buffer);
    }
    this.#leavingCount = 0;
  }
}
