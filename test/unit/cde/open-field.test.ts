import { describe, expect, it } from 'vitest';
import { configuredKey, type KeyCode } from '../../../src/cde/dtmf/key-code.ts';
import { cardNumberRule } from '../../../src/cde/entry/card-number.ts';
import type { FieldRule } from '../../../src/cde/entry/entry-facts.ts';
import { expiryRule } from '../../../src/cde/entry/expiry-date.ts';
import { issueNumberRule, keypadTestRule, lengthRule, postcodeRule } from '../../../src/cde/entry/length-rule.ts';
import { OpenField } from '../../../src/cde/entry/open-field.ts';
import { liveWipeables } from '../../../src/cde/entry/wipe-registry.ts';
import { type CardBrand, cardBrands } from '../../../src/shared/card-brand.ts';
import { standardPolicy, type TimedKey } from '../../support/entry-model.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { keyOf, playField } from '../../support/played-field.ts';

/** Keys at a steady pace from the first second on; a number in the text is a silence of so many seconds. */
function keyed(...parts: (string | number)[]): TimedKey[] {
  const keys: TimedKey[] = [];
  let at = 1_000;
  for (const part of parts) {
    if (typeof part === 'number') at += part * 1000;
    else
      for (const key of part) {
        at += 300;
        keys.push({ at, key });
      }
  }
  return keys;
}

const pan = (accepted: readonly CardBrand[] = cardBrands) => cardNumberRule(accepted);

describe('a card number ends (contract, "When a PAN ends")', () => {
  it.each<[string, TimedKey[], string]>([
    ['at once at 16 digits of Mastercard', keyed('5555555555554444'), 'completed'],
    ['at once at 15 digits of American Express', keyed('378282246310005'), 'completed'],
    ['at once at 19 digits of Visa', keyed('4000000000000000006'), 'completed'],
    ['at once at 19 digits with a wrong check digit', keyed('4000000000000000007'), 'check-digit'],
    ['at once at 16 digits of Mastercard with a wrong check digit', keyed('5555555555554445'), 'check-digit'],
    ['by the end key at 16 digits of Visa', keyed('4111111111111111#'), 'completed'],
    ['by the end key with a wrong check digit', keyed('4111111111111112#'), 'check-digit'],
    ['by the end key at an impossible length', keyed('411111111111111#'), 'too-short'],
    ['by the end key of a brand that nobody knows', keyed('999999999999#'), 'brand-not-accepted'],
    ['after a short silence at 16 digits of Visa', keyed('4111111111111111'), 'completed'],
    ['after a short silence at 14 digits of Diners', keyed('30569309025904'), 'completed'],
    ['after a short silence at 13 digits of Maestro', keyed('6759649826430'), 'completed'],
    ['after a longer silence with a wrong check digit', keyed('4111111111111112'), 'check-digit'],
    ['after a longer silence at an impossible length', keyed('411111111111'), 'inter-key-timeout'],
    ['when no key comes', [], 'first-key-timeout'],
    ['when no key comes after a clear', keyed('4111*'), 'first-key-timeout'],
    ['when its time is over', keyed(...Array.from({ length: 14 }, () => ['4*', 4] as const).flat()), 'overall-timeout'],
    ['well after a clear', keyed('4111111111*4111111111111111#'), 'completed'],
    ['well when its first key is a late end key', keyed('#4111111111111111#'), 'completed'],
    ['well with keys in it that mean nothing', keyed('4111A1111B1111C1111#'), 'completed'],
  ])('%s', (_, keys, expected) => {
    const played = playField(pan(), standardPolicy, keys);
    expect(played.reason ?? played.outcome).toBe(expected);
  });

  it('after exactly quietSeconds, or interKeySeconds, of silence', () => {
    expect(playField(pan(), standardPolicy, keyed('4111111111111111')).at).toBe(1_000 + 16 * 300 + 2_000);
    expect(playField(pan(), standardPolicy, keyed('4111111111111112')).at).toBe(1_000 + 16 * 300 + 5_000);
    expect(playField(pan(), standardPolicy, keyed('41')).at).toBe(1_000 + 2 * 300 + 5_000);
  });

  it('tells of a brand that is not taken only at the end, so that the lock outlasts the last key', () => {
    const played = playField(pan(['visa']), standardPolicy, keyed('5555555555554444'));
    expect(played).toMatchObject({ reason: 'brand-not-accepted', failedDigits: 16, at: 1_000 + 16 * 300 });
  });

  it('outlives a pause at a possible length where the check digit is wrong, as at 16 of 19 digits', () => {
    const played = playField(pan(), standardPolicy, keyed('4000000000000000', 3, '006'));
    expect(played).toMatchObject({ outcome: 'completed', text: '4000000000000000006' });
  });

  it('with the digits that are left when the backspace key has taken some back', () => {
    const policy = { ...standardPolicy, clearKey: null, backspaceKey: '*' };
    const played = playField(pan(), policy, keyed('*412*1119**111111111111#'));
    expect(played).toMatchObject({ outcome: 'completed', text: '4111111111111111' });
    expect(played.counts.slice(0, 9)).toEqual([1, 2, 3, 2, 3, 4, 5, 6, 5]);
  });
});

describe('the other fields', () => {
  const rule = expiryRule(() => Date.UTC(2026, 10, 24));

  it.each<[string, FieldRule, string, string]>([
    ['a security code of three digits is whole at its third', lengthRule(3, 3), '123', 'completed'],
    ['a security code that is ended early is too short', lengthRule(4, 4), '123#', 'too-short'],
    ['a security code that stops half-way runs out of time', lengthRule(3, 3), '12', 'inter-key-timeout'],
    ['an expiry is whole at four digits', rule, '1226', 'completed'],
    ['an expiry that is over is no date', rule, '1025', 'invalid-date'],
    ['an expiry with a month that is none is no date', rule, '1327', 'invalid-date'],
    ['an expiry that is ended early is too short', rule, '12#', 'too-short'],
    ['an issue number may have one digit', issueNumberRule, '7#', 'completed'],
    ['an issue number ends by silence', issueNumberRule, '7', 'completed'],
    ['an issue number ends at its second digit', issueNumberRule, '71', 'completed'],
    ['a postcode of two digits is too short', postcodeRule, '12#', 'too-short'],
    ['a postcode ends by silence', postcodeRule, '1500001', 'completed'],
  ])('%s', (_, fieldRule, keys, expected) => {
    const played = playField(fieldRule, { ...standardPolicy, quietMs: null }, keyed(keys));
    expect(played.reason ?? played.outcome).toBe(expected);
  });

  it('the keypad test counts keys of any name, and keeps none of them', () => {
    const played = playField(keypadTestRule, standardPolicy, keyed('12*A9#'));
    expect(played).toMatchObject({ outcome: 'completed', text: '00000', counts: [1, 2, 3, 4, 5] });
  });

  it('the keypad test ends well when its time is over', () => {
    const keys = Array.from({ length: 14 }, (_, at) => ({ at: (at + 1) * 4_500, key: '5' }));
    expect(playField(keypadTestRule, standardPolicy, keys)).toMatchObject({
      outcome: 'completed',
      at: 60_000,
      text: '0'.repeat(13),
    });
  });
});

it('a stopped field is wiped, tells nobody and takes no more keys', () => {
  const before = liveWipeables();
  const clock = new FakeClock();
  const told: string[] = [];
  const policy = { ...standardPolicy, clearKey: keyOf('*'), endKey: keyOf('#'), backspaceKey: null };
  const field = new OpenField(pan(), policy, clock, {
    progress: () => told.push('progress'),
    completed: () => told.push('completed'),
    failed: () => told.push('failed'),
  });
  field.press(configuredKey('4') as KeyCode);
  field.stop();
  field.stop();
  expect(field.press(configuredKey('1') as KeyCode)).toBe(false);
  expect(field.digits).toBe(0);
  clock.advance(100_000);
  expect(told).toEqual(['progress']);
  expect([clock.pending, liveWipeables()]).toEqual([0, before]);
});
