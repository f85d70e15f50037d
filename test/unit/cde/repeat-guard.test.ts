import { describe, expect, it } from 'vitest';
import type { KeyCode } from '../../../src/cde/dtmf/key-code.ts';
import { doubledWithinMs, RepeatGuard } from '../../../src/cde/dtmf/repeat-guard.ts';
import { liveWipeables } from '../../../src/cde/entry/wipe-registry.ts';
import { RoomBench, samplePolicy } from '../../support/room-bench.ts';

const key = (digit: number): KeyCode => digit as KeyCode;

describe('the guard against doubled keys', () => {
  it('takes nothing away before a test has found a double', () => {
    using guard = new RepeatGuard();
    expect([guard.counts(key(1), 0), guard.counts(key(1), 1), guard.gapMs]).toEqual([true, true, 0]);
  });

  it('finds doubles in a test, counts them once, and is as patient from then on as the widest was apart', () => {
    using guard = new RepeatGuard();
    guard.beginTest();
    const heard = [0, 60, 1000, 1090, 2000].map((at, n) => guard.counts(key(n < 2 ? 1 : n < 4 ? 2 : 3), at));
    expect(heard).toEqual([true, false, true, false, true]);
    expect(guard.endTest()).toBe(2);
    expect(guard.gapMs).toBeGreaterThan(90);
    expect(guard.gapMs).toBeLessThan(doubledWithinMs);
    expect([guard.counts(key(4), 5000), guard.counts(key(4), 5090), guard.counts(key(4), 5200)]).toEqual([
      true,
      false,
      true,
    ]);
  });

  it('takes a key that comes back after another, or as slowly as a finger, for itself', () => {
    using guard = new RepeatGuard();
    guard.beginTest();
    expect([guard.counts(key(1), 0), guard.counts(key(2), 40), guard.counts(key(1), 80)]).toEqual([true, true, true]);
    expect(guard.counts(key(1), 80 + doubledWithinMs)).toBe(true);
    expect([guard.endTest(), guard.gapMs]).toEqual([0, 0]);
  });

  it('forgets what an earlier test has found when a later one finds nothing', () => {
    using guard = new RepeatGuard();
    guard.beginTest();
    guard.counts(key(1), 0);
    guard.counts(key(1), 50);
    guard.endTest();
    guard.beginTest();
    guard.counts(key(1), 1000);
    expect([guard.endTest(), guard.gapMs]).toEqual([0, 0]);
  });
});

/** Every key twice, as some gateways send it: 70 ms later, as a press of its own. */
function pressTwice(bench: RoomBench, keys: string): void {
  for (const one of keys) {
    bench.engine.press(bench.call, one);
    bench.clock.advance(70);
    bench.engine.press(bench.call, one);
    bench.clock.advance(200);
  }
}

describe('the keypad test', () => {
  it('finds a telephone that sends every key twice, and then takes its card as it was meant', async () => {
    const before = liveWipeables();
    const bench = await RoomBench.open();
    await bench.openField('keypadTest');
    pressTwice(bench, '12#');
    const tested = bench.notices.find(({ kind }) => kind === 'field.completed');
    expect(tested).toMatchObject({ field: 'keypadTest', digits: 2, doubled: 2 });
    await bench.ask('call.release', { call: bench.call });
    await bench.openField('pan', { ...samplePolicy, quietMs: 500 });
    pressTwice(bench, '4111111111111111');
    bench.clock.advance(500);
    expect(bench.notices.at(-1)).toMatchObject({
      kind: 'field.completed',
      field: 'pan',
      digits: 16,
      lastFour: '1111',
      doubled: null,
    });
    await bench.ask('call.end', { call: bench.call });
    expect(liveWipeables()).toBe(before);
  });

  it('leaves a telephone alone that sends every key once, however fast', async () => {
    const bench = await RoomBench.open();
    expect(await bench.capture('keypadTest', '1234#')).toMatchObject({ digits: 4, doubled: 0 });
    expect(await bench.capture('pan', '5555555555554444#')).toMatchObject({ kind: 'field.completed', digits: 16 });
  });

  it('without one the doubles of such a telephone end the card in a failure, and nothing wrong is kept', async () => {
    const bench = await RoomBench.open();
    await bench.openField('pan');
    pressTwice(bench, '4111111111111111');
    expect(bench.notices.find(({ kind }) => kind.startsWith('field.') && kind !== 'field.progress')).toMatchObject({
      kind: 'field.failed',
    });
    expect(bench.vault.size).toBe(0);
  });
});
