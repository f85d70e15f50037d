import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { PressMerger } from '../../../src/cde/dtmf/press-merger.ts';
import { AttackedCall, silenceMs, toneMs } from '../../support/attacked-call.ts';
import { samplesOf } from '../../support/tone-generator.ts';

/* One press stays one key while a re-INVITE changes how keys are carried. */

let line: AttackedCall;

beforeEach(async () => {
  vi.useFakeTimers({ now: 0 });
  vi.advanceTimersByTime(1000);
  line = await AttackedCall.open('mute');
});

afterEach(() => {
  vi.useRealTimers();
});

/** Keys that come out of what was reported, as entry would have them. */
function keys(): string {
  using merger = new PressMerger();
  return line.call.presses
    .filter(({ key, carrier, at }) => merger.isNew({ key, source: carrier, at, heldMs: null }))
    .map(({ key }) => key)
    .join('');
}

describe('a press under a lock', () => {
  test('goes on as a tone where telephone-event is dropped in the middle', () => {
    line.secure();
    line.deliver(line.call.packetsOf(4, { durationMs: 300 }).slice(0, 5));
    line.configure('caller', null);
    line.call.play(toneMs('4', 160));
    line.call.play(silenceMs(200));
    expect(keys()).toBe('4');
  });

  test('that began as a tone goes on as events where they are added in the middle', () => {
    line.configure('caller', null);
    line.secure();
    // What sounds in the moment of the lock began before it.
    line.call.play(silenceMs(60));
    line.call.play(toneMs('6', 100));
    line.configure('caller', 101);
    line.deliver(line.call.packetsOf(6, { durationMs: 160 }));
    line.call.pass(200);
    expect(keys()).toBe('6');
  });

  test('is counted by events of another number, in whose place the old number says nothing any more', () => {
    line.secure();
    const [first, second, third] = [1, 2, 3].map((key) => line.call.packetsOf(key, { durationMs: 100 }));
    line.deliver(first ?? []);
    line.configure('caller', 96);
    line.deliver(second ?? [], (packet) => void packet.writeUInt8(96, 1));
    line.deliver(third ?? []);
    expect(keys()).toBe('12');
  });

  test('by tones is heard after events were dropped, and by events after they were added', () => {
    line.configure('caller', null);
    line.secure();
    // What sounds in the moment of the lock began before it.
    line.call.play(silenceMs(60));
    for (const key of ['1', '2']) {
      line.call.play(toneMs(key, 90));
      line.call.play(silenceMs(110));
    }
    line.configure('caller', 101);
    line.deliver(line.call.packetsOf(3, { durationMs: 100 }));
    line.call.pass(60);
    line.configure('caller', null);
    line.call.play(toneMs('4', 90).subarray(0, samplesOf(90)));
    line.call.play(silenceMs(110));
    expect(keys()).toBe('1234');
  });
});
