import { expect, test } from 'vitest';
import { agent1001, DeskBench } from '../../support/desk-bench.ts';
import { settle } from '../../support/fake-clock.ts';

test('a card is taken, authorised and summed up, and nothing of it is left in the room (P-39…P-64)', async () => {
  const bench = new DeskBench();
  const id = await bench.ready();
  expect(bench.view(id)).toMatchObject({ state: 'ready', missing: [], locked: false });

  await bench.desk.authorise(id, agent1001);
  await settle();

  expect(bench.told()).toEqual(['payment.authorising', 'payment.succeeded']);
  expect(bench.view(id)).toMatchObject({ state: 'succeeded', payments: [{ n: 1, state: 'succeeded' }] });
  expect(bench.room.holdings(id)).toEqual([]);
  expect(await bench.desk.history(bench.call.id, agent1001)).toMatchObject([
    { outcome: 'succeeded', amount: 5000, currency: 'JPY', brand: 'visa', lastFour: '1111' },
  ]);
});
