import type { EntryFailure } from '../../shared/capture-failure.ts';
import type { EntryFacts } from './entry-facts.ts';

/** The silence that the machine waits for: `quiet` ends what sounds whole, the two others what stopped half-way. */
export type Pause = 'first-key' | 'inter-key' | 'quiet';

export type FieldState = { readonly kind: 'open'; readonly facts: EntryFacts } | { readonly kind: 'closed' };

/** Facts are those after the key. */
export type FieldEvent =
  | { readonly kind: 'digit'; readonly facts: EntryFacts }
  | { readonly kind: 'backspace'; readonly facts: EntryFacts }
  | { readonly kind: 'clear'; readonly facts: EntryFacts }
  | { readonly kind: 'end' }
  | { readonly kind: 'pause-over' }
  | { readonly kind: 'overall-over' }
  | { readonly kind: 'stop' };

export type FieldEffect =
  /** Starts the pause timer, in place of the one that runs. */
  | { readonly kind: 'wait'; readonly pause: Pause }
  | { readonly kind: 'start-overall' }
  | { readonly kind: 'stop-timers' }
  | { readonly kind: 'progress'; readonly digits: number }
  | { readonly kind: 'completed'; readonly digits: number }
  /** Stands after the `wipe` that belongs to it. */
  | { readonly kind: 'failed'; readonly reason: EntryFailure; readonly digits: number }
  | { readonly kind: 'wipe' };

export interface FieldStep {
  readonly state: FieldState;
  readonly effects: readonly FieldEffect[];
}

const closed: FieldState = { kind: 'closed' };

/** A field that has just opened. */
export const openedField = (facts: EntryFacts): FieldStep => ({
  state: { kind: 'open', facts },
  effects: [{ kind: 'start-overall' }, { kind: 'wait', pause: 'first-key' }],
});

/**
 * When an entry ends: at once when no further digit can belong to it; by the end key; after a short silence where it
 * sounds whole; after a longer one otherwise, well where the length is possible and nothing is wrong with it.
 * @returns undefined for what means nothing here: anything on a closed field, and correction keys on an empty one.
 */
export function transition(state: FieldState, event: FieldEvent): FieldStep | undefined {
  if (state.kind === 'closed') return undefined;
  const { facts } = state;
  switch (event.kind) {
    case 'digit':
      return event.facts.longerPossible ? goOn(event.facts) : lastDigit(event.facts);
    case 'backspace':
    case 'clear':
      return facts.digits === 0 ? undefined : goOn(event.facts);
    case 'end':
      // A customer who was told to end with it presses it too late at times, into the next field.
      if (facts.digits === 0) return undefined;
      return facts.lengthPossible ? ended(facts) : failed('too-short', facts.digits);
    case 'pause-over':
      if (facts.digits === 0) return failed('first-key-timeout', 0);
      return facts.lengthPossible ? ended(facts) : failed('inter-key-timeout', facts.digits);
    case 'overall-over':
      return facts.countOnly && facts.lengthPossible ? ended(facts) : failed('overall-timeout', facts.digits);
    case 'stop':
      return { state: closed, effects: [{ kind: 'stop-timers' }, { kind: 'wipe' }] };
  }
}

function goOn(facts: EntryFacts): FieldStep {
  return {
    state: { kind: 'open', facts },
    effects: [
      { kind: 'progress', digits: facts.digits },
      { kind: 'wait', pause: pauseAfter(facts) },
    ],
  };
}

function pauseAfter(facts: EntryFacts): Pause {
  if (facts.digits === 0) return 'first-key';
  return facts.lengthPossible && facts.soundsWhole ? 'quiet' : 'inter-key';
}

function ended(facts: EntryFacts): FieldStep {
  if (facts.fault !== null) return failed(facts.fault, facts.digits);
  return { state: closed, effects: [{ kind: 'stop-timers' }, { kind: 'completed', digits: facts.digits }] };
}

const failed = (reason: EntryFailure, digits: number): FieldStep => ({
  state: closed,
  effects: [{ kind: 'stop-timers' }, { kind: 'wipe' }, { kind: 'failed', reason, digits }],
});

function lastDigit(facts: EntryFacts): FieldStep {
  const { state, effects } = ended(facts);
  return { state, effects: [{ kind: 'progress', digits: facts.digits }, ...effects] };
}
