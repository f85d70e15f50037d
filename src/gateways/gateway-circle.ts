import type { ForwardedAnswer, ForwardedRequest } from '../agent/elsewhere.ts';
import type { AgentEvent, EventSubject } from '../agent/frame.ts';
import { everybody } from '../agent/route.ts';
import type { TicketShelf } from '../agent/ticket-shelf.ts';
import type { Clock, Timer } from '../shared/clock.ts';
import { type HeldCall, readHeldCall } from './bus-entry.ts';
import type { BusListener, GatewayBus, Neighbour } from './gateway-bus.ts';
import { lastWords } from './last-words.ts';
import { Neighbours } from './neighbours.ts';
import type { OwnCalls } from './own-calls.ts';
import { Presence } from './presence.ts';
import { SharedAudience } from './shared-audience.ts';

/** The calls of a dead gateway are told of after this long, whether the storage has answered or not. */
const inheritLimitMs = 2_000;
/** A gateway that hangs may have spoken to the storage a little later than to the bus: what is its own a moment longer is asked for again. */
const inheritAgainMs = 250;

/** A gateway that starts waits so long for its place among the others: what it has to tell then reaches their panels too. */
const joinLimitMs = 2_000;
/** A bus that is not there so long after the start is told of, as one that went away. */
const lateMs = 5_000;

/** What happens among gateways, for counting. */
export type CircleWord =
  | 'bus-up'
  | 'bus-down'
  | 'announced'
  | 'fenced'
  | 'buried'
  | 'call-buried'
  | 'message-unreadable'
  | 'message-late'
  | 'message-overloaded';

export interface GatewayCircleParts {
  readonly bus: GatewayBus;
  readonly own: OwnCalls;
  readonly chain: string;
  readonly leaseMs: number;
  readonly clock: Clock;
  readonly perform: (request: ForwardedRequest) => Promise<ForwardedAnswer>;
  /**
   * Takes over what the gateway of a chain has left open in the storage, or says false while the storage counts it as alive;
   * what cannot be taken within half a lease is not this bus's to try again.
   */
  readonly inherit: (chain: string) => Promise<boolean>;
  /** Ends the session of a call as if its media had been lost. */
  readonly mediaLost: (callId: string) => void;
  /** As `PresenceParts.mayReturn`. */
  readonly mayReturn: () => Promise<boolean>;
  /** What was told to agents of a dead gateway's call, for those who are told in other ways. */
  readonly toldFor: (event: AgentEvent, about: EventSubject) => void;
  readonly keptBack: (what: string) => void;
  readonly observe: (word: CircleWord) => void;
}

/** A gateway among others: its audience, its neighbours, its place. */
export class GatewayCircle implements BusListener {
  readonly audience: SharedAudience;
  readonly neighbours: Neighbours;
  readonly #presence: Presence;
  readonly #parts: GatewayCircleParts;
  readonly #burying = new Set<string>();
  #announcing = false;
  #late: Timer | undefined;
  #joined: () => void = () => undefined;

  constructor(parts: GatewayCircleParts) {
    const { bus, own, chain, clock, leaseMs, perform, keptBack, observe } = parts;
    this.#parts = parts;
    this.audience = new SharedAudience({ bus, own, clock, keptBack });
    const { gateway } = own;
    this.neighbours = new Neighbours({ bus, gateway, clock, perform, refused: (why) => observe(`message-${why}`) });
    this.#presence = new Presence({
      ...{ bus, clock, leaseMs, chain, mayReturn: parts.mayReturn },
      perform: (effect) => {
        if (effect.kind === 'announce') void this.#announce(effect.owedMs);
        else if (effect.kind === 'bury') void this.#bury(effect.neighbour);
        else if (effect.kind === 'fence') this.#fence(false);
        else this.#fence(true);
      },
    });
  }

  /** Where tickets stand for every gateway. */
  get shelf(): TicketShelf {
    return this.#parts.bus;
  }

  /** Gateways with a lease, this one included. */
  get alive(): number {
    return this.#parts.bus.up ? this.#presence.alive : 0;
  }

  /** Resolves when the others know this gateway, or when it goes on without them for now. */
  async start(): Promise<void> {
    const { bus, clock, observe } = this.#parts;
    const joined = new Promise<void>((done) => {
      const limit = clock.after(joinLimitMs, done);
      this.#joined = () => {
        limit.cancel();
        done();
      };
    });
    bus.start(this);
    this.#late = clock.after(lateMs, () => void (bus.up || observe('bus-down')));
    this.#presence.start();
    await joined;
  }

  async stop(): Promise<void> {
    this.#late?.cancel();
    this.#joined();
    this.#presence.stop();
    this.audience.stop();
    await this.#parts.bus.close();
  }

  up(): void {
    this.#parts.observe('bus-up');
    this.#presence.up();
    this.audience.up();
  }

  down(): void {
    this.#parts.observe('bus-down');
    this.audience.down();
    this.neighbours.down();
    this.#presence.down();
  }

  entry(scope: string, seq: number, text: string): void {
    this.audience.entryHeard(scope, seq, text);
  }

  anew(scope: string): void {
    this.audience.anew(scope);
  }

  message(text: string): void {
    this.neighbours.heard(text);
  }

  /** Writes down every call of this gateway, and takes back those that ended while the bus was away. */
  async #announce(owedMs: number): Promise<void> {
    if (this.#announcing) return;
    this.#announcing = true;
    const { bus, own, observe } = this.#parts;
    try {
      for (const { callId, text } of await bus.heldBy(own.gateway)) {
        if (own.find(callId) !== undefined) continue;
        const agent = readHeldCall(text)?.call.agent;
        await bus.append(own.change({ callId, sessionId: null }, scopesOf(agent), []));
      }
      for (const { call } of own.of(everybody))
        await bus.append(own.change({ callId: call.callId, sessionId: call.sessionId }, scopesOf(call.agent), []));
      this.#presence.announced(owedMs);
      observe('announced');
      this.#joined();
    } catch {
      // Whether the bus is away or was only slow: the next beat that is heard asks for it again.
    } finally {
      this.#announcing = false;
    }
  }

  /** Each call is told of once, whoever comes first; several gateways may be at it. */
  async #bury({ gateway, chain }: Neighbour): Promise<void> {
    if (this.#burying.has(gateway)) return;
    this.#burying.add(gateway);
    const { bus, observe } = this.#parts;
    try {
      if (chain !== this.#parts.chain) await this.#inherit(chain);
      for (const { callId, text } of await bus.heldBy(gateway))
        if (await this.#buryCall(gateway, callId, readHeldCall(text))) observe('call-buried');
      await bus.forget(gateway);
      observe('buried');
    } catch {
      // The bus is away: the gateway stays on the list of the missing, for the next beat of any.
    } finally {
      this.#burying.delete(gateway);
    }
  }

  /** First what became of money, if the storage can say at once: an agent should hear of it while the session still stands. */
  async #inherit(chain: string): Promise<void> {
    const { clock, inherit, leaseMs } = this.#parts;
    await new Promise<void>((done) => {
      let over = false;
      const finish = (): void => {
        over = true;
        limit.cancel();
        done();
      };
      const limit = clock.after(Math.max(inheritLimitMs, leaseMs / 2), finish);
      const ask = (): void => {
        if (over) return;
        inherit(chain).then((taken) => (taken ? finish() : void clock.after(inheritAgainMs, ask)), finish);
      };
      ask();
    });
  }

  async #buryCall(gateway: string, callId: string, held: HeldCall | undefined): Promise<boolean> {
    const about = { callId, sessionId: held?.session?.id ?? null };
    const events = held === undefined ? [] : lastWords(held);
    const entries = events
      .map((event) => this.audience.entry(event, about, null))
      .filter((entry) => entry !== undefined);
    const texts = entries.map((entry) => JSON.stringify(entry));
    const first = await this.#parts.bus.append({
      ...{ gateway, callId, held: 'gone', onlyIfHeld: true },
      ids: about.sessionId === null ? [callId] : [callId, about.sessionId],
      scopes: scopesOf(held?.call.agent),
      entries: texts.map((text) => ({ text, apart: text })),
    });
    if (first) for (const event of events) this.#parts.toldFor(event, about);
    return first;
  }

  /** Another gateway has taken over what this one had: it ends its sessions, and is none of the circle any more. */
  leave(): void {
    this.#presence.stop();
    this.#fence(true);
  }

  /** The others think this gateway dead and say so to those who follow there: what they have been told has to be true. */
  #fence(all: boolean): void {
    const { own, mediaLost, observe } = this.#parts;
    observe('fenced');
    for (const { call, session } of own.of(everybody))
      if (session !== null && (all || !this.audience.isFollowedHere(call.agent))) mediaLost(call.callId);
  }
}

const scopesOf = (agent: string | undefined): string[] => (agent === undefined ? [everybody] : [agent, everybody]);
