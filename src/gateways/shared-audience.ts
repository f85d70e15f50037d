import { randomInt, randomUUID } from 'node:crypto';
import type { Audience, Feed, Follower } from '../agent/audience.ts';
import { type AgentEvent, type EventSubject, writeFrame } from '../agent/frame.ts';
import { logsLimit } from '../agent/local-audience.ts';
import { covers } from '../agent/owned.ts';
import { everybody, type Scope } from '../agent/route.ts';
import type { Clock, Timer } from '../shared/clock.ts';
import type { CallView } from '../telephony/call-view.ts';
import { type BusEntry, fittingEvent, type HeldCall, readEntry, readHeldCall } from './bus-entry.ts';
import type { GatewayBus } from './gateway-bus.ts';
import type { OwnCalls } from './own-calls.ts';
import { ScopeFeed } from './scope-feed.ts';
import {
  type Numbered,
  newScope,
  type ScopeEffect,
  type ScopeEvent,
  type ScopeState,
  scopeTransition,
} from './scope-machine.ts';
import { Turnstile } from './turnstile.ts';

/** Scopes are said to be wanted still, long before the bus forgets their events. */
const wantEveryMs = 20 * 60_000;
const wantAtOnce = 500;
/** Scopes that the bus is asked for at one time: all at once, when it is back, would be more than it answers in time. */
export const askedAtOnce = 100;
/** How long every gateway knows where an unknown payment can be settled. */
const unknownKnownMs = 7 * 24 * 60 * 60_000;
/** Own numbers begin somewhere in this many above the clock, so that two gateways that are alone do not meet. */
const aloneSpread = 2 ** 30;

export interface SharedAudienceParts {
  readonly bus: GatewayBus;
  readonly own: OwnCalls;
  readonly clock: Clock;
  /** An event or a text of the bus did not fit its schema. */
  readonly keptBack: (what: string) => void;
}

interface Channel {
  readonly feed: ScopeFeed;
  state: ScopeState;
  /** Called when the first state is there. */
  readonly waiting: Set<() => void>;
  begun: boolean;
}

/**
 * The audience of a gateway that has others beside it. The bus numbers every event, so that an agent's socket may be on any
 * gateway and come back to another; while the bus is away each gateway tells its own followers of its own calls.
 */
export class SharedAudience implements Audience {
  readonly #parts: SharedAudienceParts;
  readonly #channels = new Map<Scope, Channel>();
  /** Own events that the bus has not answered for yet, and the scopes that have heard them of it. */
  readonly #unsettled = new Map<string, Set<Scope>>();
  readonly #asking = new Turnstile(askedAtOnce);
  #wanting: Timer;

  constructor(parts: SharedAudienceParts) {
    this.#parts = parts;
    this.#wanting = this.#wantLater();
  }

  get logs(): number {
    return this.#channels.size;
  }

  /** Whether the agent's own panel, or one for it, sees here what becomes of its calls. */
  isFollowedHere(agent: string): boolean {
    return (this.#channels.get(agent)?.feed.followers.size ?? 0) > 0;
  }

  publish(agents: readonly string[], event: AgentEvent, about: EventSubject): void {
    const { own, bus } = this.#parts;
    const held = own.find(about.callId);
    const entry = this.entry(event, about, held ?? (event.type === 'call.ended' ? null : undefined));
    if (entry === undefined) return;
    const scopes = [...new Set([...agents, everybody])];
    const unknown = unknownIn(event);
    if (unknown !== undefined) bus.place(unknown, unknownKnownMs).catch(() => undefined);
    const heard = new Set<Scope>();
    this.#unsettled.set(entry.id, heard);
    bus
      .append(own.change(about, scopes, [entry]))
      .catch(() => {
        for (const scope of scopes)
          if (!heard.has(scope)) this.#tell(scope, { kind: 'own', entry: apart(entry, scope) });
      })
      .finally(() => this.#unsettled.delete(entry.id));
  }

  /** An event as it goes to the bus; undefined, and counted, when it does not fit. */
  entry(event: AgentEvent, about: EventSubject, held: HeldCall | null | undefined): BusEntry | undefined {
    const at = new Date(this.#parts.clock.now()).toISOString();
    const fitting = fittingEvent({ at, ...about, event });
    if (fitting === undefined) this.#parts.keptBack(event.type);
    return fitting && { id: randomUUID(), at, ...about, event: fitting, ...(held === undefined ? {} : { held }) };
  }

  async follow(scope: Scope, follower: Follower): Promise<Feed> {
    const channel = this.#channels.get(scope) ?? this.#open(scope);
    // Taken out and put in again: the order of the map is the order of last use.
    this.#channels.delete(scope);
    this.#channels.set(scope, channel);
    channel.feed.followers.add(follower);
    this.#forgetOldest();
    if (!channel.begun) await new Promise<void>((begun) => channel.waiting.add(begun));
    return channel.feed;
  }

  unfollow(scope: Scope, follower: Follower): void {
    this.#channels.get(scope)?.feed.followers.delete(follower);
  }

  snapshot(scope: Scope, seq: number): string | undefined {
    const calls = this.#channels.get(scope)?.feed.calls ?? [];
    const sessions = [...calls.flatMap(({ session }) => session ?? []), ...this.#parts.own.awaited(scope)];
    const at = new Date(this.#parts.clock.now()).toISOString();
    const frame = writeFrame({ seq, type: 'snapshot', at, calls: calls.map(({ call }) => call), sessions });
    if (frame === undefined) this.#parts.keptBack('snapshot');
    return frame;
  }

  /** Live calls of a scope on all gateways; its own are as they are now, whatever the bus has heard. */
  async callsOf(scope: Scope): Promise<CallView[]> {
    const { bus, own } = this.#parts;
    const mine = own.of(scope).map(({ call }) => call);
    const texts = bus.up ? await bus.callsOf(scope).catch(() => []) : [];
    const others = texts.flatMap((text) => readHeldCall(text) ?? []).filter(({ gateway }) => gateway !== own.gateway);
    return [...others.map(({ call }) => call), ...mine];
  }

  /** The bus is there again: everything is asked for anew. */
  up(): void {
    for (const scope of this.#channels.keys()) this.#tell(scope, { kind: 'anew' });
  }

  down(): void {
    for (const [scope, { state }] of this.#channels) {
      const seq = Math.max(state.seq, this.#parts.clock.now()) + 1 + randomInt(aloneSpread);
      this.#tell(scope, { kind: 'lost', seq, calls: this.#parts.own.of(scope) });
    }
  }

  entryHeard(scope: Scope, seq: number, text: string): void {
    const entry = this.#read(text);
    if (entry !== undefined) this.#unsettled.get(entry.id)?.add(scope);
    this.#tell(scope, { kind: 'entry', entry: { seq, entry } });
  }

  anew(scope: Scope): void {
    this.#tell(scope, { kind: 'anew' });
  }

  stop(): void {
    this.#wanting.cancel();
  }

  #read(text: string): BusEntry | undefined {
    const entry = readEntry(text);
    if (entry === undefined) this.#parts.keptBack('bus-entry');
    return entry;
  }

  #open(scope: Scope): Channel {
    const channel: Channel = { feed: new ScopeFeed(), state: newScope.state, waiting: new Set(), begun: false };
    this.#channels.set(scope, channel);
    for (const effect of newScope.effects) this.#perform(scope, channel, effect);
    return channel;
  }

  #tell(scope: Scope, event: ScopeEvent): void {
    const channel = this.#channels.get(scope);
    const step = channel && scopeTransition(channel.state, event);
    if (channel === undefined || step === undefined) return;
    channel.state = step.state;
    for (const effect of step.effects) this.#perform(scope, channel, effect);
  }

  #perform(scope: Scope, channel: Channel, effect: ScopeEffect): void {
    const { feed } = channel;
    switch (effect.kind) {
      case 'ask':
        return void this.#ask(scope, channel, effect.atLeast);
      case 'begin':
        feed.begin(effect.seq, effect.entries, effect.calls);
        return this.#begun(channel);
      case 'take':
        if (!feed.take(effect.entry)) feed.refresh();
        return;
      case 'refresh':
        return feed.refresh();
    }
  }

  async #ask(scope: Scope, channel: Channel, atLeast: number): Promise<void> {
    const { bus, own, clock } = this.#parts;
    try {
      const { seq, entries, calls } = await this.#asking.pass(() => bus.open(scope, atLeast));
      if (this.#channels.get(scope) !== channel) return;
      const first = seq - entries.length + 1;
      const read = entries.map((text, at): Numbered => ({ seq: first + at, entry: this.#read(text) }));
      this.#tell(scope, {
        kind: 'opened',
        seq,
        entries: read,
        calls: calls.flatMap((text) => readHeldCall(text) ?? []),
      });
    } catch {
      // The bus may have been away before it was asked, and then nobody will say so again.
      if (this.#channels.get(scope) !== channel) return;
      const seq = clock.now() + 1 + randomInt(aloneSpread);
      if (!bus.up) this.#tell(scope, { kind: 'lost', seq, calls: own.of(scope) });
    }
  }

  #begun(channel: Channel): void {
    channel.begun = true;
    for (const begun of channel.waiting) begun();
    channel.waiting.clear();
  }

  #forgetOldest(): void {
    for (const [scope, { feed }] of this.#channels) {
      if (this.#channels.size <= logsLimit) return;
      if (feed.followers.size > 0) continue;
      this.#channels.delete(scope);
      this.#parts.bus.leave(scope).catch(() => undefined);
    }
  }

  #wantLater(): Timer {
    return this.#parts.clock.after(wantEveryMs, () => {
      const scopes = [...this.#channels.keys()];
      for (let at = 0; at < scopes.length; at += wantAtOnce)
        this.#parts.bus.want(scopes.slice(at, at + wantAtOnce)).catch(() => undefined);
      this.#wanting = this.#wantLater();
    });
  }
}

/** The payment or the refund whose fate nobody knows now: requests about it find the gateway that watches it. */
function unknownIn(event: AgentEvent): string | undefined {
  if (event.type === 'payment.unknown') return event.payment.id;
  return event.type === 'payment.refunded' && event.refund.outcome === 'unknown' ? event.refund.id : undefined;
}

/** For a scope that the call has left, or never was in, it is not there. */
export function apart(entry: BusEntry, scope: Scope): BusEntry {
  const { held } = entry;
  const theirs = held === undefined || held === null || covers(scope, held.call.agent);
  return theirs ? entry : { ...entry, held: null };
}
