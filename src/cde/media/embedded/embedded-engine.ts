import { randomInt } from 'node:crypto';
import { assert } from '../../../shared/assert.ts';
import { type Clock, systemClock } from '../../../shared/clock.ts';
import { CodedError } from '../../../shared/coded-error.ts';
import type { CallId } from '../../../shared/ids.ts';
import type { LegSide } from '../../../shared/leg-side.ts';
import type { SrtpWishes } from '../../../shared/srtp-policy.ts';
import type { LeakKind, LegReport, MediaEngine, MediaEvents, MediaReport, SecuredInterval } from '../media-engine.ts';
import { type LegChanges, NegotiatedEngine } from '../offer-answer/negotiated-engine.ts';
import { Negotiation } from '../offer-answer/negotiation.ts';
import { CallLock } from './call-lock.ts';
import type { EmbeddedEngineOptions } from './engine-options.ts';
import { openForkedLink } from './forked-link.ts';
import { type KeyRecord, machineMs } from './key-pipe.ts';
import type { MediaLink, OpenLink } from './media-link.ts';
import { PortPool } from './port-pool.ts';
import { ProcessSlot } from './process-slot.ts';
import type { RelayOptions } from './relay-options.ts';
import { type OpenRelay, RelayStock } from './relay-stock.ts';

interface EngineCall extends OpenRelay {
  readonly id: CallId;
  readonly process: ProcessSlot;
  /** The process as it was when the call began: started anew, it does not know the call. */
  readonly link: MediaLink;
  readonly negotiation: Negotiation;
  readonly lock: CallLock;
}

/**
 * Starts the embedded engine with its media processes.
 * @throws {CodedError} `media-failed` when a process does not start.
 */
export async function startEmbeddedEngine(options: EmbeddedEngineOptions, events: MediaEvents): Promise<MediaEngine> {
  return startEngineOn(openForkedLink, systemClock, options, events);
}

/** The same on another way to its media processes, for tests. */
export async function startEngineOn(
  openLink: OpenLink,
  clock: Clock,
  options: EmbeddedEngineOptions,
  events: MediaEvents,
): Promise<MediaEngine> {
  const engine = new EmbeddedEngine(openLink, clock, options, events);
  try {
    await engine.start();
  } catch (error) {
    await engine.close();
    throw error;
  }
  return engine;
}

class EmbeddedEngine extends NegotiatedEngine<EngineCall> {
  readonly #options: EmbeddedEngineOptions;
  readonly #clock: Clock;
  readonly #ports: PortPool;
  readonly #stocks = new Map<ProcessSlot, RelayStock>();
  readonly #byNumber = new Map<number, EngineCall>();
  #lastNumber = 0;
  #ready = true;

  constructor(openLink: OpenLink, clock: Clock, options: EmbeddedEngineOptions, events: MediaEvents) {
    super(events);
    this.#options = options;
    this.#clock = clock;
    this.#ports = new PortPool(options.ports, options.portQuarantineMs, () => clock.monotonic());
    const { io, address, sourcePolicy, lossMs, secureAudio, betweenCaptures, lookBackMs, fill } = options;
    const relay: RelayOptions = { io, address, sourcePolicy, lossMs, secureAudio, betweenCaptures, lookBackMs, fill };
    const linkEvents = {
      pressed: (record: KeyRecord) => this.#pressed(record),
      lost: (number: number, leg: LegSide) => this.#lost(number, leg),
      leaked: (number: number, kind: LeakKind) => {
        const call = this.#byNumber.get(number);
        if (call !== undefined) this.events.leaked(call.id, kind);
      },
      failed: (number: number) => this.#failed(number),
    };
    for (let n = options.processes ?? 1; n > 0; n -= 1) {
      const process = new ProcessSlot(
        openLink,
        clock,
        relay,
        linkEvents,
        (dead) => this.#died(dead),
        () => this.#tellReady(),
      );
      this.#stocks.set(process, new RelayStock(this.#ports, () => this.#nextNumber()));
    }
  }

  async start(): Promise<void> {
    await Promise.all([...this.#stocks].map(async ([process, stock]) => stock.fill(await process.link())));
  }

  protected async open(id: CallId, srtp: SrtpWishes): Promise<void> {
    const [process, stock] = this.#leastBusy();
    const link = await process.link();
    const { number, ports } = await stock.take(link);
    const negotiation = new Negotiation({
      address: this.#options.advertisedAddress ?? this.#options.address,
      ports,
      sessionIds: { caller: randomInt(1, 2 ** 47), agent: randomInt(1, 2 ** 47) },
      srtp: { ...this.#options.srtp, ...srtp },
      isOurs: (address, port) => this.#isOurs(address, port),
    });
    if (!process.runs(link)) {
      this.#ports.give(ports.caller, ports.agent);
      throw new CodedError('media-failed');
    }
    const call = { id, number, process, link, ports, negotiation, lock: new CallLock() };
    process.calls += 1;
    this.calls.set(id, call);
    this.#byNumber.set(number, call);
  }

  protected async configure(call: EngineCall, legs: LegChanges): Promise<void> {
    call.link.configure({ call: call.number, legs });
  }

  protected carried(sdp: string): string {
    return sdp;
  }

  async secure(id: CallId): Promise<void> {
    const call = this.call(id);
    const generation = call.lock.ask();
    await call.link.request('call.secure', { call: call.number, generation });
    // Presses that were faster than the confirmation wait until whoever asked for the lock has opened its field.
    const early = call.lock.confirm(generation);
    if (early.length > 0) setImmediate(() => early.forEach((record) => void this.#report(call, record)));
  }

  async release(id: CallId): Promise<SecuredInterval> {
    const call = this.call(id);
    const generation = call.lock.generation;
    const interval = await call.link.request('call.release', { call: call.number });
    call.lock.release(generation);
    // A call that was open has no interval.
    if (interval.ms > 0) this.events.secured(id, interval);
    return interval;
  }

  async endCall(id: CallId): Promise<MediaReport> {
    const call = this.calls.get(id);
    if (call === undefined) return emptyReport();
    this.#forget(call);
    try {
      const { report, secured } = await call.link.request('call.close', { call: call.number });
      if (secured !== null) this.events.secured(id, secured);
      return report;
    } catch {
      return emptyReport();
    } finally {
      this.#ports.give(call.ports.caller, call.ports.agent);
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.calls.keys()].map((id) => this.endCall(id)));
    for (const process of this.#stocks.keys()) process.close();
  }

  /** The process with the fewest calls of those that are ready and, where no port is free, have a relay left. */
  #leastBusy(): [ProcessSlot, RelayStock] {
    const dry = this.#ports.free < 2;
    let best: [ProcessSlot, RelayStock] | undefined;
    const worth = ([process, stock]: [ProcessSlot, RelayStock]): number =>
      (process.ready ? 2 : 0) + (dry && stock.isEmpty ? 0 : 1);
    for (const one of this.#stocks) {
      const better = best === undefined ? 1 : worth(one) - worth(best);
      if (best === undefined || better > 0 || (better === 0 && one[0].calls < best[0].calls)) best = one;
    }
    assert(best !== undefined);
    return best;
  }

  #nextNumber(): number {
    this.#lastNumber = (this.#lastNumber % 0xffff_ffff) + 1;
    return this.#lastNumber;
  }

  #isOurs(address: string, port: number): boolean {
    const { address: bound, advertisedAddress } = this.#options;
    const local = bound === '0.0.0.0' || bound === '::' ? address.startsWith('127.') || address === '::1' : false;
    return (address === bound || address === advertisedAddress || local) && this.#ports.listensOn(port);
  }

  #pressed(record: KeyRecord): void {
    const call = this.#byNumber.get(record.call);
    if (call?.lock.admits(record) === true) this.#report(call, record);
  }

  #report(call: EngineCall, { key, carrier, at }: KeyRecord): void {
    if (!this.calls.has(call.id)) return;
    // The room's own clock: what else it measures, it measures by that.
    const here = this.#clock.monotonic() - Math.max(0, machineMs() - at);
    this.events.pressed({ call: call.id, leg: 'caller', key, source: carrier, at: here });
  }

  #lost(number: number, leg: LegSide): void {
    const call = this.#byNumber.get(number);
    if (call !== undefined) this.events.lost(call.id, leg);
  }

  /** Settings that could not be put in force: nobody knows by what the call runs now, so it is over. */
  #failed(number: number): void {
    const call = this.#byNumber.get(number);
    if (call === undefined) return;
    void this.endCall(call.id);
    this.events.died([call.id]);
  }

  #died(process: ProcessSlot): void {
    this.#stocks.get(process)?.drop();
    const dead = [...this.calls.values()].filter((call) => call.process === process);
    for (const call of dead) {
      this.#forget(call);
      this.#ports.give(call.ports.caller, call.ports.agent);
    }
    if (dead.length > 0) this.events.died(dead.map(({ id }) => id));
  }

  #tellReady(): void {
    const ready = [...this.#stocks.keys()].some((one) => one.ready);
    if (ready === this.#ready) return;
    this.#ready = ready;
    this.events.ready(ready);
  }

  #forget(call: EngineCall): void {
    this.calls.delete(call.id);
    this.#byNumber.delete(call.number);
    call.process.calls -= 1;
    call.lock.wipe();
  }
}

const emptyLeg: LegReport = { received: 0, sent: 0, lost: 0, jitterMs: 0, refused: 0 };
const emptyReport = (): MediaReport => ({ caller: emptyLeg, agent: emptyLeg });
