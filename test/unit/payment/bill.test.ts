import { describe, expect, test } from 'vitest';
import { agent1001, crm, DeskBench, fullDetails } from '../../support/desk-bench.ts';
import { settle } from '../../support/fake-clock.ts';

/** A card that is taken and sent in the session; the amount is what the details say unless another is given. */
async function payCard(bench: DeskBench, id: Awaited<ReturnType<DeskBench['open']>>, amount?: number): Promise<void> {
  const { amount: _, ...details } = fullDetails;
  await bench.desk.changeDetails(id, { ...details, ...(amount === undefined ? {} : { amount }) }, agent1001);
  await bench.take(id, 'pan');
  await bench.take(id, 'cvc');
  await bench.desk.authorise(id, agent1001);
  await settle();
}

describe('a bill', () => {
  test('is settled with several cards one after another, and the balance runs along (P-05, P-38)', async () => {
    const bench = new DeskBench();
    const id = await bench.open({ billTotal: 10_000 });
    expect(bench.view(id).bill).toEqual({
      total: 10_000,
      paid: 0,
      due: 10_000,
      unknown: 0,
      givenBack: 0,
      currency: 'JPY',
    });
    await payCard(bench, id, 6000);
    expect(bench.view(id).bill).toMatchObject({ paid: 6000, due: 4000 });
    await bench.desk.newPayment(id, agent1001);
    // What is left is filled in; the first card's own details are not.
    expect(bench.view(id)).toMatchObject({ details: { amount: 4000, billTotal: 10_000 }, bill: { paid: 6000 } });
    expect(bench.view(id).payments).toMatchObject([{ n: 1, amount: 4000, state: 'draft' }]);
    await payCard(bench, id);
    expect(bench.view(id).bill).toMatchObject({ paid: 10_000, due: 0 });
    await bench.desk.newPayment(id, agent1001);
    expect(bench.view(id).details['amount']).toBeUndefined();
    expect(bench.room.sent.map(({ order }) => order.amount)).toEqual([6000, 4000]);
  });

  test('stays in its currency when the next card is taken', async () => {
    const bench = new DeskBench();
    const id = await bench.open({ billTotal: 10_000 });
    await bench.desk.changeDetails(id, { currency: 'USD' }, agent1001);
    await payCard(bench, id, 6000);
    await bench.desk.newPayment(id, agent1001);
    expect(bench.view(id).bill).toEqual({
      total: 10_000,
      paid: 6000,
      due: 4000,
      unknown: 0,
      givenBack: 0,
      currency: 'USD',
    });
  });

  test('is ours: the provider is not told of it', async () => {
    const bench = new DeskBench();
    const id = await bench.open({ billTotal: 700 });
    await payCard(bench, id, 700);
    expect(bench.room.sent[0]?.order.details).not.toHaveProperty('billTotal');
  });

  test('counts payments on one card together, declined ones and surcharges not', async () => {
    const bench = new DeskBench();
    const id = await bench.ready({ ...fullDetails, amount: 500, billTotal: 1000 });
    await bench.desk.addPayment(id, { type: 'charge', amount: 300 }, agent1001);
    bench.room.outcomes.push(
      { outcome: 'surcharge', surcharge: 10, total: 510 },
      { outcome: 'approved', reference: null },
      { outcome: 'declined', code: 'x', message: 'No', retryable: false },
    );
    await bench.desk.authorise(id, agent1001);
    await settle();
    await bench.desk.answerSurcharge(id, true, agent1001);
    await settle();
    expect(bench.view(id).bill).toMatchObject({ paid: 500, due: 500 });
  });

  test('shows apart what nobody can say, and takes it in once it is known, also after another card was begun', async () => {
    const bench = new DeskBench();
    const id = await bench.open({ billTotal: 1000 });
    bench.room.outcomes.push({ outcome: 'unknown', code: 'timed-out' });
    await payCard(bench, id, 400);
    expect(bench.view(id).bill).toMatchObject({ paid: 0, due: 1000, unknown: 400 });
    await bench.desk.newPayment(id, agent1001);
    bench.room.enquiries.push({ answer: 'paid', reference: 'found' });
    await bench.clock.run(5000);
    expect(bench.view(id).bill).toMatchObject({ paid: 400, due: 600, unknown: 0 });
    expect(bench.view(id).state).toBe('details');
  });

  test('is opened by a CRM with its total, may be changed, and is no bill without one', async () => {
    const bench = new DeskBench();
    const view = await bench.desk.open(bench.call.id, crm, { details: { billTotal: 900 } });
    expect(view.bill?.total).toBe(900);
    const id = view.id as Awaited<ReturnType<DeskBench['open']>>;
    await bench.desk.changeDetails(id, { billTotal: 800 }, agent1001);
    expect(bench.view(id).bill?.total).toBe(800);
    await bench.desk.changeDetails(id, { billTotal: null }, agent1001);
    expect(bench.view(id).bill).toBeNull();
  });
});

test('what the configuration lets the panel show stands in the session (P-62, P-69)', async () => {
  const bench = new DeskBench({ show: { summary: false, history: true } });
  expect(bench.view(await bench.open()).show).toEqual({ summary: false, history: true });
});
