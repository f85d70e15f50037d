import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { LegSide } from '../../../src/shared/leg-side.ts';
import { PaperCall } from '../../support/paper-call.ts';
import { agentAt, callerAt, legSettings } from '../../support/paper-legs.ts';

let call: PaperCall;

beforeEach(async () => {
  vi.useFakeTimers({ now: 0 });
  call = await PaperCall.open({ lossMs: { first: 3000, running: 6000, held: 60_000 } });
});

afterEach(() => {
  vi.useRealTimers();
});

/** Lets time pass with a slow round each second, as the media process does. @returns what was found lost, with the second. */
function sweepFor(seconds: number, each: () => void = () => undefined): [number, LegSide][] {
  const found: [number, LegSide][] = [];
  for (let second = 1; second <= seconds; second += 1) {
    each();
    vi.advanceTimersByTime(1000);
    for (const side of call.relay.sweep(performance.now(), Date.now())) found.push([second, side]);
  }
  return found;
}

test('A leg from which no first packet comes is lost after the first limit, once', () => {
  expect(sweepFor(20, () => call.agentSays())).toEqual([[4, 'caller']]);
});

test('A leg that falls silent is lost after the running limit, and again only after it had come back', () => {
  const both = (): void => {
    call.agentSays();
    call.sound();
  };
  expect(sweepFor(10, both)).toEqual([]);
  expect(sweepFor(20, () => call.agentSays())).toEqual([[6, 'caller']]);
  expect(sweepFor(3, both)).toEqual([]);
  expect(sweepFor(20, () => call.agentSays())).toEqual([[6, 'caller']]);
});

test('A leg on hold is given the time of a held one', () => {
  call.relay.configure('caller', legSettings(callerAt, 101, { talks: false }), performance.now());
  expect(sweepFor(70, () => call.agentSays())).toEqual([[61, 'caller']]);
});

test('Nothing is lost while one leg is not described yet: a call may ring for long', async () => {
  call = await PaperCall.open({ lossMs: { first: 3000, running: 6000, held: 60_000 } }, 'ringing');
  expect(sweepFor(100)).toEqual([]);
  call.relay.configure('agent', legSettings(agentAt, null), performance.now());
  expect(sweepFor(10, () => call.agentSays())).toEqual([[4, 'caller']]);
});

test('The time limits begin anew with each description: what was silent while it rang is expected once it is answered', () => {
  expect(sweepFor(10, () => call.agentSays())).toEqual([[4, 'caller']]);
  call.relay.configure('caller', legSettings(callerAt, 101), performance.now());
  expect(sweepFor(10, () => call.agentSays())).toEqual([[4, 'caller']]);
});
