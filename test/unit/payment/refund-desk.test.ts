import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { RefundOutcome } from '../../../src/payment/card-room.ts';
import { asAttemptId, newAttemptId } from '../../../src/shared/ids.ts';
import { simulatorPsp } from '../../support/fake-card-room.ts';
import { settle } from '../../support/fake-clock.ts';
import { cashier, RefundBench } from '../../support/refund-bench.ts';

let bench: RefundBench;
beforeEach(async () => {
  bench = await RefundBench.open();
});
afterEach(() => bench.close());

const unknown: RefundOutcome = { outcome: 'unknown', code: 'timed-out' };
const refunds = async (attempt: Awaited<ReturnType<RefundBench['paid']>>) =>
  (await bench.desk.get(attempt, cashier)).refunds?.map(({ amount, outcome }) => [amount, outcome]);

describe('giving back', () => {
  test('is for agents with payments.refund alone', async () => {
    const attempt = await bench.paid();
    const other = { ...cashier, permissions: new Set(['calls.read', 'payments.take']) };
    for (const ask of [
      bench.desk.refund(attempt, null, other),
      bench.desk.void(attempt, other),
      bench.desk.get(attempt, other),
      bench.desk.search({ by: 'reference', part: 'ref-1' }, other),
    ])
      await expect(ask).rejects.toMatchObject({ code: 'forbidden' });
    expect(bench.room.refunds).toEqual([]);
  });

  test('leaves in the evidence who has given back or tried to, from where, of which payment', async () => {
    const attempt = await bench.paid();
    await bench.desk.refund(attempt, 2000, cashier);
    await bench.desk.refund(attempt, 4000, cashier).catch(() => undefined);
    await bench.restart();
    const text = readFileSync(join(bench.folder, 'data', 'journal-000001.ndjson'), 'utf8');
    const who = `"payment":"${attempt}"`;
    const entries = text
      .split('\n')
      .filter((line) => line.includes(who) && line.includes('"who":"2001","origin":"192.0.2.2"'));
    expect(entries.map((line) => /"result":"([\w-]+)"/.exec(line)?.[1])).toEqual([
      'refunded',
      'refund-exceeds-payment',
    ]);
  });

  test('in parts until nothing is left, each part once and under a key of its own; the history shows it all', async () => {
    const attempt = await bench.paid();
    expect(await bench.desk.refund(attempt, 2000, cashier)).toMatchObject({ amount: 2000, outcome: 'refunded' });
    const more = bench.desk.refund(attempt, 3001, cashier);
    await expect(more).rejects.toMatchObject({ code: 'refund-exceeds-payment' });
    expect(await bench.desk.refund(attempt, null, cashier)).toMatchObject({ amount: 3000 });
    await expect(bench.desk.refund(attempt, 1, cashier)).rejects.toMatchObject({ code: 'not-refundable' });
    const [first, second] = bench.room.refunds;
    expect(first?.order).toMatchObject({ attempt, reference: 'ref-1', amount: 2000, whole: false });
    expect(first?.order.refund).not.toBe(second?.order.refund);
    expect(await refunds(attempt)).toEqual([
      [2000, 'refunded'],
      [3000, 'refunded'],
    ]);
    expect(bench.told.map(({ agent, event }) => [agent, event.type])).toEqual([
      ['1001', 'payment.refunded'],
      ['2001', 'payment.refunded'],
      ['1001', 'payment.refunded'],
      ['2001', 'payment.refunded'],
    ]);
  });

  test('by a void takes the whole back, and the payment is cancelled', async () => {
    const attempt = await bench.paid({ type: 'authorise' });
    await expect(bench.desk.refund(attempt, null, cashier)).rejects.toMatchObject({ code: 'cannot-refund' });
    expect(await bench.desk.void(attempt, cashier)).toMatchObject({ kind: 'void', amount: 5000, outcome: 'refunded' });
    expect(bench.room.voided).toEqual([attempt]);
    expect(await bench.desk.get(attempt, cashier)).toMatchObject({ outcome: 'cancelled' });
    await expect(bench.desk.void(attempt, cashier)).rejects.toMatchObject({ code: 'not-refundable' });
  });

  test('that the provider refuses leaves the payment as it was, and may be asked for again', async () => {
    const attempt = await bench.paid();
    bench.room.refundOutcomes.push({ outcome: 'declined', code: 'too-late', message: 'No' });
    expect(await bench.desk.refund(attempt, null, cashier)).toMatchObject({ outcome: 'declined' });
    bench.room.voids = false;
    expect(await bench.desk.void(attempt, cashier)).toMatchObject({ outcome: 'declined' });
    expect(await bench.desk.refund(attempt, null, cashier)).toMatchObject({ amount: 5000, outcome: 'refunded' });
  });

  test.each([
    ['a declined payment', {}, { outcome: 'declined', code: 'x' }, 'not-refundable'],
    ['an unknown payment', {}, { outcome: 'unknown', code: 'x' }, 'not-refundable'],
    ['a token', { type: 'tokenise', amount: null }, { outcome: 'succeeded', reference: 't' }, 'not-refundable'],
    ['a payment that nobody knows', null, null, 'payment-not-found'],
  ] as const)('of %s is refused, and nobody is asked', async (_, changes, outcome, code) => {
    const attempt = changes === null ? newAttemptId() : await bench.paid(changes, outcome);
    await expect(bench.desk.refund(attempt, null, cashier)).rejects.toMatchObject({ code });
    expect(bench.room.log).toEqual([]);
  });

  test.each([
    [{ refund: false, partialRefund: false, void: true }, null],
    [{ refund: true, partialRefund: false, void: true }, 100],
  ] as const)('is refused where the provider cannot: %j', async (can, amount) => {
    bench.room.psps = [{ ...simulatorPsp, can: { enquire: true, ...can } }];
    const attempt = await bench.paid();
    await expect(bench.desk.refund(attempt, amount, cashier)).rejects.toMatchObject({ code: 'cannot-refund' });
    expect(bench.room.refunds).toEqual([]);
  });
});

describe('exactly once', () => {
  test('of two that come at once one is refused', async () => {
    const attempt = await bench.paid();
    const both = [bench.desk.refund(attempt, 100, cashier), bench.desk.refund(attempt, 100, cashier)];
    expect((await Promise.allSettled(both)).map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    expect(bench.room.refunds).toHaveLength(1);
  });

  test('an unknown one is never sent again, on no way, is asked about, and its answer is told', async () => {
    const attempt = await bench.paid();
    bench.room.refundOutcomes.push(unknown);
    expect(await bench.desk.refund(attempt, 2000, cashier)).toMatchObject({ outcome: 'unknown' });
    await expect(bench.desk.refund(attempt, 1, cashier)).rejects.toMatchObject({ code: 'do-not-resubmit' });
    await expect(bench.desk.void(attempt, cashier)).rejects.toMatchObject({ code: 'do-not-resubmit' });
    expect(bench.desk.unknown).toBe(1);
    bench.room.enquiries.push({ answer: 'still-unknown' }, { answer: 'paid', reference: 'R-1' });
    await bench.clock.run(60_000);
    await expect
      .poll(() => bench.told.at(-1)?.event)
      .toMatchObject({ refund: { outcome: 'refunded', reference: 'R-1' } });
    expect(bench.room.refunds).toHaveLength(1);
    expect(await bench.desk.refund(attempt, null, cashier)).toMatchObject({ amount: 3000 });
  });

  test('an unknown one of a provider that cannot be asked is settled by what somebody has found out, once', async () => {
    const attempt = await bench.paid();
    bench.room.psps = [{ ...simulatorPsp, can: { ...simulatorPsp.can, enquire: false } }];
    for (const answer of [{ answer: 'not-given-back' }, { answer: 'given-back', reference: 'R-7' }] as const) {
      bench.room.refundOutcomes.push({ outcome: 'unknown', code: 'timed-out' });
      const { id } = await bench.desk.refund(attempt, 1000, cashier);
      await bench.clock.run(60_000);
      await expect(bench.desk.refund(attempt, 1000, cashier)).rejects.toMatchObject({ code: 'do-not-resubmit' });
      const of = asAttemptId(id);
      const stranger = { ...cashier, permissions: new Set(['payments.take'] as const) };
      await expect(bench.desk.record(attempt, of, answer, stranger)).rejects.toMatchObject({ code: 'forbidden' });
      expect(await bench.desk.record(attempt, of, answer, cashier)).toMatchObject({
        outcome: answer.answer === 'given-back' ? 'refunded' : 'declined',
      });
      await expect(bench.desk.record(attempt, of, answer, cashier)).rejects.toMatchObject({
        code: 'payment-not-found',
      });
    }
    expect(await bench.desk.refund(attempt, null, cashier)).toMatchObject({ amount: 4000, outcome: 'refunded' });
  });

  test('an unknown void is asked about by its payment: one that still stands was not voided', async () => {
    const attempt = await bench.paid();
    bench.room.faults.set('voidPayment', ['timed-out']);
    expect(await bench.desk.void(attempt, cashier)).toMatchObject({ outcome: 'unknown' });
    bench.room.enquiries.push({ answer: 'paid', reference: 'ref-1' });
    await bench.clock.run(5_000);
    await expect.poll(() => refunds(attempt)).toEqual([[5000, 'declined']]);
    expect(await bench.desk.refund(attempt, null, cashier)).toMatchObject({ outcome: 'refunded' });
  });

  test('one that a dead process has left open is unknown after the start, and is not sent again', async () => {
    const attempt = await bench.paid();
    bench.room.held.add('refund');
    void bench.desk.refund(attempt, 2000, cashier).catch(() => undefined);
    await expect.poll(() => bench.room.refunds).toHaveLength(1);
    expect(await bench.restart()).toBe(1);
    expect(bench.told.at(-1)?.event).toMatchObject({ type: 'payment.refunded', refund: { outcome: 'unknown' } });
    await expect(bench.desk.refund(attempt, 2000, cashier)).rejects.toMatchObject({ code: 'do-not-resubmit' });
    bench.room.enquiries.push({ answer: 'not-paid' });
    await bench.clock.run(5_000);
    await expect.poll(() => refunds(attempt)).toEqual([[2000, 'declined']]);
    expect(bench.room.refunds).toHaveLength(1);
  });

  test.each(['cde-lost', 'timed-out', 'media-failed'] as const)(
    'a room that refuses with %s leaves it unknown',
    async (code) => {
      const attempt = await bench.paid();
      bench.room.faults.set('refund', [code]);
      expect(await bench.desk.refund(attempt, null, cashier)).toMatchObject({ outcome: 'unknown' });
    },
  );

  test('whatever providers and agents do, no more is given back than was paid', async () => {
    const outcome = fc.constantFrom<RefundOutcome>(
      { outcome: 'refunded', reference: null },
      { outcome: 'requested', reference: 'q' },
      { outcome: 'declined', code: 'x', message: '' },
      { outcome: 'not-sent', code: 'connection-refused' },
      unknown,
    );
    const step = fc.record({ amount: fc.option(fc.integer({ min: 1, max: 6000 })), outcome, void: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 8 }), async (steps) => {
        const attempt = await bench.paid();
        const [sentBefore, voidedBefore] = [bench.room.refunds.length, bench.room.voided.length];
        let given = 0;
        for (const wish of steps) {
          bench.room.refundOutcomes.splice(0, Infinity, wish.outcome);
          const asked = wish.void
            ? bench.desk.void(attempt, cashier)
            : bench.desk.refund(attempt, wish.amount, cashier);
          const answer = await asked.catch(() => undefined);
          if (answer !== undefined && !['declined', 'not-sent'].includes(answer.outcome)) given += answer.amount;
        }
        await settle();
        expect(given).toBeLessThanOrEqual(5000);
        const sent = bench.room.refunds.slice(sentBefore);
        expect(new Set(sent.map(({ order }) => order.refund)).size).toBe(sent.length);
        expect(bench.room.voided.length - voidedBefore).toBeLessThanOrEqual(1);
      }),
      { numRuns: 25 },
    );
  });
});

describe('the search', () => {
  test('finds a payment by a part of the provider’s or the merchant’s reference, after any number of restarts (S-07)', async () => {
    const attempt = await bench.paid(
      { merchantReference: 'ORDER-2026-0042' },
      { outcome: 'succeeded', reference: 'psp_abc' },
    );
    await bench.paid({ merchantReference: null }, { outcome: 'succeeded', reference: 'other' });
    await bench.desk.refund(attempt, 10, cashier);
    await bench.restart();
    for (const part of ['2026-0042', 'psp_abc', 'p_ab', 'refund-'])
      expect(await bench.desk.search({ by: 'reference', part }, cashier)).toMatchObject([
        { id: attempt, refunds: [{ amount: 10 }] },
      ]);
    expect(await bench.desk.search({ by: 'reference', part: 'nothing of it' }, cashier)).toEqual([]);
    await expect(bench.desk.search({ by: 'reference', part: 'ab' }, cashier)).rejects.toMatchObject({
      code: 'bad-detail',
    });
  });
});
