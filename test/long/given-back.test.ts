import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { AttemptId, SessionId } from '../../src/shared/ids.ts';
import { asCallId } from '../../src/shared/ids.ts';
import { agent1001 } from '../support/desk-bench.ts';
import { settle } from '../support/fake-clock.ts';
import { cashier, RefundBench } from '../support/refund-bench.ts';

let bench: RefundBench;
beforeEach(async () => {
  bench = await RefundBench.open();
});
afterEach(() => bench.close());

const bill = (id: SessionId) => bench.view(id).bill;

/** What of the call's payments stands, by its history: what a bill that agrees with it says was paid. */
async function paidByHistory(id: SessionId): Promise<number> {
  const history = await bench.sessions.history(asCallId(bench.view(id).callId), agent1001);
  return history
    .filter(({ outcome }) => outcome === 'succeeded')
    .reduce((sum, { amount, refunds = [] }) => {
      const back = refunds.filter(({ outcome }) => outcome === 'refunded' || outcome === 'unknown');
      return back.reduce((left, refund) => left - refund.amount, sum + (amount ?? 0));
    }, 0);
}

test('a bill follows what the refund desk gives back: in parts, of this card and of earlier ones, and agrees with the history', async () => {
  const id = await bench.session({ billTotal: 10_000 });
  const first = await bench.pay(id, 6000);
  await bench.desk.refund(first, 1000, cashier);
  await settle();
  expect(bill(id)).toMatchObject({ paid: 5000, due: 5000, givenBack: 1000 });
  expect(bench.view(id).payments).toMatchObject([{ state: 'succeeded', amount: 6000, givenBack: 1000 }]);
  await bench.sessions.newPayment(id, agent1001);
  expect(bench.view(id).details['amount']).toBe(5000);
  await bench.pay(id, 5000);
  expect(bill(id)).toMatchObject({ paid: 10_000, due: 0 });
  await bench.desk.refund(first, null, cashier);
  await settle();
  expect(bill(id)).toMatchObject({ paid: 5000, due: 5000, givenBack: 6000 });
  expect(await paidByHistory(id)).toBe(5000);
  expect(bench.told.map(({ event }) => event.type).at(-1)).toBe('session.changed');
});

test('a payment that the refund desk has voided is cancelled in its session too, open or closed', async () => {
  const id = await bench.session({ billTotal: 6000 });
  await bench.desk.void(await bench.pay(id, 6000), cashier);
  await settle();
  expect(bench.view(id)).toMatchObject({ state: 'cancelled', payments: [{ state: 'cancelled' }] });
  expect(bill(id)).toMatchObject({ paid: 0, due: 6000, givenBack: 0 });
  await bench.sessions.newPayment(id, agent1001);
  const other = await bench.pay(id, 6000);
  await bench.sessions.close(id, agent1001);
  await bench.desk.void(other, cashier);
  await settle();
  expect(bench.view(id)).toMatchObject({ state: 'closed', bill: { paid: 0 } });
  expect(await paidByHistory(id)).toBe(0);
});

test('a refund that nobody can vouch for is shown apart until the provider says', async () => {
  const id = await bench.session({ billTotal: 6000 });
  const payment = await bench.pay(id, 6000);
  bench.room.refundOutcomes.push({ outcome: 'unknown', code: 'timed-out' });
  await bench.desk.refund(payment, 2000, cashier);
  await settle();
  expect(bill(id)).toMatchObject({ paid: 4000, unknown: 2000, due: 2000, givenBack: 0 });
  expect(await paidByHistory(id)).toBe(4000);
  bench.room.enquiries.push({ answer: 'not-paid' });
  await bench.clock.run(10_000);
  await expect.poll(() => bill(id)).toMatchObject({ paid: 6000, unknown: 0, due: 0 });
});

test('one payment is given back in one place at a time: not by Cancel while the refund desk does, nor the other way round', async () => {
  const id = await bench.session();
  const payment = await bench.pay(id, 6000);
  bench.room.held.add('refund');
  const refunding = bench.desk.refund(payment, 1000, cashier);
  await expect.poll(() => bench.room.questions.length).toBe(1);
  await expect(bench.sessions.cancel(id, agent1001)).rejects.toMatchObject({ code: 'wrong-state' });
  bench.room.held.clear();
  bench.room.questions[0]?.answer();
  await refunding;
  await settle();
  // Something was given back: a void of the whole would be too much.
  expect(bench.view(id).can).not.toContain('cancel');
  await bench.sessions.newPayment(id, agent1001);
  const other = await bench.pay(id, 700);
  await cancelUnderWay(id, other);
});

async function cancelUnderWay(id: SessionId, payment: AttemptId): Promise<void> {
  bench.room.held.add('voidPayment');
  await bench.sessions.cancel(id, agent1001);
  await expect(bench.desk.refund(payment, null, cashier)).rejects.toMatchObject({ code: 'refund-running' });
  await expect(bench.desk.void(payment, cashier)).rejects.toMatchObject({ code: 'refund-running' });
  bench.room.questions[0]?.answer(false);
  await settle();
  expect(bench.view(id)).toMatchObject({ state: 'succeeded' });
  expect(await bench.desk.refund(payment, null, cashier)).toMatchObject({ outcome: 'refunded' });
}

test('a refund that is refused, or that the storage refuses, leaves the payment to its session', async () => {
  const id = await bench.session();
  const payment = await bench.pay(id, 6000);
  bench.room.refundOutcomes.push({ outcome: 'declined', code: 'no', message: '' });
  await bench.desk.refund(payment, 1000, cashier);
  await settle();
  expect(bench.view(id).can).toContain('cancel');
  await bench.sessions.cancel(id, agent1001);
  await expect.poll(() => bench.view(id).state).toBe('cancelled');
});

test('whatever a session and the refund desk do at the same moment, no more is given back than was paid', async () => {
  const steps = fc.array(fc.constantFrom('cancel', 'void', 'whole', 'part'), { minLength: 2, maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(steps, steps, async (first, second) => {
      const id = await bench.session();
      const payment = await bench.pay(id, 5000);
      const does: Record<string, () => Promise<unknown>> = {
        cancel: () => bench.sessions.cancel(id, agent1001),
        void: () => bench.desk.void(payment, cashier),
        whole: () => bench.desk.refund(payment, null, cashier),
        part: () => bench.desk.refund(payment, 2000, cashier),
      };
      for (const together of [first, second]) {
        await Promise.allSettled(together.map((step) => does[step]?.()));
        await expect.poll(() => bench.view(id).state, { interval: 5 }).not.toBe('authorising');
      }
      const refunds = bench.room.refunds.filter(({ order }) => order.attempt === payment);
      const voids = bench.room.voided.filter((attempt) => attempt === payment).length;
      expect(refunds.reduce((sum, { order }) => sum + order.amount, voids * 5000)).toBeLessThanOrEqual(5000);
    }),
    { numRuns: 8 },
  );
}, 60_000);

test('a card that was charged and given back in full is charged again without a warning', async () => {
  const id = await bench.session();
  const payment = await bench.pay(id, 6000);
  await bench.sessions.newPayment(id, agent1001);
  await bench.pay(id, 500);
  await bench.sessions.newPayment(id, agent1001);
  const repeats = async (): Promise<number[]> => {
    const { type, cardholder, expiry } = { type: 'charge', cardholder: 'A N OTHER', expiry: '12/30' };
    await bench.sessions.changeDetails(id, { type, cardholder, expiry, amount: 6000 }, agent1001);
    return bench.view(id).repeats;
  };
  await bench.takeCard(id);
  expect(await repeats()).toEqual([1]);
  await bench.desk.refund(payment, null, cashier);
  await settle();
  expect(bench.view(id).repeats).toEqual([]);
});
