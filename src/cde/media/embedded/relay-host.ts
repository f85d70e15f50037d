import { assert } from '../../../shared/assert.ts';
import { type LegSide, legSides } from '../../../shared/leg-side.ts';
import type { KeyCode } from '../../dtmf/key-code.ts';
import type { LeakKind } from '../media-engine.ts';
import { CallRelay } from './call-relay.ts';
import type { Carrier } from './caller-keys.ts';
import type { ChooseIo } from './choose-io.ts';
import { machineMs } from './key-pipe.ts';
import type { LegOrder } from './leg-order.ts';
import type { MediaAnswer, MediaAsk, MediaRequest } from './media-messages.ts';
import { Metronome } from './metronome.ts';
import type { RelayOptions } from './relay-options.ts';
import type { Alarm, RtpIo } from './rtp-io.ts';

/** What the host of the relays says by itself. */
export interface HostEvents {
  pressed(call: number, generation: number, key: KeyCode, at: number, carrier: Carrier): void;
  lost(call: number, leg: LegSide): void;
  leaked(call: number, kind: LeakKind): void;
}

/** Each call has its slow round about once a second, a share of them at a time: with all at once sound would wait. */
const sweepMs = 1000;
const sweepShares = 25;
/** A share of less is not worth the waking. */
const leastShare = 8;
/** Lock of calls whose room is gone: no room knows it, so nothing can be taken under it. */
const orphanGeneration = 0xffff;

type Handlers = { [K in MediaRequest]: (ask: MediaAsk<K>) => MediaAnswer<K> | Promise<MediaAnswer<K>> };

/** All calls of one media process. A request about an unknown call is a fault of the room (assertion). */
export class RelayHost {
  readonly #chooseIo: ChooseIo;
  readonly #events: HostEvents;
  readonly #relays = new Map<number, CallRelay>();
  readonly #clockOffset = machineMs() - performance.now();
  #metronome: Metronome | undefined;
  #io: RtpIo | undefined;
  #options: RelayOptions | undefined;
  #sweeper: Alarm | undefined;
  /** Where the round over the calls is. */
  #swept = this.#relays.entries();

  constructor(chooseIo: ChooseIo, events: HostEvents) {
    this.#chooseIo = chooseIo;
    this.#events = events;
  }

  /** @throws what the handler throws; an unknown call is an assertion. */
  async handle<K extends MediaRequest>(kind: K, ask: MediaAsk<K>): Promise<MediaAnswer<K>> {
    const handler: Handlers[K] = this.#handlers[kind];
    return handler(ask);
  }

  /** @throws where the relay is not here or cannot run by the settings. */
  configure({ call, legs }: LegOrder): void {
    const relay = this.#relay(call);
    for (const leg of legSides) {
      const settings = legs[leg];
      if (settings !== undefined) relay.configure(leg, settings, performance.now());
    }
  }

  /** The room is gone: no customer is heard and no key passes any more, whatever was in force before. */
  orphan(): void {
    for (const relay of this.#relays.values()) relay.seal(orphanGeneration, performance.now());
  }

  close(): void {
    this.#sweeper?.set(Number.POSITIVE_INFINITY);
    this.#metronome?.stop();
    for (const relay of this.#relays.values()) relay.close(performance.now(), Date.now());
    this.#relays.clear();
  }

  readonly #handlers: Handlers = {
    begin: async (options) => {
      assert(this.#options === undefined);
      this.#options = options;
      const io = await this.#chooseIo(options.io);
      this.#io = io;
      this.#metronome = new Metronome((ring) => io.alarm(ring));
      this.#sweeper = io.alarm(() => this.#sweep());
      this.#sweepSoon();
      return null;
    },
    'relays.open': async ({ relays }) => {
      const bound: number[] = [];
      for (const { call, caller, agent } of relays) if (await this.#open(call, { caller, agent })) bound.push(call);
      return { bound };
    },
    'call.secure': ({ call, generation }) => {
      this.#relay(call).secure(generation, performance.now());
      return null;
    },
    'call.release': ({ call }) => this.#relay(call).release(performance.now()),
    'call.close': ({ call }) => {
      const relay = this.#relay(call);
      this.#relays.delete(call);
      this.#metronome?.remove(relay);
      return relay.close(performance.now(), Date.now());
    },
    beat: () => null,
  };

  /** @returns whether both ports could be bound. */
  async #open(call: number, ports: { caller: number; agent: number }): Promise<boolean> {
    assert(this.#options !== undefined && this.#io !== undefined && !this.#relays.has(call));
    try {
      const relay: CallRelay = await CallRelay.open(this.#io, ports, this.#options, {
        pressed: (key, generation, at, carrier) =>
          this.#events.pressed(call, generation, key, at + this.#clockOffset, carrier),
        wake: () => this.#metronome?.wake(relay),
        settled: () => this.#io?.yield(),
        leaked: (kind) => this.#events.leaked(call, kind),
      });
      this.#relays.set(call, relay);
      return true;
    } catch {
      return false;
    }
  }

  #relay(call: number): CallRelay {
    const relay = this.#relays.get(call);
    assert(relay !== undefined);
    return relay;
  }

  get #share(): number {
    return Math.max(leastShare, Math.ceil(this.#relays.size / sweepShares));
  }

  #sweepSoon(): void {
    const shares = Math.max(1, Math.ceil(this.#relays.size / this.#share));
    this.#sweeper?.set(performance.now() + sweepMs / shares);
  }

  #sweep(): void {
    const now = performance.now();
    for (let left = this.#share; left > 0; left -= 1) {
      const { done, value } = this.#swept.next();
      if (done === true) {
        this.#swept = this.#relays.entries();
        break;
      }
      const [call, relay] = value;
      for (const leg of relay.sweep(now, Date.now())) this.#events.lost(call, leg);
    }
    this.#sweepSoon();
  }
}
