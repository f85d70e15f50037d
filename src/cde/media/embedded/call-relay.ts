import type { LegSide } from '../../../shared/leg-side.ts';
import { alawTable, ulawTable } from '../../dtmf/g711.ts';
import { asKeyCode, type KeyCode } from '../../dtmf/key-code.ts';
import { emptyEventPacket, readEvent, wipeEvent } from '../../dtmf/telephone-event.ts';
import { TelephoneEventReceiver } from '../../dtmf/telephone-event-receiver.ts';
import type { MediaReport, SecuredInterval } from '../media-engine.ts';
import { Flow } from './flow.ts';
import type { IoChoice } from './io-choice.ts';
import { Leg, type LossLimits, type RtpTaker } from './leg.ts';
import type { LegSettings } from './leg-settings.ts';
import { PayloadRoutes } from './payload-routes.ts';
import { emptyRelayed } from './relayed-packet.ts';
import type { RtpIo } from './rtp-io.ts';
import { markerOf, payloadEnd, payloadStart, payloadTypeOf, sequenceOf, ssrcOf, timestampOf } from './rtp-packet.ts';
import type { SourcePolicy } from './source-guard.ts';
import { Suppression } from './suppression.ts';
import type { ToneTap } from './tone-tap.ts';

export interface RelayOptions {
  readonly io: IoChoice;
  readonly address: string;
  readonly sourcePolicy: SourcePolicy;
  readonly lossMs: LossLimits;
  readonly secureAudio: 'mute' | 'agentTalks' | 'masked';
  readonly betweenCaptures: 'pass' | 'drop';
}

/** Where a call's presses go. `generation` is the lock under which the press began, 0 in the open. */
export type TakePress = (key: KeyCode, generation: number, at: number) => void;

/** How often a release that waits for a key looks again. */
const releasePollMs = 5;

const emptyInterval = () => ({ audioSuppressed: 0, eventsSuppressed: 0, silenceBefore: 0 });

/** One call in the media process: two legs, what passes between them, and the lock. */
export class CallRelay implements RtpTaker {
  #caller!: Leg;
  #agent!: Leg;
  readonly #options: RelayOptions;
  readonly #pressed: TakePress;
  readonly #wake: () => void;
  readonly #tone: ToneTap | undefined;
  readonly #suppression = new Suppression();
  readonly #receiver = new TelephoneEventReceiver();
  readonly #event = emptyEventPacket();
  readonly #relayed = emptyRelayed();
  #counts = emptyInterval();
  #lastPressAt = Number.NEGATIVE_INFINITY;
  #releases: ((interval: SecuredInterval) => void)[] = [];

  private constructor(options: RelayOptions, pressed: TakePress, wake: () => void, tone: ToneTap | undefined) {
    this.#options = options;
    this.#pressed = pressed;
    this.#wake = wake;
    this.#tone = tone;
  }

  /**
   * Binds both legs. `wake` is called when {@link tick} has become due earlier than it last said.
   * @throws {CodedError} `media-failed` when a port is taken.
   */
  static async open(
    io: RtpIo,
    ports: { readonly caller: number; readonly agent: number },
    options: RelayOptions,
    pressed: TakePress,
    wake: () => void,
    tone?: ToneTap,
  ): Promise<CallRelay> {
    const relay = new CallRelay(options, pressed, wake, tone);
    const common = { address: options.address, policy: options.sourcePolicy, loss: options.lossMs };
    const [toAgent, toCaller] = [new Flow(), new Flow()];
    relay.#caller = await Leg.open(io, ports.caller, { ...common, side: 'caller', from: toAgent, to: toCaller }, relay);
    try {
      relay.#agent = await Leg.open(io, ports.agent, { ...common, side: 'agent', from: toCaller, to: toAgent }, relay);
    } catch (error) {
      relay.#caller.close();
      throw error;
    }
    relay.#caller.shorten(relay.#agent);
    relay.#agent.shorten(relay.#caller);
    return relay;
  }

  configure(side: LegSide, settings: LegSettings, now: number): void {
    this.#disarm();
    (side === 'caller' ? this.#caller : this.#agent).configure(settings, now);
    this.#route(this.#caller, this.#agent);
    this.#route(this.#agent, this.#caller);
    if (this.#caller.settings === undefined || this.#agent.settings === undefined) return;
    this.#caller.expect(now);
    this.#agent.expect(now);
  }

  /** In force when it returns. Renewed by a later one with a higher generation. */
  secure(generation: number, now: number): void {
    this.#disarm();
    if (this.#suppression.secure(generation, now)) {
      this.#counts = { ...emptyInterval(), silenceBefore: this.#agent.outgoing.silenceSent };
    }
    this.#settleReleases(now);
    this.#agent.outgoing.silence(now);
    if (this.#options.secureAudio === 'mute') this.#caller.outgoing.silence(now);
    this.#wake();
  }

  /** Resolves when the customer will be heard again, which waits for the press in progress; the sound comes a moment later. */
  release(now: number): Promise<SecuredInterval> {
    if (this.#suppression.state === 'open' || this.#suppression.state === 'leaving')
      return Promise.resolve(noInterval());
    const released = new Promise<SecuredInterval>((resolve) => this.#releases.push(resolve));
    this.#suppression.askRelease(now);
    this.#poll(now);
    this.#wake();
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
    this.#receiver.expire(now);
    const lost: LegSide[] = [];
    for (const leg of [this.#caller, this.#agent]) {
      leg.report(now, wallMs);
      if (leg.lossFound(now)) lost.push(leg.side);
    }
    return lost;
  }

  close(now: number, wallMs: number): MediaReport {
    for (const leg of [this.#caller, this.#agent]) {
      leg.report(now, wallMs, true);
      leg.close();
    }
    this.#settleReleases(now);
    this.#receiver.wipe();
    return { caller: this.#caller.counts(), agent: this.#agent.counts() };
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
    if (routes === undefined || end < 0 || !routes.find(payloadTypeOf(packet))) {
      leg.refused += 1;
      return;
    }
    if (!leg.incoming.accept(ssrcOf(packet), sequenceOf(packet), now)) {
      leg.refused += 1;
      return;
    }
    const relayed = this.#relayed;
    relayed.packet = packet;
    relayed.start = start;
    relayed.end = end;
    relayed.sequence = sequenceOf(packet);
    relayed.timestamp = timestampOf(packet);
    relayed.marker = markerOf(packet);
    relayed.payloadType = routes.target;
    relayed.clockRate = routes.clockRate;
    relayed.epoch = leg.incoming.epoch;
    relayed.eventTicks = -1;
    if (routes.isEvent) this.#eventPacket(leg, now);
    else this.#audio(leg, routes.table, now);
  }

  #audio(leg: Leg, convert: Uint8Array | undefined, now: number): void {
    const { packet, start, end, timestamp, clockRate } = this.#relayed;
    leg.incoming.measure(timestamp, clockRate, now);
    if (leg === this.#caller) {
      this.#listen(leg, now);
      const held = this.#receiver.held(now);
      const open = this.#suppression.audioPasses(held);
      if (!open || (held && this.#options.betweenCaptures === 'drop')) {
        if (this.#suppression.state !== 'open') this.#counts.audioSuppressed += 1;
        this.#agent.outgoing.skip(this.#relayed.sequence, this.#relayed.epoch);
        return;
      }
    } else if (this.#options.secureAudio === 'mute' && this.#suppression.state !== 'open') {
      return;
    }
    const plain = convert === undefined && !this.#relayed.marker && !this.#hears(leg) && !this.#receiver.held(now);
    if (convert !== undefined) for (let i = start; i < end; i += 1) packet[i] = convert[packet[i] as number] as number;
    const typeIn = payloadTypeOf(packet);
    this.#pass(leg, now, -1);
    const to = leg === this.#caller ? this.#agent : this.#caller;
    const passes = this.#suppression.state === 'open' && to.outgoing.relaying && this.#relayed.payloadType >= 0;
    // Further packets like this one may take the short way, until something happens.
    if (plain && passes) leg.flow.arm(typeIn, this.#relayed.payloadType);
  }

  #eventPacket(leg: Leg, now: number): void {
    const relayed = this.#relayed;
    const { packet, start } = relayed;
    const event = this.#event;
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
    const event = this.#event;
    const verdict = this.#receiver.accept(event);
    if (verdict !== 'other') this.#lastPressAt = now;
    const passes = this.#suppression.eventPasses(verdict) && this.#options.betweenCaptures === 'pass';
    if (verdict === 'new' && this.#suppression.ownsPress(event)) {
      const key = asKeyCode(event.event);
      if (key !== undefined) this.#pressed(key, this.#suppression.generation, now);
    }
    if (passes) {
      this.#pass(this.#caller, now, this.#relayed.start);
      return;
    }
    if (this.#suppression.state !== 'open') this.#counts.eventsSuppressed += 1;
    this.#agent.outgoing.skip(this.#relayed.sequence, this.#relayed.epoch);
    wipeEvent(this.#relayed.packet, this.#relayed.start);
  }

  /** Keys of the agent are nobody's business but the customer's, and never while the call is secured. */
  #agentEvent(now: number): void {
    if (this.#suppression.state === 'open') this.#pass(this.#agent, now, -1);
    else this.#caller.outgoing.skip(this.#relayed.sequence, this.#relayed.epoch);
  }

  #pass(from: Leg, now: number, wipeAt: number): void {
    const relayed = this.#relayed;
    const to = from === this.#caller ? this.#agent.outgoing : this.#caller.outgoing;
    const sent = relayed.payloadType >= 0 && to.relay(relayed, now, wipeAt);
    if (sent) return;
    to.skip(relayed.sequence, relayed.epoch);
    if (wipeAt >= 0) wipeEvent(relayed.packet, wipeAt);
  }

  #listen(leg: Leg, now: number): void {
    if (this.#tone === undefined) return;
    const type = payloadTypeOf(this.#relayed.packet);
    const law = leg.settings?.codecs.find(({ receive }) => receive === type)?.silence;
    if (law !== 'PCMU' && law !== 'PCMA') return;
    const { packet, start, end } = this.#relayed;
    this.#tone.listen(packet, start, end, law === 'PCMU' ? ulawTable : alawTable, now);
  }

  /** Whether what this leg says must be listened to, packet by packet. */
  #hears(leg: Leg): boolean {
    return this.#tone !== undefined && leg === this.#caller;
  }

  #disarm(): void {
    this.#caller.flow.armed = false;
    this.#agent.flow.armed = false;
  }

  #poll(now: number): void {
    const held = this.#receiver.held(now) || this.#tone?.sounding === true;
    const step = this.#suppression.releases(now, held, this.#lastPressAt);
    if (step === 'told') this.#settleReleases(now);
    if (step !== 'done') return;
    this.#agent.outgoing.resume(now);
    this.#caller.outgoing.resume(now);
  }

  #settleReleases(now: number): void {
    if (this.#releases.length === 0) return;
    const { audioSuppressed, eventsSuppressed, silenceBefore } = this.#counts;
    const silenceSent = this.#agent.outgoing.silenceSent - silenceBefore;
    const interval = { ms: now - this.#suppression.since, audioSuppressed, eventsSuppressed, silenceSent };
    for (const resolve of this.#releases) resolve(interval);
    this.#releases = [];
  }
}

const noInterval = (): SecuredInterval => ({ ms: 0, audioSuppressed: 0, eventsSuppressed: 0, silenceSent: 0 });
