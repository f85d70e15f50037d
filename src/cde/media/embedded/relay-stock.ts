import { CodedError } from '../../../shared/coded-error.ts';
import type { LegSide } from '../../../shared/leg-side.ts';
import type { MediaLink } from './media-link.ts';
import type { PortPool } from './port-pool.ts';

/** A relay that is open in its media process: the number by which it is known there, and its ports. */
export interface OpenRelay {
  readonly number: number;
  readonly ports: Readonly<Record<LegSide, number>>;
}

/** Opened by one message. Sound of running calls has to wait for that: some 0.2 ms each. */
const openedAhead = 4;
/** Where more calls than that wait at once. */
const openedAtMost = 16;
/** With fewer than this left, the next ones are opened. */
const fewest = 2;
/** So many times more ports stay free than are opened ahead: a small range is for calls. */
const freeForEach = 32;
/**
 * Ports that another program holds are passed over, so many times for one call. After a death of the room, media processes
 * of its predecessor hold theirs for some seconds.
 */
const fruitlessMost = 32;

/**
 * Relays that one media process has opened ahead for the calls to come. Opened one by one, each call would cost both processes
 * a message and its answer, and wait for them.
 */
export class RelayStock {
  readonly #ports: PortPool;
  readonly #nextNumber: () => number;
  #open: OpenRelay[] = [];
  #filling: Promise<void> | undefined;
  #waiting = 0;
  /** Relays that were opened, ever. */
  #opened = 0;

  constructor(ports: PortPool, nextNumber: () => number) {
    this.#ports = ports;
    this.#nextNumber = nextNumber;
  }

  get isEmpty(): boolean {
    return this.#open.length === 0;
  }

  /** Opens some before the first call. Where that fails now, the call will say so. */
  async fill(link: MediaLink): Promise<void> {
    await this.#fill(link).catch(() => undefined);
  }

  /** @throws {CodedError} `media-failed` when no port is left or none can be bound, or when the process is gone. */
  async take(link: MediaLink): Promise<OpenRelay> {
    for (let fruitless = 0; fruitless < fruitlessMost; ) {
      const relay = this.#open.pop();
      if (relay !== undefined) {
        if (this.#open.length < fewest) void this.fill(link);
        return relay;
      }
      const before = this.#opened;
      this.#waiting += 1;
      try {
        await this.#fill(link);
      } finally {
        this.#waiting -= 1;
      }
      if (this.#opened === before) fruitless += 1;
    }
    throw new CodedError('media-failed', 'no media port can be bound');
  }

  /** The process is gone, and its relays with it. */
  drop(): void {
    for (const { ports } of this.#open) this.#ports.give(ports.caller, ports.agent);
    this.#open = [];
  }

  #fill(link: MediaLink): Promise<void> {
    this.#filling ??= this.#openSome(link).finally(() => {
      this.#filling = undefined;
    });
    return this.#filling;
  }

  async #openSome(link: MediaLink): Promise<void> {
    const ahead = Math.min(openedAhead, Math.floor(this.#ports.free / freeForEach));
    const relays = this.#takePorts(Math.min(openedAtMost, Math.max(ahead, this.#waiting)));
    if (relays.length === 0) return;
    let bound: readonly number[] = [];
    try {
      const asked = relays.map(({ number, ports }) => ({ call: number, ...ports }));
      ({ bound } = await link.request('relays.open', { relays: asked }));
    } finally {
      for (const relay of relays) {
        if (bound.includes(relay.number)) this.#open.push(relay);
        else this.#ports.give(relay.ports.caller, relay.ports.agent);
      }
      this.#opened += bound.length;
    }
  }

  /** As many as there are, up to `count`. @throws {CodedError} `media-failed` when there is none and some are wanted. */
  #takePorts(count: number): OpenRelay[] {
    const relays: OpenRelay[] = [];
    while (relays.length < count && (relays.length === 0 || this.#ports.free >= 2)) {
      const caller = this.#ports.take();
      try {
        relays.push({ number: this.#nextNumber(), ports: { caller, agent: this.#ports.take() } });
      } catch (error) {
        this.#ports.give(caller);
        throw error;
      }
    }
    return relays;
  }
}
