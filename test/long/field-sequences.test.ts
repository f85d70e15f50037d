import creditCardType from 'credit-card-type';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cardNumberRule } from '../../src/cde/entry/card-number.ts';
import type { FieldRule } from '../../src/cde/entry/entry-facts.ts';
import { issueNumberRule, lengthRule, postcodeRule } from '../../src/cde/entry/length-rule.ts';
import { type CardBrand, cardBrands } from '../../src/shared/card-brand.ts';
import { luhnRight, type ModelField, type ModelPolicy, modelEntry, type TimedKey } from '../support/entry-model.ts';
import { playField } from '../support/played-field.ts';

// Test files share a process, so another one may have done it already.
for (const name of ['troy', 'naranja'])
  if (creditCardType('').some(({ type }) => type === name)) creditCardType.removeCard(name);

describe('every sequence of keys at every pace', () => {
  const brands: Partial<Record<string, CardBrand>> = { 'american-express': 'amex', 'diners-club': 'diners' };
  const unknownLengths = [12, 13, 14, 15, 16, 17, 18, 19];
  const typeOf = (text: string) => (text.length < 8 ? undefined : creditCardType(text.slice(0, 8))[0]);

  const panModel = (accepted: readonly CardBrand[]): ModelField => ({
    lengths: (text) => typeOf(text)?.lengths ?? unknownLengths,
    checkDigitRight: luhnRight,
    fault(text) {
      const type = typeOf(text);
      if (type === undefined) return 'brand-not-accepted';
      if (!luhnRight(text) && type.type !== 'unionpay') return 'check-digit';
      const brand = brands[type.type] ?? (type.type as CardBrand);
      return accepted.includes(brand) ? undefined : 'brand-not-accepted';
    },
  });

  const testNumbers = ['4111111111111111', '378282246310005', '4000000000000000006', '30569309025904', '6759649826430'];
  const moreNumbers = [
    '5555555555554444',
    '6205500000000000004',
    '6304000000000000',
    '3530111333300000',
    '5555555555554445',
  ];
  const piece = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...testNumbers, ...moreNumbers) },
    { weight: 2, arbitrary: fc.constantFrom('*', '#', 'A', '#', '*') },
    { weight: 3, arbitrary: fc.stringMatching(/^[0-9]{1,6}$/) },
  );
  const text = fc.array(piece, { maxLength: 5 }).map((pieces) => pieces.join(''));
  const gap = fc.oneof(
    { weight: 30, arbitrary: fc.integer({ min: 40, max: 900 }) },
    { weight: 1, arbitrary: fc.constantFrom(1_999, 2_000, 2_001, 4_999, 5_000, 5_001, 19_999, 20_000) },
  );
  const timed = text.chain((characters) =>
    fc.array(gap, { minLength: characters.length, maxLength: characters.length }).map((gaps) => {
      let at = 0;
      return [...characters].map((key, index) => {
        at += gaps[index] ?? 0;
        return { at, key };
      });
    }),
  );
  const policies = fc.record({
    firstKeyMs: fc.constant(20_000),
    interKeyMs: fc.constant(5_000),
    quietMs: fc.constantFrom(2_000, 2_000, 7_000, null),
    overallMs: fc.constantFrom(60_000, 6_000, 9_000),
    clearKey: fc.constantFrom('*', '*', null),
    endKey: fc.constantFrom('#', '#', null),
    backspaceKey: fc.constantFrom(null, 'A'),
  });

  const compare = (rule: FieldRule, model: ModelField, policy: ModelPolicy, keys: readonly TimedKey[]) => {
    const expected = modelEntry(keys, policy, model);
    const played = playField(rule, policy, keys);
    const { at, outcome, reason, counts } = played;
    expect({ at, outcome, reason, counts }).toEqual({
      at: expected.at,
      outcome: expected.outcome,
      reason: expected.reason,
      counts: expected.counts,
    });
    if (outcome === 'completed') expect(played.text).toBe(expected.text);
    else expect(played.failedDigits).toBe(expected.text.length);
  };

  it('comes to what the contract says of a card number', () => {
    const accepted = fc.constantFrom<readonly CardBrand[]>(cardBrands, ['visa', 'unionpay'], ['amex']);
    fc.assert(
      fc.property(timed, policies, accepted, (keys, policy, brandsTaken) =>
        compare(cardNumberRule(brandsTaken), panModel(brandsTaken), policy, keys),
      ),
      { numRuns: 1_000 },
    );
  });

  it('comes to what the contract says of the fields that are judged by their length', () => {
    const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, at) => from + at);
    const byLength = (from: number, to: number): ModelField => ({
      lengths: () => range(from, to),
      checkDigitRight: () => false,
      fault: () => undefined,
    });
    const fields = fc.constantFrom<[FieldRule, ModelField]>(
      [lengthRule(3, 3), byLength(3, 3)],
      [lengthRule(4, 4), byLength(4, 4)],
      [issueNumberRule, byLength(1, 2)],
      [postcodeRule, byLength(3, 10)],
    );
    fc.assert(
      fc.property(timed, policies, fields, (keys, policy, [rule, model]) => compare(rule, model, policy, keys)),
      { numRuns: 500 },
    );
  });
});
