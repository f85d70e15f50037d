import { describe, expect, test } from 'vitest';
import { answerOf, failureOf, leftOf, waysOf } from '../../../src/panel/annex/giving.ts';
import { Problem } from '../../../src/panel/problem.ts';
import type { RefundView } from '../../../src/payment/refund.ts';
import type { Transaction } from '../../../src/payment/transaction.ts';

const refund = (outcome: RefundView['outcome'], amount: number, kind: RefundView['kind'] = 'refund'): RefundView => ({
  ...{ id: 'r', at: '2026-03-01T10:05:00.000Z', agent: '2001', reference: null },
  ...{ kind, amount, outcome },
});
const payment = (changes: Partial<Transaction> = {}): Transaction => ({
  ...{ id: 't', at: '2026-03-01T10:00:00.000Z', callId: 'c', agent: '1001', psp: 'simulator', type: 'charge' },
  ...{ amount: 5000, currency: 'EUR', outcome: 'succeeded', reference: null, brand: 'visa', lastFour: '1111' },
  ...changes,
});

describe('a payment of the history', () => {
  test.each([
    ['that stands', payment(), ['void', 'refunds']],
    ['of which a part went back', payment({ refunds: [refund('refunded', 1000)] }), ['refunds']],
    ['of which a refund was declined', payment({ refunds: [refund('declined', 1000)] }), ['void', 'refunds']],
    ['of which all went back', payment({ refunds: [refund('refunded', 1000), refund('requested', 4000)] }), []],
    ['of which nobody knows what went back', payment({ refunds: [refund('unknown', 1000)] }), []],
    ['of which something is going back now', payment({ refunds: [refund('running', 1000)] }), []],
    ['that is only reserved', payment({ type: 'authorise' }), ['void']],
    ['that made a token', payment({ type: 'tokenise', amount: null }), []],
    ['that was declined', payment({ outcome: 'declined' }), []],
    ['that nobody knows', payment({ outcome: 'unknown' }), []],
  ] as const)('%s can be given back in the ways that mean something', (_, one, ways) => {
    expect(waysOf(one)).toEqual(ways);
  });

  test('is left with what did not go back', () => {
    expect(leftOf(payment({ refunds: [refund('refunded', 1200), refund('not-sent', 500)] }))).toBe(3800);
  });
});

describe('what the agent reads at the end', () => {
  test('is what the provider said, a void by a word of its own', () => {
    expect(answerOf(refund('refunded', 1))).toBe('refunded');
    expect(answerOf(refund('refunded', 1, 'void'))).toBe('voided');
    expect(answerOf(refund('requested', 1))).toBe('requested');
    expect(answerOf(refund('running', 1))).toBe('doubt');
  });

  test.each([
    [new Problem('refund-exceeds-payment', 422), 'refund-exceeds-payment'],
    [new Problem('do-not-resubmit', 409), 'do-not-resubmit'],
    [new Problem('bad-detail', 422), 'refused'],
    // Whoever gave no plain answer may have given the money back.
    [new Problem('network', 0), 'doubt'],
    [new Problem('', 408), 'doubt'],
    [new Problem('gateway-unreachable', 503), 'doubt'],
    [new TypeError('cut'), 'doubt'],
  ])('of %o is %s', (error, said) => {
    expect(failureOf(error)).toBe(said);
  });
});
