import type { Clock, Timer } from '../shared/clock.ts';
import type { GatewayBus } from './gateway-bus.ts';
import { type PresenceEffect, type PresenceEvent, type PresenceState, presenceTransition } from './presence-machine.ts';

/** Beats within the life of a lease: two may be lost. */
const beatsPerLease = 3;
/** Also with a long lease: who else is there should not be old news. */
const beatMsMax = 2_000;
const cutOffBeatMs = 500;
/** The process looks so often whether it has hung. */
const lookMs = 500;

export interface PresenceParts {
  readonly bus: GatewayBus;
  readonly clock: Clock;
  readonly leaseMs: number;
  readonly chain: string;
  /**
   * Whether a gateway that was without a lease may come back: not, when another has taken over what it had in the storage.
   * Rejects when nobody can say now.
   */
  readonly mayReturn: () => Promise<boolean>;
  readonly perform: (effect: PresenceEffect) => void;
}

/** Renews this gateway's lease and looks who else is there. */
export class Presence {
  readonly #parts: PresenceParts;
  #state: PresenceState = { name: 'joining' };
  #timer: Timer | undefined;
  #look: Timer | undefined;
  #awakeMs: number;
  #beating = false;
  #alive = 0;
  #stopped = false;

  constructor(parts: PresenceParts) {
    this.#parts = parts;
    this.#awakeMs = parts.clock.monotonic();
  }

  get state(): PresenceState['name'] {
    return this.#state.name;
  }

  /** Gateways with a lease, as last heard. */
  get alive(): number {
    return this.#alive;
  }

  start(): void {
    this.#watch();
    void this.#beat();
  }

  /** The bus is there again. */
  up(): void {
    void this.#beat();
  }

  /** What was asked for by the effect of this number was written down. */
  announced(owedMs: number): void {
    this.#take({ kind: 'announced', owedMs });
  }

  down(): void {
    this.#take({ kind: 'missed', atMs: this.#parts.clock.monotonic() });
    this.#later();
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
    this.#look?.cancel();
  }

  async #beat(): Promise<void> {
    if (this.#beating || this.#stopped) return;
    this.#beating = true;
    this.#notice();
    const { bus, clock, leaseMs, mayReturn } = this.#parts;
    try {
      if (this.#lapsed() && !(await mayReturn())) return this.stop();
      const atMs = clock.monotonic();
      const beat = await bus.beat(leaseMs);
      this.#alive = beat.alive;
      this.#take({ kind: 'beat', atMs, beat });
    } catch {
      this.#take({ kind: 'missed', atMs: clock.monotonic() });
    }
    this.#beating = false;
    this.#later();
  }

  /** Others may have buried this gateway: its lease has run out. */
  #lapsed(): boolean {
    const state = this.#state;
    return state.name === 'cut-off' && this.#parts.clock.monotonic() - state.lastMs >= this.#parts.leaseMs;
  }

  #watch(): void {
    this.#notice();
    this.#look = this.#parts.clock.after(lookMs, () => this.#watch());
  }

  #notice(): void {
    const atMs = this.#parts.clock.monotonic();
    const hung = atMs - this.#awakeMs >= this.#parts.leaseMs;
    this.#awakeMs = atMs;
    if (!hung || this.#stopped) return;
    this.#take({ kind: 'overslept', atMs });
    void this.#beat();
  }

  #later(): void {
    this.#timer?.cancel();
    if (this.#stopped) return;
    const member = this.#state.name === 'member';
    const ms = member ? Math.min(this.#parts.leaseMs / beatsPerLease, beatMsMax) : cutOffBeatMs;
    this.#timer = this.#parts.clock.after(ms, () => void this.#beat());
  }

  #take(event: PresenceEvent): void {
    const { leaseMs, chain, perform } = this.#parts;
    const step = presenceTransition(this.#state, event, { leaseMs, chain });
    this.#state = step.state;
    for (const effect of step.effects) perform(effect);
  }
}
