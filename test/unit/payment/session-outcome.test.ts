import { describe, expect, test } from 'vitest';
import type { AuthorisationOutcome } from '../../../src/payment/card-room.ts';
import { agent1001, crm, DeskBench, fullDetails } from '../../support/desk-bench.ts';
import { simulatorPsp } from '../../support/fake-card-room.ts';
import { settle } from '../../support/fake-clock.ts';

const declined = (retryable = true): AuthorisationOutcome => ({
  outcome: 'declined',
  code: 'insufficient-funds',
  message: 'Declined',
  retryable,
});

/** A session whose payment was sent and answered so. */
async function sent(bench: DeskBench, ...outcomes: AuthorisationOutcome[]) {
  bench.room.outcomes.push(...outcomes);
  const id = await bench.ready();
  await bench.desk.authorise(id, agent1001);
  await settle();
  return id;
}

describe('a payment that succeeds', () => {
  test('is told, summed up and in the history, and nothing of the card is left (P-56, P-62, P-64, P-69)', async () => {
    const bench = new DeskBench();
    bench.room.outcomes.push({ outcome: 'approved', reference: 'ref-1' });
    const id = await bench.ready();
    expect(bench.room.sent).toEqual([]);
    await bench.desk.authorise(id, agent1001);
    await settle();
    expect(bench.told()).toEqual(['payment.authorising', 'payment.succeeded']);
    expect(bench.view(id)).toMatchObject({
      state: 'succeeded',
      payments: [{ n: 1, state: 'succeeded', reference: 'ref-1' }],
      outcome: { code: 'approved', reference: 'ref-1' },
    });
    expect(bench.room.holdings(id)).toEqual([]);
    expect(bench.room.sent).toMatchObject([
      {
        last: true,
        order: { type: 'charge', amount: 5000, currency: 'JPY', details: { cardholder: 'A N OTHER', expiry: '12/30' } },
      },
    ]);
    expect(await bench.desk.history(bench.call.id, agent1001)).toMatchObject([
      { outcome: 'succeeded', amount: 5000, brand: 'visa', lastFour: '1111', reference: 'ref-1' },
    ]);
  });

  test('may be followed by one with another card: all is taken anew (P-05, P-67)', async () => {
    const bench = new DeskBench({ prefill: { cardholder: 'CONFIG' } });
    const id = await sent(bench);
    await expect(bench.desk.authorise(id, agent1001)).rejects.toMatchObject({ code: 'wrong-state' });
    await bench.desk.newPayment(id, agent1001);
    expect(bench.view(id)).toMatchObject({
      state: 'details',
      details: fullDetails,
      fields: { pan: { state: 'empty' } },
    });
    expect(bench.view(id).missing).toEqual(['pan', 'cvc']);
  });

  test('is the only one where a bill may not be split over cards (P-05)', async () => {
    const bench = new DeskBench({ splitOverCards: false });
    const id = await sent(bench);
    await expect(bench.desk.newPayment(id, agent1001)).rejects.toMatchObject({ code: 'split-not-allowed' });
    expect(bench.view(id).can).not.toContain('new-payment');
  });
});

describe('several payments on one card', () => {
  async function three(...outcomes: AuthorisationOutcome[]) {
    const bench = new DeskBench();
    const id = await bench.ready();
    for (const amount of [100, 200]) await bench.desk.addPayment(id, { type: 'authorise', amount }, agent1001);
    bench.room.outcomes.push(...outcomes);
    await bench.desk.authorise(id, agent1001);
    await settle();
    return { bench, id, states: () => bench.view(id).payments.map(({ state }) => state) };
  }

  test('run in order, and the code is kept until the last (P-34)', async () => {
    const { bench, id, states } = await three();
    expect(bench.room.sent.map(({ order, last }) => [order.type, order.amount, last])).toEqual([
      ['charge', 5000, false],
      ['authorise', 100, false],
      ['authorise', 200, true],
    ]);
    expect(states()).toEqual(['succeeded', 'succeeded', 'succeeded']);
    expect(bench.room.holdings(id)).toEqual([]);
  });

  test('a failure stops the rest; a retry sends only what was not taken (O-8)', async () => {
    const { bench, id, states } = await three({ outcome: 'approved', reference: 'a' }, declined());
    expect(states()).toEqual(['succeeded', 'declined', 'draft']);
    await bench.desk.retry(id, agent1001);
    expect(states()).toEqual(['succeeded', 'draft', 'draft']);
    await expect(bench.desk.changeDetails(id, { amount: 1 }, agent1001)).rejects.toMatchObject({ code: 'wrong-state' });
    await bench.take(id, 'cvc');
    await bench.desk.authorise(id, agent1001);
    await settle();
    expect(bench.room.sent.map(({ order }) => order.amount)).toEqual([5000, 100, 100, 200]);
    expect(states()).toEqual(['succeeded', 'succeeded', 'succeeded']);
  });

  test('what was not taken may be removed, and what stands has succeeded', async () => {
    const { bench, id } = await three({ outcome: 'approved', reference: 'a' }, declined());
    await bench.desk.retry(id, agent1001);
    await bench.desk.removePayment(id, 2, agent1001);
    await bench.desk.removePayment(id, 3, agent1001);
    expect(bench.view(id)).toMatchObject({ state: 'succeeded', payments: [{ n: 1, state: 'succeeded' }] });
  });
});

describe('a payment that is declined', () => {
  test('goes back to the details; the code is asked for again under a new attempt (P-76…P-79, O-7)', async () => {
    const bench = new DeskBench();
    const id = await sent(bench, declined());
    expect(bench.last('payment.declined')).toMatchObject({ code: 'insufficient-funds', retryable: true });
    expect(bench.view(id)).toMatchObject({ state: 'declined', outcome: { retryable: true } });
    expect(bench.room.holdings(id)).toEqual(['pan']);
    await expect(bench.desk.authorise(id, agent1001)).rejects.toMatchObject({ code: 'wrong-state' });
    await bench.desk.retry(id, agent1001);
    expect(bench.view(id)).toMatchObject({ state: 'details', missing: ['cvc'] });
    await bench.take(id, 'cvc');
    await bench.desk.authorise(id, agent1001);
    await settle();
    const [first, second] = bench.room.sent;
    expect(first?.attempt).not.toBe(second?.attempt);
    expect(await bench.desk.history(bench.call.id, agent1001)).toMatchObject([
      { outcome: 'declined' },
      { outcome: 'succeeded' },
    ]);
  });

  test.each([
    ['the provider says so', {}, declined(false), 'retry-not-allowed', 'agent'],
    ['the configuration says so', { retry: false }, declined(), 'retry-not-allowed', 'agent'],
    ['a CRM controls the session (P-86)', {}, declined(), 'controlled-by-crm', 'crm'],
  ] as const)('is not retried where %s', async (_where, settings, outcome, code, control) => {
    const bench = new DeskBench(settings);
    bench.room.outcomes.push(outcome);
    const view = await bench.desk.open(bench.call.id, crm, { control, details: fullDetails });
    const id = view.id as Awaited<ReturnType<DeskBench['open']>>;
    await bench.take(id, 'pan');
    await bench.take(id, 'cvc');
    await bench.desk.authorise(id, agent1001);
    await settle();
    expect(bench.last('payment.declined')?.retryable).toBe(false);
    await expect(bench.desk.retry(id, agent1001)).rejects.toMatchObject({ code });
    expect(bench.view(id).can).not.toContain('retry');
    expect(bench.room.holdings(id)).toEqual([]);
    if (control === 'agent') return;
    await expect(bench.desk.newPayment(id, agent1001)).rejects.toMatchObject({ code: 'controlled-by-crm' });
    expect(bench.view(id).can).toEqual(['close', 'cancel']);
  });

  test('keeps no card where the configuration says so', async () => {
    const bench = new DeskBench({ keepPanAfterDecline: false });
    const id = await sent(bench, declined());
    await bench.desk.retry(id, agent1001);
    expect(bench.view(id).missing).toEqual(['pan', 'cvc']);
    expect(bench.room.holdings(id)).toEqual([]);
  });

  test('without ever having been sent keeps its attempt and leaves no line in the history', async () => {
    const bench = new DeskBench();
    const id = await sent(bench, { outcome: 'not-sent', code: 'connection-refused' });
    expect(bench.last('payment.declined')).toMatchObject({ code: 'connection-refused', retryable: true });
    await bench.desk.retry(id, agent1001);
    await bench.take(id, 'cvc');
    await bench.desk.authorise(id, agent1001);
    await settle();
    const [first, second] = bench.room.sent;
    expect(first?.attempt).toBe(second?.attempt);
    expect(await bench.desk.history(bench.call.id, agent1001)).toHaveLength(1);
  });

  const dayMs = 24 * 3_600_000;
  test.each([
    [
      'is repeated with its key',
      'as long as the provider remembers that',
      { header: 'Key', hours: 24 },
      dayMs - 1,
      true,
    ],
    ['is a new attempt', 'once the provider has forgotten its key', { header: 'Key', hours: 24 }, dayMs, false],
    ['is a new attempt', 'where the provider knows no repeats', null, 1, false],
    ['is repeated with its key', 'where that is never forgotten', { header: null, hours: null }, 9 * dayMs, true],
  ])('that never left %s %s', async (_what, _when, idempotency, laterMs, same) => {
    const bench = new DeskBench();
    bench.room.psps = [{ ...simulatorPsp, idempotency }];
    const id = await sent(bench, { outcome: 'not-sent', code: 'connection-refused' });
    await bench.clock.run(laterMs);
    await bench.desk.retry(id, agent1001);
    await bench.take(id, 'cvc');
    await bench.desk.authorise(id, agent1001);
    await settle();
    const [first, second] = bench.room.sent;
    expect(first?.attempt === second?.attempt).toBe(same);
    expect(bench.book.breaches).toEqual([]);
  });
});

describe('a surcharge', () => {
  const quote: AuthorisationOutcome = { outcome: 'surcharge', surcharge: 150, total: 5150 };

  test('is charged only when it was accepted, with the same attempt and without keying again (P-60, P-61)', async () => {
    const bench = new DeskBench();
    const id = await sent(bench, quote);
    expect(bench.last('payment.surcharge')).toMatchObject({
      amount: 5000,
      surcharge: 150,
      total: 5150,
      currency: 'JPY',
    });
    expect(bench.view(id)).toMatchObject({ state: 'surcharge', surcharge: { total: 5150 } });
    expect(await bench.book.unresolved()).toEqual([]);
    await bench.desk.answerSurcharge(id, true, agent1001);
    await settle();
    const [first, second] = bench.room.sent;
    expect(second).toMatchObject({ attempt: first?.attempt, order: { amount: 5000, acceptedSurcharge: 150 } });
    expect(bench.last('payment.succeeded')).toMatchObject({ amount: 5150 });
    expect(await bench.desk.history(bench.call.id, agent1001)).toMatchObject([{ amount: 5150, outcome: 'succeeded' }]);
  });

  test('that is refused charges nothing, and the card is wiped', async () => {
    const bench = new DeskBench();
    const id = await sent(bench, quote);
    await bench.desk.answerSurcharge(id, false, agent1001);
    await settle();
    expect(bench.view(id)).toMatchObject({ state: 'cancelled', payments: [{ state: 'cancelled' }] });
    expect(bench.room.sent).toHaveLength(1);
    expect(bench.room.holdings(id)).toEqual([]);
  });

  test('can be answered only while it is offered', async () => {
    const bench = new DeskBench();
    const id = await bench.ready();
    await expect(bench.desk.answerSurcharge(id, true, agent1001)).rejects.toMatchObject({ code: 'wrong-state' });
  });
});
