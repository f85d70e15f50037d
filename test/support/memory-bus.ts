import type { Beat, BusChange, BusListener, GatewayBus, ScopeState } from '../../src/gateways/gateway-bus.ts';
import type { Clock } from '../../src/shared/clock.ts';
import { CodedError } from '../../src/shared/coded-error.ts';

interface Kept {
  readonly text: string;
  readonly until: number;
}

const logMax = 256;

/** What Redis is to gateways, in the memory of a test. */
export class MemoryHub {
  readonly clock: Clock;
  readonly buses = new Set<MemoryBus>();
  readonly gateways = new Map<string, string>();
  readonly leases = new Map<string, number>();
  readonly held = new Map<string, Map<string, string>>();
  readonly calls = new Map<string, Map<string, string>>();
  readonly where = new Map<string, string>();
  readonly logs = new Map<string, { seq: number; lines: string[] }>();
  readonly kept = new Map<string, Kept>();
  /** How long changes and questions are on their way. */
  latencyMs = 0;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  bus(gateway: string, chain: string): MemoryBus {
    return new MemoryBus(this, gateway, chain);
  }

  /** Away with all that it knew, as a Redis that keeps nothing over a restart. */
  forgetAll(): void {
    for (const map of [this.gateways, this.leases, this.held, this.calls, this.where, this.logs, this.kept])
      map.clear();
  }

  isAlive(gateway: string): boolean {
    return (this.leases.get(gateway) ?? 0) > this.clock.monotonic();
  }

  callsOf(scope: string): string[] {
    if (scope !== '*') return [...(this.calls.get(scope)?.values() ?? [])];
    const held = [...this.gateways.keys()].flatMap((gateway) => [...(this.held.get(gateway) ?? [])]);
    return held.flatMap(([call, agent]) => this.calls.get(agent)?.get(call) ?? []);
  }
}

/** The port's promises, kept by hand; `up` is the test's to turn. */
export class MemoryBus implements GatewayBus {
  readonly #hub: MemoryHub;
  readonly #gateway: string;
  readonly #chain: string;
  readonly scopes = new Set<string>();
  listener: BusListener | undefined;
  up = false;

  constructor(hub: MemoryHub, gateway: string, chain: string) {
    this.#hub = hub;
    this.#gateway = gateway;
    this.#chain = chain;
  }

  start(listener: BusListener): void {
    this.listener = listener;
    this.connect();
  }

  connect(): void {
    this.up = true;
    this.#hub.buses.add(this);
    this.listener?.up();
  }

  cut(): void {
    this.up = false;
    this.scopes.clear();
    this.#hub.buses.delete(this);
    this.listener?.down();
  }

  async open(scope: string, atLeast: number): Promise<ScopeState> {
    this.#need();
    this.scopes.add(scope);
    const log = this.#hub.logs.get(scope) ?? { seq: Math.max(this.#hub.clock.now(), atLeast), lines: [] };
    if (atLeast > log.seq) Object.assign(log, { seq: atLeast, lines: [] });
    this.#hub.logs.set(scope, log);
    return { seq: log.seq, entries: [...log.lines], calls: this.#hub.callsOf(scope) };
  }

  async leave(scope: string): Promise<void> {
    this.scopes.delete(scope);
  }

  async want(): Promise<void> {
    this.#need();
  }

  async append(change: BusChange): Promise<boolean> {
    await this.#travel();
    this.#need();
    const { gateway, callId, held, entries, scopes, ids, onlyIfHeld } = change;
    const { held: all, calls, where } = this.#hub;
    const mine = all.get(gateway) ?? new Map<string, string>();
    all.set(gateway, mine);
    const before = mine.get(callId);
    const leased = this.#hub.isAlive(gateway);
    if (onlyIfHeld && (leased || before === undefined)) return false;
    if (!onlyIfHeld && !leased) throw new CodedError('gateway-unreachable');
    const agent = typeof held === 'string' ? undefined : held.agent;
    if (held !== 'untouched' && before !== undefined && before !== agent) calls.get(before)?.delete(callId);
    if (held === 'gone') mine.delete(callId);
    if (typeof held !== 'string') {
      mine.set(callId, held.agent);
      calls.set(held.agent, (calls.get(held.agent) ?? new Map()).set(callId, held.text));
      for (const id of ids) where.set(id, gateway);
    }
    for (const scope of scopes) this.#tell(scope, entries, agent === undefined || scope === '*' || scope === agent);
    return true;
  }

  #tell(scope: string, entries: BusChange['entries'], own: boolean): void {
    const log = this.#hub.logs.get(scope);
    if (log === undefined) return;
    const followers = [...this.#hub.buses].filter((bus) => bus.scopes.has(scope));
    if (entries.length === 0) for (const { listener } of followers) listener?.anew(scope);
    for (const entry of entries) {
      const text = own ? entry.text : entry.apart;
      log.seq += 1;
      log.lines.push(text);
      if (log.lines.length > logMax) log.lines.shift();
      for (const { listener } of followers) listener?.entry(scope, log.seq, text);
    }
  }

  async callsOf(scope: string): Promise<readonly string[]> {
    this.#need();
    return this.#hub.callsOf(scope);
  }

  async beat(leaseMs: number): Promise<Beat> {
    this.#need();
    const hub = this.#hub;
    const known = hub.gateways.has(this.#gateway);
    hub.gateways.set(this.#gateway, this.#chain);
    hub.leases.set(this.#gateway, hub.clock.monotonic() + leaseMs);
    for (const [gateway, chain] of hub.gateways)
      if (chain === this.#chain && gateway !== this.#gateway) hub.leases.delete(gateway);
    const all = [...hub.gateways].map(([gateway, chain]) => ({ gateway, chain }));
    const missing = all.filter(({ gateway }) => !hub.isAlive(gateway));
    return { known, alive: all.length - missing.length, missing };
  }

  async heldBy(gateway: string) {
    await this.#travel();
    this.#need();
    const held = [...(this.#hub.held.get(gateway) ?? [])];
    return held.map(([callId, agent]) => ({ callId, text: this.#hub.calls.get(agent)?.get(callId) ?? '' }));
  }

  async forget(gateway: string): Promise<void> {
    this.#need();
    if (!this.#hub.isAlive(gateway) && (this.#hub.held.get(gateway)?.size ?? 0) === 0)
      this.#hub.gateways.delete(gateway);
  }

  async holderOf(id: string): Promise<string | undefined> {
    this.#need();
    return this.#hub.where.get(id);
  }

  async place(id: string): Promise<void> {
    this.#need();
    this.#hub.where.set(id, this.#gateway);
  }

  async claim(id: string, _ms: number, wanted = this.#gateway): Promise<string> {
    this.#need();
    const holder = this.#hub.where.get(id);
    const alive = [holder, wanted].find((one) => one !== undefined && this.#hub.isAlive(one));
    const keeper = alive ?? this.#gateway;
    this.#hub.where.set(id, keeper);
    return keeper;
  }

  async send(gateway: string, text: string): Promise<boolean> {
    this.#need();
    const there = [...this.#hub.buses].filter((bus) => bus.#gateway === gateway);
    for (const { listener } of there) listener?.message(text);
    return there.length > 0;
  }

  async keep(key: string, text: string, ms: number): Promise<void> {
    this.#need();
    this.#hub.kept.set(key, { text, until: this.#hub.clock.monotonic() + ms });
  }

  async take(key: string): Promise<string | undefined> {
    const looked = this.look(key);
    this.#hub.kept.delete(key);
    return looked;
  }

  async look(key: string): Promise<string | undefined> {
    this.#need();
    const kept = this.#hub.kept.get(key);
    return kept !== undefined && kept.until > this.#hub.clock.monotonic() ? kept.text : undefined;
  }

  async close(): Promise<void> {
    if (this.up) {
      this.#hub.leases.delete(this.#gateway);
      if ((this.#hub.held.get(this.#gateway)?.size ?? 0) === 0) this.#hub.gateways.delete(this.#gateway);
    }
    this.listener = undefined;
    this.up = false;
    this.#hub.buses.delete(this);
  }

  async #travel(): Promise<void> {
    const { latencyMs, clock } = this.#hub;
    if (latencyMs > 0) await new Promise<void>((there) => clock.after(latencyMs, there));
  }

  #need(): void {
    if (!this.up) throw new CodedError('gateway-unreachable');
  }
}
