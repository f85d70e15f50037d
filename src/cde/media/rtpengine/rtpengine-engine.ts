import { randomInt } from 'node:crypto';
import { assert } from '../../../shared/assert.ts';
import { type Clock, systemClock, type Timer } from '../../../shared/clock.ts';
import { CodedError } from '../../../shared/coded-error.ts';
import type { CallId } from '../../../shared/ids.ts';
import { type LegSide, legSides } from '../../../shared/leg-side.ts';
import { type LossLimits, LossWatch } from '../loss-watch.ts';
import type { MediaEngine, MediaEvents, MediaReport, SecuredInterval } from '../media-engine.ts';
import { canonicalAddress } from '../offer-answer/canonical-address.ts';
import { type LegChanges, NegotiatedEngine } from '../offer-answer/negotiated-engine.ts';
import { Negotiation } from '../offer-answer/negotiation.ts';
import { CopySocket } from './copy-socket.ts';
import { Daemon } from './daemon.ts';
import { DaemonCall } from './daemon-call.ts';
import { reportOf } from './leg-counts.ts';
import type { Address } from './ng-client.ts';
import { relayable } from './relayable.ts';
import { RelayedCall } from './relayed-call.ts';

export interface RtpengineOptions {
  /** Control addresses of the daemons over which calls are spread. */
  readonly control: readonly Address[];
  /** Where the daemons send what the room must hear. */
  readonly events: Address;
  readonly sourcePolicy: 'strict' | 'learnOnce' | 'off';
  readonly lossMs: LossLimits;
  readonly secureAudio: 'mute' | 'agentTalks' | 'masked';
  readonly betweenCaptures: 'pass' | 'drop';
}

/** How often the packets of every call are counted. */
const countEveryMs = 2000;

/** Each takes some two seconds where nobody answers. */
const startAttempts = 3;

const sourceFlags = {
  strict: ['asymmetric', 'strict-source'],
  learnOnce: ['strict-source'],
  off: [],
} as const satisfies Record<RtpengineOptions['sourcePolicy'], readonly string[]>;

interface EngineCall {
  readonly id: CallId;
  readonly daemon: Daemon;
  readonly steps: DaemonCall;
  readonly relayed: RelayedCall;
  readonly negotiation: Negotiation;
  readonly own: readonly string[];
  readonly watches: Readonly<Record<LegSide, LossWatch>>;
}

/**
 * Starts the engine.
 * @throws {CodedError} `media-failed` when no daemon answers, or the address for events cannot be bound.
 */
export async function startRtpengine(
  options: RtpengineOptions,
  events: MediaEvents,
  clock: Clock = systemClock,
): Promise<MediaEngine> {
  const socket = await CopySocket.open(options.events);
  const engine = new RtpengineEngine(options, events, clock, socket);
  await engine.start();
  return engine;
}

/** Media by rtpengine daemons: our own offer and answer, their packets. */
class RtpengineEngine extends NegotiatedEngine<EngineCall> {
  readonly #options: RtpengineOptions;
  readonly #clock: Clock;
  readonly #socket: CopySocket;
  readonly #daemons: readonly Daemon[];
  /** Our own media addresses that are in use. */
  readonly #own = new Set<string>();
  #timer: Timer | undefined;
  #ready = true;

  constructor(options: RtpengineOptions, events: MediaEvents, clock: Clock, socket: CopySocket) {
    super(events);
    this.#options = options;
    this.#clock = clock;
    this.#socket = socket;
    this.#daemons = options.control.map(
      (address) =>
        new Daemon(
          address,
          clock,
          (dead) => this.#daemonDied(dead),
          () => this.#tellReady(),
        ),
    );
  }

  async start(): Promise<void> {
    // They may be starting at the same time as we.
    for (let attempt = 0; attempt < startAttempts && !this.#daemons.some(({ alive }) => alive); attempt += 1) {
      await Promise.all(this.#daemons.map((daemon) => daemon.start()));
    }
    if (!this.#daemons.some(({ alive }) => alive)) {
      await this.close();
      throw new CodedError('media-failed', 'no rtpengine answers');
    }
    this.#countLater();
  }

  secure(id: CallId): Promise<void> {
    return this.#step(id, ({ relayed }) => relayed.secure());
  }

  release(id: CallId): Promise<SecuredInterval> {
    return this.#step(id, ({ relayed }) => relayed.release());
  }

  async endCall(id: CallId): Promise<MediaReport> {
    const call = this.calls.get(id);
    if (call === undefined) return reportFor();
    this.#forget(call);
    const counts = await call.steps.counts().catch(() => undefined);
    // Nobody waits for a daemon that does not answer: it forgets the call by its own time limit.
    await call.steps.end().catch(() => undefined);
    return reportFor(counts?.caller, counts?.agent);
  }

  async close(): Promise<void> {
    this.#timer?.cancel();
    await Promise.all([...this.calls.keys()].map((id) => this.endCall(id)));
    for (const daemon of this.#daemons) daemon.close();
    await this.#socket.close();
  }

  /** Takes the least laden daemon, and the next one where that does not take the call. */
  protected async open(id: CallId): Promise<void> {
    const living = this.#daemons.filter(({ alive }) => alive).sort((a, b) => a.calls - b.calls);
    for (const daemon of living) {
      const call = await this.#openOn(daemon, id).catch((error: unknown) => {
        if (error instanceof CodedError) return undefined;
        throw error;
      });
      if (call === undefined) continue;
      this.calls.set(id, call);
      return;
    }
    throw new CodedError('media-failed', 'no rtpengine takes the call');
  }

  async #openOn(daemon: Daemon, id: CallId): Promise<EngineCall> {
    const { sourcePolicy, lossMs, secureAudio, betweenCaptures } = this.#options;
    const steps = new DaemonCall(daemon, id, sourceFlags[sourcePolicy]);
    let negotiation: Negotiation | undefined;
    const relayed = new RelayedCall({
      steps,
      socket: this.#socket,
      clock: this.#clock,
      secureAudio,
      betweenCaptures,
      legs: () => ({ caller: negotiation?.settings('caller'), agent: negotiation?.settings('agent') }),
      heard: (key) => this.events.pressed({ call: id, leg: 'caller', ...key }),
      secured: (interval) => this.events.secured(id, interval),
    });
    daemon.calls += 1;
    const ports = await relayed.open().catch((error: unknown) => {
      daemon.calls -= 1;
      throw error;
    });
    assert(ports !== undefined);
    const now = this.#clock.monotonic();
    negotiation = new Negotiation({
      address: ports.caller.address,
      ports: { caller: ports.caller.port, agent: ports.agent.port },
      sessionIds: { caller: randomInt(1, 2 ** 47), agent: randomInt(1, 2 ** 47) },
      srtp: { caller: 'refuse', agent: 'refuse' },
      isOurs: (address, port) => this.#own.has(nameOf(address, port)),
    });
    const own = legSides.flatMap((side) => [0, 1].map((more) => nameOf(ports[side].address, ports[side].port + more)));
    for (const name of own) this.#own.add(name);
    const watches = { caller: new LossWatch(lossMs, now), agent: new LossWatch(lossMs, now) };
    return { id, daemon, steps, relayed, negotiation, own, watches };
  }

  protected async configure(call: EngineCall, changes: LegChanges): Promise<void> {
    for (const leg of legSides) if (changes[leg] !== undefined) call.watches[leg].restart(this.#clock.monotonic());
    await this.#step(call.id, ({ relayed }) => relayed.configure());
  }

  protected carried(sdp: string): string {
    return relayable(sdp);
  }

  async #step<T>(id: CallId, work: (call: EngineCall) => Promise<T>): Promise<T> {
    const call = this.call(id);
    try {
      return await work(call);
    } catch (error) {
      if (!(error instanceof CodedError) || error.code !== 'call-not-found') throw error;
      // The daemon has forgotten the call: it was started again, or its time limit came first.
      if (this.calls.has(id)) this.#died([call]);
      throw new CodedError('media-failed');
    }
  }

  #countLater(): void {
    this.#timer = this.#clock.after(countEveryMs, () => {
      for (const call of this.calls.values()) void this.#count(call);
      this.#countLater();
    });
  }

  async #count(call: EngineCall): Promise<void> {
    const counts = await this.#step(call.id, ({ steps }) => steps.counts()).catch(() => undefined);
    if (counts === undefined || !this.calls.has(call.id)) return;
    const legs = legSides.map((leg) => ({ leg, settings: call.negotiation.settings(leg) }));
    // A call may ring for long: nothing is expected before both legs are described.
    if (legs.some(({ settings }) => settings === undefined)) return;
    for (const { leg, settings } of legs) {
      const talks = settings?.talks === true;
      if (call.watches[leg].lost(counts[leg].packets, talks, this.#clock.monotonic())) this.events.lost(call.id, leg);
    }
  }

  #daemonDied(daemon: Daemon): void {
    this.#died([...this.calls.values()].filter((call) => call.daemon === daemon));
  }

  #died(calls: readonly EngineCall[]): void {
    for (const call of calls) this.#forget(call);
    if (calls.length > 0) this.events.died(calls.map(({ id }) => id));
  }

  #tellReady(): void {
    const ready = this.#daemons.some(({ alive }) => alive);
    if (ready === this.#ready) return;
    this.#ready = ready;
    this.events.ready(ready);
  }

  #forget(call: EngineCall): void {
    this.calls.delete(call.id);
    call.daemon.calls -= 1;
    for (const name of call.own) this.#own.delete(name);
    call.relayed.close();
  }
}

const nameOf = (address: string, port: number): string => `${canonicalAddress(address)} ${port}`;

type Counts = Parameters<typeof reportOf>[0];
const none: Counts = { packets: 0, errors: 0 };
const reportFor = (caller: Counts = none, agent: Counts = none): MediaReport => ({
  caller: reportOf(caller, agent),
  agent: reportOf(agent, caller),
});
