import { expect } from 'vitest';
import { configuredKey, type KeyCode } from '../../src/cde/dtmf/key-code.ts';
import type { FieldRule } from '../../src/cde/entry/entry-facts.ts';
import { OpenField } from '../../src/cde/entry/open-field.ts';
import { liveWipeables } from '../../src/cde/entry/wipe-registry.ts';
import type { ModelPolicy, TimedKey } from './entry-model.ts';
import { FakeClock } from './fake-clock.ts';

/** The code of a configured key; none for a key that is switched off. */
export const keyOf = (character: string | null): KeyCode | null =>
  character === null ? null : (configuredKey(character) as KeyCode);

/** Plays keys into a field and tells what became of it, in the shape of the model. */
export function playField(rule: FieldRule, policy: ModelPolicy, keys: readonly TimedKey[]) {
  const before = liveWipeables();
  const clock = new FakeClock(Date.UTC(2026, 10, 24));
  const counts: number[] = [];
  let ended: { at: number; outcome: string; reason: string | undefined; text: string } | undefined;
  let failedDigits: number | undefined;
  const codes = {
    clearKey: keyOf(policy.clearKey),
    endKey: keyOf(policy.endKey),
    backspaceKey: keyOf(policy.backspaceKey),
  };
  const field = new OpenField(rule, { ...policy, ...codes }, clock, {
    progress: (digits) => counts.push(digits),
    completed: (buffer) => {
      const text = Buffer.from(buffer.expose()).toString('latin1');
      ended = { at: clock.monotonic(), outcome: 'completed', reason: undefined, text };
      buffer[Symbol.dispose]();
    },
    failed: (reason, digits) => {
      failedDigits = digits;
      ended = { at: clock.monotonic(), outcome: 'failed', reason, text: '' };
      expect(liveWipeables(), 'a failed entry is wiped before anybody is told').toBe(before);
    },
  });
  for (const { at, key } of keys) {
    clock.advance(at - clock.monotonic());
    field.press(configuredKey(key) as KeyCode);
  }
  clock.advance(policy.overallMs);
  expect(clock.pending, 'no timer is left').toBe(0);
  expect(liveWipeables(), 'no buffer is left').toBe(before);
  return { ...ended, counts, failedDigits };
}
