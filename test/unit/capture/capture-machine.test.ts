import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type CaptureEvent,
  type CaptureState,
  captureTransition,
  type FieldEnding,
  idleCapture,
} from '../../../src/capture/capture-machine.ts';

const complete: FieldEnding = {
  kind: 'completed',
  digits: 16,
  brand: 'visa',
  lastFour: '1111',
  card: 1,
  doubled: null,
  value: null,
};
const tooShort: FieldEnding = { kind: 'failed', reason: 'too-short' };

const request: CaptureEvent = { kind: 'request', field: 'pan' };
const secured: CaptureEvent = { kind: 'secured' };
const released: CaptureEvent = { kind: 'released' };
const progress = (digits: number): CaptureEvent => ({ kind: 'progress', field: 'pan', digits });
const ended = (ending: FieldEnding): CaptureEvent => ({ kind: 'ended', field: 'pan', ending });
const callEnded: CaptureEvent = { kind: 'callEnded', death: 'caller-hung-up' };

/** Plays events one after another; returns the last state and all that was said, by its name. */
function play(...events: CaptureEvent[]): { state: CaptureState; said: string[] } {
  let state = idleCapture;
  const said: string[] = [];
  for (const event of events) {
    const step = captureTransition(state, event);
    state = step?.state ?? state;
    for (const effect of step?.effects ?? []) {
      const detail =
        effect.kind === 'ended'
          ? effect.ending.kind === 'failed'
            ? effect.ending.reason
            : 'completed'
          : effect.kind === 'answer'
            ? (effect.code ?? 'ok')
            : effect.kind === 'release'
              ? [effect.stop && 'stop', effect.wipe !== null && 'wipe', effect.again && 'again']
                  .filter(Boolean)
                  .join('+')
              : '';
      said.push(detail === '' ? effect.kind : `${effect.kind} ${detail}`);
    }
  }
  return { state, said };
}

describe('one capture', () => {
  test('says locked only when the room has confirmed, then counts, then the tick, then unlocked (P-42…P-48)', () => {
    expect(play(request).said).toEqual(['openField']);
    const { state, said } = play(request, secured, progress(1), progress(2), ended(complete), released);
    expect(said).toEqual([
      'openField',
      'locked',
      'answer ok',
      'progress',
      'progress',
      'ended completed',
      'release',
      'unlocked',
    ]);
    expect(state).toEqual(idleCapture);
  });

  test('a time-out leaves the lock as a tick does, and what was keyed is wiped before the release (P-44, P-45)', () => {
    expect(play(request, secured, progress(3), ended(tooShort), released).said).toEqual([
      'openField',
      'locked',
      'answer ok',
      'progress',
      'ended too-short',
      'release wipe',
      'unlocked',
    ]);
  });

  test('the agent may stop it; the field is closed and wiped before the release', () => {
    expect(play(request, secured, { kind: 'stop' }, released).said.slice(3)).toEqual([
      'ended stopped',
      'release stop+wipe',
      'unlocked',
    ]);
  });

  test('a lock that cannot be confirmed is released and never announced; the command gets the code', () => {
    const { state, said } = play(request, { kind: 'refused', code: 'media-failed' }, released);
    expect(said).toEqual(['openField', 'answer media-failed', 'release stop+wipe']);
    expect(state).toEqual(idleCapture);
  });

  test('a stop before the confirmation waits for it, so that no late lock stays behind', () => {
    expect(play(request, { kind: 'stop' }).state).toMatchObject({ name: 'securing', stopAsked: true });
    expect(play(request, { kind: 'stop' }, secured, released).said).toEqual([
      'openField',
      'answer no-capture',
      'release stop+wipe',
    ]);
  });

  test('what the room said of the field before the confirmation got through is told after it, in order', () => {
    expect(play(request, progress(1), progress(2), ended(complete), secured).said).toEqual([
      'openField',
      'locked',
      'answer ok',
      'progress',
      'ended completed',
      'release',
    ]);
  });

  test('a release that fails keeps the lock and is asked for again, with all that belongs to it', () => {
    const failing = play(request, secured, { kind: 'stop' }, { kind: 'releaseFailed' }, { kind: 'releaseFailed' });
    expect(failing.state.name).toBe('releasing');
    expect(failing.said.slice(-2)).toEqual(['release stop+wipe+again', 'release stop+wipe+again']);
  });

  test.each([
    ['before the confirmation', [request], ['wipe', 'answer call-ended']],
    ['while keys come', [request, secured, progress(2)], ['wipe', 'ended caller-hung-up']],
    ['while a failed field is released', [request, secured, ended(tooShort)], ['wipe']],
    ['while a complete field is released', [request, secured, ended(complete)], []],
  ])('when the call ends %s nothing is unlocked, and what was keyed is wiped (O-10)', (_when, events, said) => {
    const before = play(...events).said.length;
    const after = play(...events, callEnded);
    expect(after.said.slice(before)).toEqual(said);
    expect(after.state).toEqual(idleCapture);
  });

  test('lost media is a failure of its own, and the lock is released because the call lives', () => {
    expect(play(request, secured, { kind: 'mediaLost' }, released).said.slice(3)).toEqual([
      'ended media-lost',
      'release stop+wipe',
      'unlocked',
    ]);
  });

  test('what is about another field means nothing', () => {
    const { state } = play(request, secured);
    expect(captureTransition(state, { kind: 'progress', field: 'cvc', digits: 1 })).toBeUndefined();
    expect(captureTransition(state, { kind: 'ended', field: 'cvc', ending: complete })).toBeUndefined();
    expect(captureTransition(state, request)).toBeUndefined();
  });

  test('in any order of events: locked, counts, one ending, unlocked; and whoever asked is answered once', () => {
    const event = fc.constantFrom<CaptureEvent>(
      request,
      request,
      secured,
      secured,
      progress(1),
      ended(complete),
      ended(tooShort),
      { kind: 'refused', code: 'media-failed' },
      { kind: 'stop' },
      { kind: 'mediaLost' },
      released,
      released,
      { kind: 'releaseFailed' },
      callEnded,
    );
    fc.assert(
      fc.property(fc.array(event, { maxLength: 40 }), (events) => {
        const { said } = play(...events, callEnded);
        const shape = said.flatMap(
          (word) => /^(openField|locked|progress|ended|unlocked|answer)/.exec(word)?.[0] ?? [],
        );
        const capture = '(openField( answer| locked answer( progress)* ended( unlocked)?))';
        expect(shape.join(' ')).toMatch(new RegExp(`^(${capture}( (?=openField)|$))*$`));
      }),
      { numRuns: 500 },
    );
  });
});
