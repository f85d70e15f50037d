import { randomInt } from 'node:crypto';
import { type Clock, systemClock, type Timer } from '../../../shared/clock.ts';
import { CodedError } from '../../../shared/coded-error.ts';
import type { CallId } from '../../../shared/ids.ts';
import { type LegSide, legSides } from '../../../shared/leg-side.ts';
import { type LossLimits, LossWatch } from '../loss-watch.ts';
import type { LegReport, MediaEngine, MediaEvents, MediaReport, SecuredInterval } from '../media-engine.ts';
import { canonicalAddress } from '../offer-answer/canonical-address.ts';
import type { LegSettings } from '../offer-answer/leg-settings.ts';
import { type LegChanges, NegotiatedEngine } from '../offer-answer/negotiated-engine.ts';
import { Negotiation } from '../offer-answer/negotiation.ts';
import { BridgedCall, type Ends } from './bridged-call.ts';
import { carried } from './carried.ts';
import { mediaServers } from './fsmrf.ts';
import { type LegCounts, LegEndpoint, noCounts } from './leg-endpoint.ts';
import { legOffer } from './leg-offer.ts';
import { MediaHost, type MediaHostOptions } from './media-host.ts';
import { SipLines, type SipServerAddress } from './sip-lines.ts';

export interface FreeswitchOptions {
  /** The servers over which calls are spread. */
  readonly servers: readonly MediaHostOptions[];
  /** By which SIP goes to them. */
  readonly sip: readonly SipServerAddress[];
  readonly lossMs: LossLimits;
  readonly secureAudio: 'mute' | 'agentTalks' | 'masked';
  readonly betweenCaptures: 'pass' | 'drop';
}

/** How often the packets of every call are counted. */
const countEveryMs = 2000;
const startAttempts = 20;
const startPauseMs = 500;

interface EngineCall {
  readonly id: CallId;
  readonly host: MediaHost;
  readonly ends: Ends;
  readonly bridged: BridgedCall;
  readonly negotiation: Negotiation;
  readonly own: readonly string[];
  readonly watches: Readonly<Record<LegSide, LossWatch>>;
}

/**
 * Starts the engine.
 * @throws {CodedError} `media-failed` when none of the servers may be given calls, or no SIP server is there.
 */
export async function startFreeswitch(
  options: FreeswitchOptions,
  events: MediaEvents,
  clock: Clock = systemClock,
): Promise<MediaEngine> {
  const engine = new FreeswitchEngine(options, events, clock);
  await engine.start();
  return engine;
}

/** Media by FreeSWITCH: our own offer and answer, two channels of theirs a call, bridged. */
class FreeswitchEngine extends NegotiatedEngine<EngineCall> {
  readonly #options: FreeswitchOptions;
  readonly #clock: Clock;
  readonly #lines: SipLines;
  readonly #hosts: readonly MediaHost[];
  /** Our own media addresses that are in use. */
  readonly #own = new Set<string>();
  #timer: Timer | undefined;
  #ready = true;

  constructor(options: FreeswitchOptions, events: MediaEvents, clock: Clock) {
    super(events);
    this.#options = options;
    this.#clock = clock;
    this.#lines = new SipLines(options.sip, () => this.#tellReady());
    const mrf = mediaServers(this.#lines);
    this.#hosts = options.servers.map(
      (server) =>
        new MediaHost(
          server,
          mrf,
          clock,
          (host) => this.#died([...this.calls.values()].filter((call) => call.host === host)),
          () => this.#tellReady(),
        ),
    );
  }

  async start(): Promise<void> {
    // They may be starting at the same time as we.
    await Promise.all(this.#hosts.map((host) => host.start()));
    for (let attempt = 1; !this.#able; attempt += 1) {
      if (attempt === startAttempts) {
        await this.close();
        throw new CodedError('media-failed', 'no FreeSWITCH that may be used', ['media.freeswitch']);
      }
      await new Promise<void>((done) => this.#clock.after(startPauseMs, done));
    }
    this.#tellReady();
    this.#countLater();
  }

  async secure(id: CallId): Promise<void> {
    const call = this.call(id);
    try {
      await call.bridged.secure();
    } catch (error) {
      // The agent may hear what he must not, so there is no call any more.
      if (this.calls.has(id)) this.#died([call]);
      throw error;
    }
  }

  release(id: CallId): Promise<SecuredInterval> {
    return this.call(id).bridged.release();
  }

  async endCall(id: CallId): Promise<MediaReport> {
    const call = this.calls.get(id);
    if (call === undefined) return reportOf(noCounts, noCounts);
    const counts = await call.bridged.counts().catch(() => ({ caller: noCounts, agent: noCounts }));
    this.#forget(call);
    await Promise.all(legSides.map((side) => call.ends[side].end()));
    return reportOf(counts.caller, counts.agent);
  }

  async close(): Promise<void> {
    this.#timer?.cancel();
    await Promise.all([...this.calls.keys()].map((id) => this.endCall(id)));
    for (const host of this.#hosts) host.close();
    this.#lines.close();
  }

  /** Takes the server with most room, and the next one where that does not take the call. */
  protected async open(id: CallId): Promise<void> {
    const fit = this.#hosts.filter((host) => host.fit).sort((a, b) => b.room - a.room);
    for (const host of fit) {
      const call = await this.#openOn(host, id).catch((error: unknown) => {
        if (error instanceof CodedError) return undefined;
        throw error;
      });
      if (call === undefined) continue;
      this.calls.set(id, call);
      return;
    }
    throw new CodedError('media-failed', 'no FreeSWITCH takes the call');
  }

  async #openOn(host: MediaHost, id: CallId): Promise<EngineCall> {
    host.calls += 1;
    let ends: Ends | undefined;
    try {
      const { secureAudio, betweenCaptures } = this.#options;
      let negotiation: Negotiation | undefined;
      const bridged = new BridgedCall({
        clock: this.#clock,
        secureAudio,
        betweenCaptures,
        takesEvents: (leg) => (negotiation?.settings(leg)?.events.length ?? 0) > 0,
        heard: ({ key, source, at }) => this.events.pressed({ call: id, leg: 'caller', key, source, at }),
        secured: (interval) => this.events.secured(id, interval),
      });
      ends = await this.#endpoints(host, id, bridged);
      await bridged.join(ends);
      negotiation = this.#negotiation(ends);
      const own = legSides.flatMap((side) => ownNames(ends?.[side]));
      for (const name of own) this.#own.add(name);
      const now = this.#clock.monotonic();
      const watch = (): LossWatch => new LossWatch(this.#options.lossMs, now);
      return { id, host, ends, bridged, negotiation, own, watches: { caller: watch(), agent: watch() } };
    } catch (error) {
      host.calls -= 1;
      await Promise.all(legSides.map((side) => ends?.[side].end()));
      throw error;
    }
  }

  /** Both or none. */
  async #endpoints(host: MediaHost, id: CallId, bridged: BridgedCall): Promise<Ends> {
    const make = async (side: LegSide): Promise<LegEndpoint> => {
      const offer = legOffer(side, undefined);
      return new LegEndpoint(await host.createEndpoint(offer), offer, this.#clock, {
        key: (event) => bridged.key(side, event),
        died: () => this.#endDied(id, bridged),
      });
    };
    const [caller, agent] = await Promise.allSettled([make('caller'), make('agent')]);
    if (caller.status === 'fulfilled' && agent.status === 'fulfilled')
      return { caller: caller.value, agent: agent.value };
    for (const one of [caller, agent]) if (one.status === 'fulfilled') await one.value.end();
    throw new CodedError('media-failed');
  }

  #negotiation({ caller, agent }: Ends): Negotiation {
    return new Negotiation({
      address: caller.port.address,
      ports: { caller: caller.port.port, agent: agent.port.port },
      sessionIds: { caller: randomInt(1, 2 ** 47), agent: randomInt(1, 2 ** 47) },
      srtp: { caller: 'refuse', agent: 'refuse' },
      isOurs: (address, port) => this.#own.has(nameOf(address, port)),
    });
  }

  /** One leg after the other, each by a re-INVITE. */
  protected async configure(call: EngineCall, changes: LegChanges): Promise<void> {
    for (const leg of legSides) {
      const settings = changes[leg];
      if (settings !== undefined) await this.#configureLeg(call, leg, settings);
    }
  }

  async #configureLeg(call: EngineCall, leg: LegSide, settings: LegSettings): Promise<void> {
    call.watches[leg].restart(this.#clock.monotonic());
    try {
      await call.bridged.configure(leg, legOffer(leg, settings));
    } catch (error) {
      // What FreeSWITCH makes of a re-INVITE without an answer nobody knows.
      if (error instanceof CodedError && error.code === 'media-failed' && this.calls.has(call.id)) this.#died([call]);
      throw error;
    }
  }

  protected carried(sdp: string, as: 'offer' | 'answer'): string {
    return as === 'answer' ? carried(sdp, 'first') : carried(sdp);
  }

  #countLater(): void {
    this.#timer = this.#clock.after(countEveryMs, () => {
      for (const call of this.calls.values()) void this.#count(call);
      this.#countLater();
    });
  }

  async #count(call: EngineCall): Promise<void> {
    const legs = legSides.map((leg) => ({ leg, settings: call.negotiation.settings(leg) }));
    // A call may ring for long: nothing is expected before both legs are described.
    if (legs.some(({ settings }) => settings === undefined)) return;
    const counts = await call.bridged.counts().catch(() => undefined);
    if (counts === undefined || !this.calls.has(call.id)) return;
    for (const { leg, settings } of legs) {
      const talks = settings?.talks === true;
      if (call.watches[leg].lost(counts[leg].received, talks, this.#clock.monotonic())) this.events.lost(call.id, leg);
    }
  }

  /** A channel has died by itself; before the call stands, whoever opens it finds out. */
  #endDied(id: CallId, bridged: BridgedCall): void {
    const call = this.calls.get(id);
    if (call?.bridged === bridged) this.#died([call]);
  }

  /** The calls are over; what is left of their channels is ended, and nobody waits for that. */
  #died(calls: readonly EngineCall[]): void {
    for (const call of calls) {
      this.#forget(call);
      for (const side of legSides) void call.ends[side].end();
    }
    if (calls.length > 0) this.events.died(calls.map(({ id }) => id));
  }

  get #able(): boolean {
    return this.#lines.connected && this.#hosts.some((host) => host.fit);
  }

  #tellReady(): void {
    if (this.#timer === undefined || this.#able === this.#ready) return;
    this.#ready = this.#able;
    this.events.ready(this.#ready);
  }

  #forget(call: EngineCall): void {
    this.calls.delete(call.id);
    call.host.calls -= 1;
    for (const name of call.own) this.#own.delete(name);
    call.bridged.close();
  }
}

const nameOf = (address: string, port: number): string => `${canonicalAddress(address)} ${port}`;

const ownNames = (end: LegEndpoint | undefined): string[] =>
  end === undefined ? [] : [0, 1].map((more) => nameOf(end.port.address, end.port.port + more));

/** What FreeSWITCH counts of a leg, and what we read of it; loss and jitter are not among it. */
const legReport = ({ received, sent }: LegCounts): LegReport => ({ received, sent, lost: 0, jitterMs: 0, refused: 0 });
const reportOf = (caller: LegCounts, agent: LegCounts): MediaReport => ({
  caller: legReport(caller),
  agent: legReport(agent),
});
