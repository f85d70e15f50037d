import { performance } from 'node:perf_hooks';
import type { PacketRing } from '../ring/packet-ring.ts';
import type { Alarm } from '../rtp-io.ts';
import { type Libc, linux, SharedMemory } from './libc.ts';

/** Reads one datagram when there is one. */
export interface Reader {
  read(now: number): void;
}

export interface LoopOptions {
  /** Descriptors of Node's own whose readiness ends the waiting, so that Node serves them at once. */
  readonly wakeFds: readonly number[];
  /** Waits in the kernel. Without, the loop looks in each millisecond: for a process that has other things to do. */
  readonly blocking: boolean;
  /** Makes the ring that takes connected sockets out of the epoll set, where that is wanted. @throws where none works. */
  readonly makeRing?: ((epoll: number) => PacketRing) | undefined;
}

/** Node's own timers, of which there is hardly one here, are served at least so often; whatever else is its own ends the waiting by itself. */
const nodeTurnMs = 100;
const pollingMs = 1;
/** Where packets come this close together, the next of them wakes the process for an alarm that is due meanwhile: a waking costs more than it. */
const closeMs = 1;
/** Readiness that is taken from the kernel at once. One datagram is read for each: a flood on one port delays no other. */
const eventsMax = 256;

/*
 * struct epoll_event: events (4), then 8 bytes for us, of which we use 4. Packed on x86-64 only (eventpoll.h), else
 * the 8 bytes are aligned.
 */
const packed = process.arch === 'x64';
const eventWords = packed ? 3 : 4;
const dataWord = packed ? 1 : 2;

/**
 * The packets' own loop around `epoll_wait`, in turns with Node's: it waits in the kernel for packets, for its alarms and for
 * Node's message channel, and lets Node run whenever there is something for it, and every few milliseconds.
 */
export class PacketLoop {
  readonly ring: PacketRing | undefined;
  readonly #libc: Libc;
  readonly #epoll: number;
  readonly #options: LoopOptions;
  readonly #memory = new SharedMemory(4 * eventWords * eventsMax);
  readonly #events: Int32Array;
  readonly #readers: (Reader | undefined)[] = [];
  readonly #alarms: LoopAlarm[] = [];
  #open = 0;
  #nextRing = Number.POSITIVE_INFINITY;
  #running = false;
  /** Node is to have its turn. */
  #yields = false;

  constructor(libc: Libc, options: LoopOptions) {
    this.#libc = libc;
    this.#options = options;
    this.#epoll = libc.epoll_create1(linux.EPOLL_CLOEXEC);
    this.#events = new Int32Array(this.#memory.bytes.buffer, 0, eventWords * eventsMax);
    for (const fd of options.wakeFds) this.#watch(fd);
    this.ring = options.makeRing?.(this.#epoll);
  }

  /** A socket that may be watched some time; {@link watch} says when. */
  add(fd: number, reader: Reader): void {
    this.#readers[fd] = reader;
    this.#open += 1;
    this.#run();
  }

  /** Whether the kernel watches the socket. One that it refuses to watch is heard no more, which the media time-out will tell. */
  watch(fd: number, watched: boolean): void {
    if (watched) this.#watch(fd);
    else this.#libc.epoll_ctl(this.#epoll, linux.EPOLL_CTL_DEL, fd, this.#memory.address);
  }

  /** To be called before the socket is closed, which is what ends the kernel's watching. */
  remove(fd: number): void {
    this.#readers[fd] = undefined;
    this.#open -= 1;
  }

  alarm(ring: () => void): Alarm {
    const alarm = new LoopAlarm(ring, () => {
      this.#nextRing = this.#earliest();
      this.#run();
    });
    this.#alarms.push(alarm);
    return alarm;
  }

  /** Ends the loop's turn as soon as what is ready has been served. */
  yield(): void {
    this.#yields = true;
  }

  #earliest(): number {
    let earliest = Number.POSITIVE_INFINITY;
    for (const { at } of this.#alarms) if (at < earliest) earliest = at;
    return earliest;
  }

  #watch(fd: number): void {
    this.#events.fill(0, 0, eventWords);
    this.#events[0] = linux.EPOLLIN;
    this.#events[dataWord] = fd;
    this.#libc.epoll_ctl(this.#epoll, linux.EPOLL_CTL_ADD, fd, this.#memory.address);
  }

  #run(): void {
    if (this.#running || (this.#open === 0 && this.#nextRing === Number.POSITIVE_INFINITY)) return;
    this.#running = true;
    this.#next();
  }

  #next(): void {
    if (this.#options.blocking) setImmediate(this.#turn);
    else setTimeout(this.#turn, pollingMs);
  }

  /** Node's turn comes when this returns. */
  readonly #turn = (): void => {
    let now = performance.now();
    const nodeAt = now + nodeTurnMs;
    let close = false;
    this.#yields = false;
    while (!this.#yields) {
      const until = Math.min(nodeAt, this.#nextRing);
      const since = now;
      const waitMs = this.#options.blocking && until > now ? Math.ceil(until - now) + (close ? closeMs : 0) : 0;
      let ready = 0;
      if (this.ring === undefined) ready = this.#wait(waitMs);
      else this.ring.wait(waitMs);
      now = performance.now();
      close = now - since < closeMs;
      if (this.ring?.serve(now)) ready = this.#wait(0);
      this.#serve(ready, now);
      if (now >= this.#nextRing) this.#ring(now);
      if (now >= nodeAt || (!this.#options.blocking && ready < eventsMax)) this.#yields = true;
    }
    // Nothing that is ready to go waits for what Node has to do.
    this.ring?.flush();
    this.#running = false;
    this.#run();
  };

  #wait(waitMs: number): number {
    return this.#libc.epoll_wait(this.#epoll, this.#memory.address, eventsMax, waitMs);
  }

  #serve(ready: number, now: number): void {
    for (let i = 0; i < ready; i += 1) {
      const reader = this.#readers[this.#events[i * eventWords + dataWord] as number];
      // What is ready is Node's.
      if (reader === undefined) this.#yields = true;
      else reader.read(now);
    }
  }

  #ring(now: number): void {
    for (const alarm of this.#alarms) alarm.ringIfDue(now);
  }
}

class LoopAlarm implements Alarm {
  at = Number.POSITIVE_INFINITY;
  readonly #ring: () => void;
  readonly #changed: () => void;

  constructor(ring: () => void, changed: () => void) {
    this.#ring = ring;
    this.#changed = changed;
  }

  set(at: number): void {
    this.at = at;
    this.#changed();
  }

  ringIfDue(now: number): void {
    if (now < this.at) return;
    this.set(Number.POSITIVE_INFINITY);
    this.#ring();
  }
}
