import type { LegSide } from '../../../shared/leg-side.ts';
import { RedundantPayload } from '../../dtmf/redundant-payload.ts';
import { emptyEventPacket, readEvent, wipeEvent } from '../../dtmf/telephone-event.ts';
import { type MediaReport, noInterval, type SecuredInterval } from '../media-engine.ts';
import type { LegSettings } from '../offer-answer/leg-settings.ts';
import { markerOf, payloadEnd, payloadStart, payloadTypeOf, sequenceOf, ssrcOf, timestampOf } from '../rtp-packet.ts';
import { AgentLine } from './agent-line.ts';
import { CallerKeys } from './caller-keys.ts';
import { CallerSound } from './caller-sound.ts';
import { Flow } from './flow.ts';
import { Leg, type RtpTaker } from './leg.ts';
import { PayloadRoutes } from './payload-routes.ts';
import type { RelayEvents, RelayOptions } from './relay-options.ts';
import { emptyRelayed } from './relayed-packet.ts';
import type { RtpIo } from './rtp-io.ts';
import { Suppression } from './suppression.ts';
import { ToneEar } from './tone-ear.ts';
import type { MakeTap } from './tone-tap.ts';

/** How often a release that waits for a key looks again. */
const releasePollMs = 5;

/** The packet in hand. One for all calls: they are served one after another. */
const relayed = emptyRelayed();
const event = emptyEventPacket();
const redundant = new RedundantPayload();

const makeEar: MakeTap = (take) => new ToneEar(take);

/** One call in the media process: two legs, what passes between them, and the lock. */
export class CallRelay implements RtpTaker {
  #caller!: Leg;
  #agent!: Leg;
  readonly #options: RelayOptions;
  readonly #events: RelayEvents;
  readonly #suppression = new Suppression();
  readonly #keys: CallerKeys;
  readonly #sound: CallerSound;
  #line!: AgentLine;
  /** Nobody is left who could release the lock: nothing passes, in whatever mode. */
  #sealed = false;
  #releases: ((interval: SecuredInterval) => void)[] = [];

  private constructor(options: RelayOptions, events: RelayEvents, makeTap: MakeTap) {
    this.#options = options;
    this.#events = events;
    this.#keys = new CallerKeys(this.#suppression, events.pressed);
    const ear = makeTap((key, at, early, now) => this.#keys.tone(key, at, early, now));
    this.#sound = new CallerSound(options, ear);
  }

  /** Binds both legs. @throws {CodedError} `media-failed` when a port is taken. */
  static async open(
    io: RtpIo,
    ports: { readonly caller: number; readonly agent: number },
    options: RelayOptions,
    events: RelayEvents,
    makeTap: MakeTap = makeEar,
  ): Promise<CallRelay> {
    const relay = new CallRelay(options, events, makeTap);
    const common = { address: options.address, policy: options.sourcePolicy, loss: options.lossMs, fill: options.fill };
    const [toAgent, toCaller] = [new Flow(), new Flow()];
    relay.#caller = await Leg.open(io, ports.caller, { side: 'caller', from: toAgent, to: toCaller, ...common }, relay);
    try {
      relay.#agent = await Leg.open(io, ports.agent, { side: 'agent', from: toCaller, to: toAgent, ...common }, relay);
    } catch (error) {
      relay.#caller.close();
      throw error;
    }
    relay.#caller.shorten(relay.#agent);
    relay.#agent.shorten(relay.#caller);
    relay.#line = new AgentLine(relay.#agent, options.secureAudio === 'masked', (kind) => events.leaked(kind));
    return relay;
  }

  configure(side: LegSide, settings: LegSettings, now: number): void {
    this.#disarm();
    (side === 'caller' ? this.#caller : this.#agent).configure(settings, now);
    this.#route(this.#caller, this.#agent);
    this.#route(this.#agent, this.#caller);
    this.#line.describe();
    if (this.#caller.settings === undefined || this.#agent.settings === undefined) return;
    this.#caller.expect(now);
    this.#agent.expect(now);
  }

  /** In force when it returns. Renewed by a later one with a higher generation. */
  secure(generation: number, now: number): void {
    this.#disarm();
    const fresh = this.#suppression.secure(generation, now);
    this.#settleReleases(now);
    this.#line.lock(fresh, now);
    const passes = this.#sound.lock(this.#caller.routes?.law, now - this.#caller.incoming.lastAt);
    if (!passes) this.#line.hush(now);
    if (this.#options.secureAudio === 'mute') this.#caller.outgoing.silence(now);
    this.#events.wake();
  }

  /** As {@link secure}, for good and for everything: nobody is left who could release it. */
  seal(generation: number, now: number): void {
    this.#sealed = true;
    this.secure(generation, now);
    this.#line.hush(now);
  }

  /** Resolves when the customer will be heard again, which waits for the press in progress; the sound comes a moment later. */
  release(now: number): Promise<SecuredInterval> {
    if (this.#suppression.state === 'open' || this.#suppression.state === 'leaving') return Promise.resolve(noInterval);
    const released = new Promise<SecuredInterval>((resolve) => this.#releases.push(resolve));
    this.#suppression.askRelease(now);
    this.#poll(now);
    this.#events.wake();
    return released;
  }

  /** Does what time asks for. @returns when to call it again, or infinity. */
  tick(now: number): number {
    this.#poll(now);
    const agent = this.#agent.outgoing.tick(now);
    const caller = this.#caller.outgoing.tick(now);
    const waits = this.#suppression.state === 'releasing' || this.#suppression.state === 'leaving';
    const poll = waits ? now + releasePollMs : Number.POSITIVE_INFINITY;
    return Math.min(agent, caller, poll);
  }

  /** The slow round, about once a second: reports, and @returns the sides from which nothing comes any more. */
  sweep(now: number, wallMs: number): LegSide[] {
    this.#keys.expire(now);
    const lost: LegSide[] = [];
    for (const leg of [this.#caller, this.#agent]) {
      leg.report(now, wallMs);
      if (leg.lossFound(now)) lost.push(leg.side);
    }
    return lost;
  }

  /** @returns the counts of the call, and those of a lock that ends with it. */
  close(now: number, wallMs: number): { report: MediaReport; secured: SecuredInterval | null } {
    for (const leg of [this.#caller, this.#agent]) {
      leg.report(now, wallMs, true);
      leg.close();
    }
    const untold = this.#suppression.locked && this.#releases.length === 0;
    const secured = untold ? this.#line.interval(now) : null;
    this.#settleReleases(now);
    this.#keys.wipe();
    this.#sound.wipe();
    this.#line.wipe();
    return { report: { caller: this.#caller.counts(), agent: this.#agent.counts() }, secured };
  }

  #route(from: Leg, to: Leg): void {
    from.routes = from.settings === undefined ? undefined : new PayloadRoutes(from.settings, to.settings);
  }

  /** A packet that one of the legs got from its peer. */
  take(leg: Leg, packet: Buffer, length: number, now: number): void {
    leg.flow.armed = false;
    const start = payloadStart(packet, length);
    const end = start < 0 ? -1 : payloadEnd(packet, length, start);
    const routes = leg.routes;
    const agreed = end >= 0 && routes?.find(payloadTypeOf(packet)) === true;
    if (routes === undefined || !agreed || !leg.incoming.accept(ssrcOf(packet), sequenceOf(packet), now)) {
      leg.refused += 1;
      return;
    }
    relayed.packet = packet;
    relayed.start = start;
    relayed.end = end;
    relayed.sequence = sequenceOf(packet);
    relayed.timestamp = timestampOf(packet);
    relayed.marker = markerOf(packet);
    relayed.epoch = leg.incoming.epoch;
    relayed.eventTicks = -1;
    if (routes.isRedundant && !this.#unwrap(leg, routes, now)) return;
    relayed.payloadType = routes.target;
    relayed.clockRate = routes.clockRate;
    if (routes.isEvent) this.#eventPacket(leg, now);
    else this.#audio(leg, routes, now);
  }

  /** Reads what the packet repeats (RFC 2198), then makes it one that came without. @returns false when it cannot be read. */
  #unwrap(leg: Leg, routes: PayloadRoutes, now: number): boolean {
    if (!redundant.read(relayed.packet, relayed.start, relayed.end)) return false;
    if (leg === this.#caller) this.#keys.repeated(redundant, relayed, routes, now, this.#sound.ear);
    relayed.start = redundant.start;
    return routes.find(redundant.type) && !routes.isRedundant;
  }

  #audio(leg: Leg, { table, law }: PayloadRoutes, now: number): void {
    const { packet, start, end, timestamp, clockRate } = relayed;
    leg.incoming.measure(timestamp, clockRate, now);
    if (leg === this.#caller) {
      if (!this.#soundPasses(law, now)) {
        this.#agent.outgoing.skip(relayed.sequence, relayed.epoch);
        return;
      }
    } else if (this.#options.secureAudio === 'mute' && this.#suppression.state !== 'open') {
      return;
    }
    const tap = leg === this.#caller && this.#sound.listens ? this.#sound.tap(law, leg.incoming.epoch) : undefined;
    const plain = table === undefined && !relayed.marker && tap !== null && !this.#keys.held(now);
    if (table !== undefined) for (let i = start; i < end; i += 1) packet[i] = table[packet[i] as number] as number;
    const typeIn = payloadTypeOf(packet);
    this.#pass(leg, now, -1);
    const to = leg === this.#caller ? this.#agent : this.#caller;
    if (plain && this.#suppression.state === 'open') leg.arm(to, typeIn, relayed, tap);
  }

  /** Whether the packet of the customer's, or what is left of it, goes on to the agent. */
  #soundPasses(law: PayloadRoutes['law'], now: number): boolean {
    const open = this.#suppression.state === 'open';
    const held = this.#keys.held(now);
    const fate = this.#sound.take(relayed, law, open, held, now);
    if (!open && fate !== 'passes') this.#line.counts.audioSuppressed += 1;
    if (fate === 'blind' && this.#line.hush(now)) this.#events.wake();
    if (fate === 'dropped' || fate === 'blind' || this.#sealed) return false;
    // A key that was still down when a release could wait no longer.
    if (!this.#sound.masks(open) && !this.#suppression.audioPasses(held || this.#sound.ear.sounding(now))) return false;
    // A time that is handed on is garbage: not for each packet.
    if (this.#line.hushed) this.#line.speak(held, this.#keys.lastAt, now);
    return true;
  }

  #eventPacket(leg: Leg, now: number): void {
    const { packet, start } = relayed;
    event.ssrc = ssrcOf(packet);
    event.sequence = relayed.sequence;
    event.timestamp = relayed.timestamp;
    event.marker = relayed.marker;
    event.clockRate = relayed.clockRate;
    event.at = now;
    if (!readEvent(packet, start, relayed.end, event)) {
      wipeEvent(packet, start);
      return;
    }
    relayed.eventTicks = event.duration;
    if (leg === this.#caller) this.#callerEvent(now);
    else this.#agentEvent(now);
    event.event = 0xff;
  }

  #callerEvent(now: number): void {
    const verdict = this.#keys.event(event, this.#sound.ear);
    const passes = this.#suppression.eventPasses(verdict, event) && this.#options.betweenCaptures === 'pass';
    if (passes) {
      this.#pass(this.#caller, now, relayed.start);
      return;
    }
    const open = this.#suppression.state === 'open';
    if (!open) this.#line.counts.eventsSuppressed += 1;
    // Events come in place of sound: what takes them out must put something there.
    if (this.#sound.masks(open) && this.#line.hush(now)) this.#events.wake();
    this.#agent.outgoing.skip(relayed.sequence, relayed.epoch);
    wipeEvent(relayed.packet, relayed.start);
  }

  /** Keys of the agent are nobody's business but the customer's, and never while the call is secured. */
  #agentEvent(now: number): void {
    if (this.#suppression.state === 'open') this.#pass(this.#agent, now, -1);
    else this.#caller.outgoing.skip(relayed.sequence, relayed.epoch);
  }

  #pass(from: Leg, now: number, wipeAt: number): void {
    const to = from === this.#caller ? this.#agent.outgoing : this.#caller.outgoing;
    const sent = relayed.payloadType >= 0 && to.relay(relayed, now, wipeAt);
    if (sent) return;
    to.skip(relayed.sequence, relayed.epoch);
    if (wipeAt >= 0) wipeEvent(relayed.packet, wipeAt);
  }

  #disarm(): void {
    this.#caller.flow.armed = false;
    this.#agent.flow.armed = false;
  }

  #poll(now: number): void {
    const held = this.#keys.held(now) || this.#sound.ear.sounding(now);
    const step = this.#suppression.releases(now, held, this.#keys.lastAt);
    if (step === 'told') this.#settleReleases(now);
    if (step !== 'done') return;
    this.#line.open(now);
    this.#caller.outgoing.resume(now);
  }

  #settleReleases(now: number): void {
    if (this.#releases.length === 0) return;
    const interval = this.#line.interval(now);
    for (const resolve of this.#releases) resolve(interval);
    this.#releases = [];
    this.#events.settled();
  }
}
