import type { Beat, Neighbour } from './gateway-bus.ts';

/**
 * Where this gateway stands among the others.
 * - `joining`: never heard by the bus yet.
 * - `member`: its lease is renewed, without a break since `sinceMs`. What it has is still to be written down while `owedMs`,
 *   the time of the beat that asked for it, is not null.
 * - `cut-off`: the bus does not answer; the lease was last renewed at `lastMs`. `fenced` once it must have run out: the
 *   others think this gateway dead from then on, so what only they show to an agent has ended.
 */
export type PresenceState =
  | { readonly name: 'joining' }
  | { readonly name: 'member'; readonly sinceMs: number; readonly lastMs: number; readonly owedMs: number | null }
  | { readonly name: 'cut-off'; readonly lastMs: number; readonly fenced: boolean };

/** Times are monotonic; a beat's is when it was sent. */
export type PresenceEvent =
  | { readonly kind: 'beat'; readonly atMs: number; readonly beat: Beat }
  | { readonly kind: 'missed'; readonly atMs: number }
  /** What this gateway has was written down, all of it, as it was asked for. */
  | { readonly kind: 'announced'; readonly owedMs: number }
  /** The process did nothing for the length of a lease: it hung, and others may have buried it meanwhile. */
  | { readonly kind: 'overslept'; readonly atMs: number };

export type PresenceEffect =
  /** Write down what this gateway has: the bus has never known it, or may have it wrong. Asked for with each beat until it was. */
  | { readonly kind: 'announce'; readonly owedMs: number }
  /** Tell what became of the calls of a gateway that is dead. */
  | { readonly kind: 'bury'; readonly neighbour: Neighbour }
  /** End the sessions that agents can see through other gateways alone. */
  | { readonly kind: 'fence' }
  /** End all sessions: they went on here while agents may have been told, also by this gateway, that they are over. */
  | { readonly kind: 'fence-all' };

export interface PresenceSettings {
  readonly leaseMs: number;
  readonly chain: string;
}

export interface PresenceStep {
  readonly state: PresenceState;
  readonly effects: readonly PresenceEffect[];
}

/** A fence stands before the lease is over, never after: timers are late. */
const fenceMarginMs = 1_000;

export function presenceTransition(
  state: PresenceState,
  event: PresenceEvent,
  settings: PresenceSettings,
): PresenceStep {
  switch (event.kind) {
    case 'overslept':
      return overslept(state);
    case 'beat':
      return beaten(state, event, settings);
    case 'missed':
      return missed(state, event.atMs, settings);
    case 'announced':
      return announced(state, event.owedMs);
  }
}

function beaten(
  state: PresenceState,
  { atMs, beat }: Extract<PresenceEvent, { kind: 'beat' }>,
  settings: PresenceSettings,
): PresenceStep {
  const sinceMs = state.name === 'member' ? state.sinceMs : atMs;
  const owedMs = state.name === 'member' && beat.known ? state.owedMs : atMs;
  const announce: PresenceEffect[] = owedMs === null ? [] : [{ kind: 'announce', owedMs }];
  const dead = beat.missing.filter((neighbour) => isDead(neighbour, atMs - sinceMs, settings));
  const burials = dead.map((neighbour): PresenceEffect => ({ kind: 'bury', neighbour }));
  return { state: { name: 'member', sinceMs, lastMs: atMs, owedMs }, effects: [...announce, ...burials] };
}

/** What was asked for later than that is still owed: the bus has forgotten or lost this gateway meanwhile. */
function announced(state: PresenceState, owedMs: number): PresenceStep {
  const done = state.name === 'member' && state.owedMs === owedMs;
  return { state: done ? { ...state, owedMs: null } : state, effects: [] };
}

/**
 * When the bus itself was away all leases have run out, and the first to come back must not bury the others: one who has
 * been heard for the length of a lease knows that the others could have been, too. A gateway that had our own chain is
 * dead in any case, for the storage gives a chain to one.
 */
const isDead = ({ chain }: Neighbour, memberForMs: number, settings: PresenceSettings): boolean =>
  chain === settings.chain || memberForMs >= settings.leaseMs;

function overslept(state: PresenceState): PresenceStep {
  if (state.name === 'joining') return { state, effects: [] };
  return { state: { name: 'cut-off', lastMs: state.lastMs, fenced: true }, effects: [{ kind: 'fence-all' }] };
}

function missed(state: PresenceState, atMs: number, { leaseMs }: PresenceSettings): PresenceStep {
  if (state.name === 'joining') return { state, effects: [] };
  const fenced = state.name === 'cut-off' && state.fenced;
  const over = atMs - state.lastMs >= Math.max(leaseMs - fenceMarginMs, leaseMs / 2);
  const effects: PresenceEffect[] = over && !fenced ? [{ kind: 'fence' }] : [];
  return { state: { name: 'cut-off', lastMs: state.lastMs, fenced: fenced || over }, effects };
}
