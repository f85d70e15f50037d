import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { BusEntry } from '../../../src/gateways/bus-entry.ts';
import {
  earlyMax,
  newScope,
  type ScopeEvent,
  type ScopeState,
  scopeTransition,
} from '../../../src/gateways/scope-machine.ts';

const event = (seq: number): { seq: number; entry: BusEntry | undefined } => ({ seq, entry: undefined });
const arrives = (seq: number): ScopeEvent => ({ kind: 'entry', entry: event(seq) });
const opened = (seq: number): ScopeEvent => ({ kind: 'opened', seq, entries: [], calls: [] });
const lost = (seq: number): ScopeEvent => ({ kind: 'lost', seq, calls: [] });
const own: ScopeEvent = { kind: 'own', entry: {} as BusEntry };

/** What followers get: numbers of events, and `state` for a snapshot; and what the bus is asked. */
function play(...events: ScopeEvent[]): (number | string)[] {
  let state: ScopeState = newScope.state;
  return events.flatMap((one) => {
    const step = scopeTransition(state, one);
    if (step === undefined) return [];
    state = step.state;
    return step.effects.flatMap((effect): (number | string)[] => {
      if (effect.kind === 'take') return [effect.entry.seq];
      if (effect.kind === 'ask') return [`ask ${effect.atLeast}`];
      return effect.kind === 'refresh' ? ['state'] : [];
    });
  });
}

describe("one scope's events at a gateway", () => {
  test('begin with the state, then come one by one', () => {
    expect(play(opened(10), arrives(11), arrives(12))).toEqual(['state', 11, 12]);
  });

  test('that came while the state was asked for are taken once, whether they are in it or not', () => {
    expect(play(arrives(9), arrives(10), arrives(11), arrives(12), opened(10))).toEqual(['state', 11, 12]);
  });

  test('are asked for anew where one is missing, and none is told twice', () => {
    expect(play(opened(10), arrives(11), arrives(13), opened(13), arrives(13), arrives(14))).toEqual([
      'state',
      11,
      'ask 11',
      'state',
      14,
    ]);
  });

  test('go on with numbers of its own while the bus is away, after the state, and above them when it is back', () => {
    expect(play(opened(10), lost(500), own, own, { kind: 'anew' }, opened(502), arrives(503))).toEqual([
      'state',
      'state',
      501,
      502,
      'ask 502',
      'state',
      503,
    ]);
  });

  test('are asked for again when the state was old news before it came', () => {
    expect(play({ kind: 'anew' }, opened(10), opened(11), arrives(12))).toEqual(['ask 10', 'state', 12]);
  });

  test('that nobody can keep any more while the state does not come are asked for as state', () => {
    const many = Array.from({ length: earlyMax + 1 }, (_, n) => arrives(n + 1));
    expect(play(...many, opened(0), opened(earlyMax + 1))).toEqual(['ask 0', 'state']);
  });

  test('are numbered without a gap between two states, whatever the bus loses, repeats and forgets', () => {
    const happening = fc.oneof(
      fc.record({ what: fc.constant('publish' as const), heard: fc.integer({ min: 0, max: 2 }) }),
      fc.record({ what: fc.constantFrom('answer', 'cut', 'back', 'own', 'anew', 'forget') }),
    );
    fc.assert(
      fc.property(fc.array(happening, { maxLength: 60 }), (list) => {
        let state: ScopeState = newScope.state;
        let [seq, away, asked, clock] = [100, false, true, 1_000];
        let last: number | undefined;
        const take = (one: ScopeEvent): void => {
          const step = scopeTransition(state, one);
          if (step === undefined) return;
          state = step.state;
          for (const effect of step.effects) {
            if (effect.kind === 'ask') {
              asked = true;
              seq = Math.max(seq, effect.atLeast);
            } else if (effect.kind === 'begin') last = effect.seq;
            else if (effect.kind === 'take') {
              expect(effect.entry.seq).toBe((last ?? -1) + 1);
              last = effect.entry.seq;
            }
          }
        };
        for (const one of list) {
          clock += 10_000;
          if (one.what === 'publish') {
            seq += 1;
            for (let n = 0; n < one.heard && !away; n += 1) take(arrives(seq));
          } else if (one.what === 'answer' && asked && !away) {
            asked = false;
            take(opened(seq));
          } else if (one.what === 'cut' && !away) {
            away = true;
            take(lost(clock));
          } else if (one.what === 'back' && away) {
            away = false;
            take({ kind: 'anew' });
          } else if (one.what === 'own' && away) take(own);
          else if (one.what === 'anew' && !away) take({ kind: 'anew' });
          else if (one.what === 'forget') seq = Math.max(clock, state.seq);
        }
        if (away) take({ kind: 'anew' });
        // A connection that stands loses nothing at its end: what is missing is seen with the next event.
        seq += 1;
        take(arrives(seq));
        for (let n = 0; n < 3 && state.name === 'opening'; n += 1) take(opened(seq));
        expect(state).toMatchObject({ name: 'following', seq });
      }),
      { numRuns: 500 },
    );
  });
});
