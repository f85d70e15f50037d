import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type PresenceEvent, type PresenceState, presenceTransition } from '../../../src/gateways/presence-machine.ts';

const settings = { leaseMs: 6_000, chain: 'mine' };
const other = { gateway: 'other.a', chain: 'other' };
const former = { gateway: 'mine.a', chain: 'mine' };
const beat = (atMs: number, known = true, missing = [] as { gateway: string; chain: string }[]): PresenceEvent => ({
  kind: 'beat',
  atMs,
  beat: { known, alive: 2, missing },
});
const missed = (atMs: number): PresenceEvent => ({ kind: 'missed', atMs });
const announced = (owedMs: number): PresenceEvent => ({ kind: 'announced', owedMs });

/** Plays events; gives the effects of each. */
function play(...events: PresenceEvent[]): string[][] {
  let state: PresenceState = { name: 'joining' };
  return events.map((event) => {
    const step = presenceTransition(state, event, settings);
    state = step.state;
    return step.effects.map((effect) => (effect.kind === 'bury' ? `bury ${effect.neighbour.gateway}` : effect.kind));
  });
}

describe('the presence of a gateway among others', () => {
  test('is announced when it joins, when it was forgotten, and when it was cut off', () => {
    const events = [beat(0, false), announced(0), beat(2_000), beat(4_000, false), announced(4_000), missed(6_000)];
    expect(play(...events, beat(8_000), announced(8_000), beat(10_000))).toEqual([
      ['announce'],
      [],
      [],
      ['announce'],
      [],
      [],
      ['announce'],
      [],
      [],
    ]);
  });

  test('is announced until that is done, and anew when it was forgotten or cut off meanwhile', () => {
    const late = [beat(0, false), beat(2_000), announced(0), beat(4_000)];
    expect(play(...late)).toEqual([['announce'], ['announce'], [], []]);
    expect(play(beat(0), beat(2_000, false), announced(0), beat(4_000), announced(2_000), beat(6_000))).toEqual([
      ['announce'],
      ['announce'],
      [],
      ['announce'],
      [],
      [],
    ]);
    expect(play(beat(0), missed(1_000), announced(0), beat(2_000))).toEqual([['announce'], [], [], ['announce']]);
  });

  test('buries whose lease has run out, once it has itself been there for the length of a lease', () => {
    const events = [beat(0, false, [other]), announced(0), beat(5_999, true, [other]), beat(6_000, true, [other])];
    expect(play(...events)).toEqual([['announce'], [], [], ['bury other.a']]);
  });

  test('buries nobody after the bus was away for everybody, until others had the time to come back', () => {
    const before = [beat(0), announced(0), beat(10_000), missed(12_000)];
    expect(play(...before, beat(30_000, true, [other]), announced(30_000), beat(36_000, true, []))).toEqual([
      ['announce'],
      [],
      [],
      [],
      ['announce'],
      [],
      [],
    ]);
  });

  test('buries what had its own chain before it at once: the storage gives a chain to one', () => {
    expect(play(beat(0, false, [former, other]))).toEqual([['announce', 'bury mine.a']]);
  });

  test('puts up a fence once, before the lease is over, and again only after it was back', () => {
    expect(
      play(beat(0), missed(2_000), missed(4_999), missed(5_000), missed(9_000), beat(10_000), missed(15_500)),
    ).toEqual([['announce'], [], [], ['fence'], [], ['announce'], ['fence']]);
  });

  test('ends all sessions when it overslept, and is announced when it may come back', () => {
    const overslept: PresenceEvent = { kind: 'overslept', atMs: 9_000 };
    expect(play(overslept, beat(0), overslept, missed(9_100), beat(9_500), overslept)).toEqual([
      [],
      ['announce'],
      ['fence-all'],
      [],
      ['announce'],
      ['fence-all'],
    ]);
  });

  test('fences nothing as long as it has never joined: nobody has seen anything through others', () => {
    expect(play(missed(0), missed(60_000))).toEqual([[], []]);
  });

  test('never buries another within a lease of its own last silence, and never fences within half a lease of its last beat', () => {
    const steps = fc.array(fc.record({ after: fc.integer({ min: 1, max: 7_000 }), heard: fc.boolean() }), {
      maxLength: 40,
    });
    fc.assert(
      fc.property(steps, (list) => {
        let state: PresenceState = { name: 'joining' };
        let [now, silentAt, beatAt] = [0, 0, 0];
        let joined = false;
        for (const { after, heard } of list) {
          now += after;
          if (heard && !joined) silentAt = now;
          const step = presenceTransition(state, heard ? beat(now, true, [other]) : missed(now), settings);
          state = step.state;
          const kinds = step.effects.map(({ kind }) => kind);
          if (kinds.includes('bury')) expect(now - silentAt).toBeGreaterThanOrEqual(settings.leaseMs);
          if (kinds.includes('fence')) expect(now - beatAt).toBeGreaterThanOrEqual(settings.leaseMs / 2);
          if (heard) [beatAt, joined] = [now, true];
          else silentAt = now;
        }
      }),
    );
  });
});
