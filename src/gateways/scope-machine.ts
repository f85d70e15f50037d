import type { BusEntry, HeldCall } from './bus-entry.ts';

/** An event with its number; undefined in place of one that could not be read. */
export interface Numbered {
  readonly seq: number;
  readonly entry: BusEntry | undefined;
}

/**
 * How one scope's events come to this gateway.
 * - `opening`: the bus was asked for the state; what comes meanwhile waits. `seq` is the last number that was given here.
 * - `following`: every event of the bus up to `seq` was taken.
 * - `alone`: the bus is away; this gateway numbers its own events, far above those of the bus and of other gateways.
 */
export type ScopeState =
  | { readonly name: 'opening'; readonly seq: number; readonly early: readonly Numbered[]; readonly again: boolean }
  | { readonly name: 'following'; readonly seq: number }
  | { readonly name: 'alone'; readonly seq: number };

export type ScopeEvent =
  | { readonly kind: 'opened'; readonly seq: number; readonly entries: readonly Numbered[]; readonly calls: HeldCall[] }
  | { readonly kind: 'entry'; readonly entry: Numbered }
  /** The bus says that the state has changed without an event, or is there again. */
  | { readonly kind: 'anew' }
  /** The bus is away; `seq` is where our own numbers begin, `calls` what this gateway has itself. */
  | { readonly kind: 'lost'; readonly seq: number; readonly calls: HeldCall[] }
  /** An event of this gateway that the bus has not taken. */
  | { readonly kind: 'own'; readonly entry: BusEntry };

export type ScopeEffect =
  /** Ask the bus for the state; numbers go on above `atLeast`. */
  | { readonly kind: 'ask'; readonly atLeast: number }
  /** Forget what was kept, begin with this; `calls` undefined leaves the calls as they are. */
  | {
      readonly kind: 'begin';
      readonly seq: number;
      readonly entries: readonly Numbered[];
      readonly calls: HeldCall[] | undefined;
    }
  /** The next event: keep it and tell the followers. */
  | { readonly kind: 'take'; readonly entry: Numbered }
  /** Followers get the state: numbers or events are missing to them. */
  | { readonly kind: 'refresh' };

export interface ScopeStep {
  readonly state: ScopeState;
  readonly effects: readonly ScopeEffect[];
}

/** Entries that wait while the state is being asked for; when more come it is asked for again. */
export const earlyMax = 1_000;

export const newScope: ScopeStep = {
  state: { name: 'opening', seq: 0, early: [], again: false },
  effects: [{ kind: 'ask', atLeast: 0 }],
};

/** @returns undefined for what means nothing here: an event that was taken already, or one that the state will tell. */
export function scopeTransition(state: ScopeState, event: ScopeEvent): ScopeStep | undefined {
  switch (event.kind) {
    case 'opened':
      return state.name === 'opening' ? opened(state, event) : undefined;
    case 'entry':
      return arrived(state, event.entry);
    case 'anew':
      if (state.name === 'opening') return { state: { ...state, again: true }, effects: [] };
      return asking(state.seq);
    case 'lost':
      return state.name === 'alone' ? undefined : lost(state, event);
    case 'own': {
      if (state.name !== 'alone') return undefined;
      const seq = state.seq + 1;
      return { state: { ...state, seq }, effects: [{ kind: 'take', entry: { seq, entry: event.entry } }] };
    }
  }
}

const asking = (seq: number, early: readonly Numbered[] = []): ScopeStep => ({
  state: { name: 'opening', seq, early, again: false },
  effects: [{ kind: 'ask', atLeast: seq }],
});

function opened(
  state: Extract<ScopeState, { name: 'opening' }>,
  { seq, entries, calls }: Extract<ScopeEvent, { kind: 'opened' }>,
): ScopeStep {
  const later = state.early.filter((one) => one.seq > seq);
  const whole = later.every((one, index) => one.seq === seq + 1 + index);
  if (state.again || !whole) return asking(Math.max(state.seq, seq));
  const following: ScopeState = { name: 'following', seq: seq + later.length };
  const begin: ScopeEffect = { kind: 'begin', seq, entries, calls };
  return { state: following, effects: [begin, { kind: 'refresh' }, ...later.map(take)] };
}

const take = (entry: Numbered): ScopeEffect => ({ kind: 'take', entry });

function arrived(state: ScopeState, entry: Numbered): ScopeStep | undefined {
  // What was on its way when the bus went away was numbered by it, and comes again with the state.
  if (state.name === 'alone') return undefined;
  if (state.name === 'opening') {
    if (state.early.length >= earlyMax) return { state: { ...state, early: [], again: true }, effects: [] };
    return { state: { ...state, early: [...state.early, entry] }, effects: [] };
  }
  if (entry.seq <= state.seq) return undefined;
  if (entry.seq > state.seq + 1) return asking(state.seq, [entry]);
  return { state: { name: 'following', seq: entry.seq }, effects: [take(entry)] };
}

function lost(state: ScopeState, { seq, calls }: Extract<ScopeEvent, { kind: 'lost' }>): ScopeStep {
  const alone: ScopeState = { name: 'alone', seq: Math.max(seq, state.seq + 1) };
  // Who followed keeps what it was shown, also of calls elsewhere: nobody has said that they are over.
  const known = state.name === 'opening' && state.seq === 0 ? calls : undefined;
  return {
    state: alone,
    effects: [{ kind: 'begin', seq: alone.seq, entries: [], calls: known }, { kind: 'refresh' }],
  };
}
