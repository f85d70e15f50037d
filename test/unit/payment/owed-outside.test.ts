import { expect, test } from 'vitest';
import type { AuthorisationOutcome } from '../../../src/payment/card-room.ts';
import { agent1001, DeskBench } from '../../support/desk-bench.ts';
import { settle } from '../../support/fake-clock.ts';

const approved: AuthorisationOutcome = { outcome: 'approved', reference: 'ref' };
const declined: AuthorisationOutcome = { outcome: 'declined', code: 'no', message: 'No', retryable: true };
const quoted: AuthorisationOutcome = { outcome: 'surcharge', surcharge: 100, total: 5100 };

async function authorised(outcome: AuthorisationOutcome, bench = new DeskBench()) {
  bench.room.outcomes.push(outcome);
  const id = await bench.ready();
  await bench.desk.authorise(id, agent1001);
  await settle();
  return { bench, id };
}

test.each([
  ['succeeded', approved],
  ['declined', declined],
  ['surcharge', quoted],
  ['unknown', { outcome: 'unknown', code: 'timed-out' }],
  ['declined', { outcome: 'not-sent', code: 'connection-failed' }],
] as const)(
  'that a payment is %s stands in the entry of its outcome, is sent once and told once',
  async (name, outcome) => {
    const { bench } = await authorised(outcome);
    expect(bench.outside.withOutcomes).toEqual([`payment.${name}`]);
    expect(bench.outside.faults()).toEqual([]);
  },
);

test('a void, a quote that was refused and what an enquiry has found are owed with what is written of them', async () => {
  const paid = await authorised(approved);
  await paid.bench.desk.cancel(paid.id, agent1001);
  await settle();
  expect(paid.bench.outside.withOutcomes).toEqual(['payment.succeeded', 'payment.cancelled']);
  const quote = await authorised(quoted);
  await quote.bench.desk.answerSurcharge(quote.id, false, agent1001);
  await settle();
  expect(quote.bench.outside.withOutcomes).toEqual(['payment.surcharge', 'payment.cancelled']);
  const lost = await authorised({ outcome: 'unknown', code: 'timed-out' });
  lost.bench.room.enquiries.push({ answer: 'not-paid' });
  await lost.bench.desk.enquire(lost.id, agent1001);
  await settle();
  expect(lost.bench.outside.withOutcomes).toEqual(['payment.unknown', 'payment.resolved']);
  for (const { bench } of [paid, quote, lost]) expect(bench.outside.faults()).toEqual([]);
});

test('nobody outside is told before the outcome is safe; a storage that comes back has both', async () => {
  const bench = new DeskBench();
  bench.book.failures.conclude = 2;
  await authorised(approved, bench);
  expect(bench.last('payment.succeeded')).toBeDefined();
  expect(bench.outside.sent).toEqual([]);
  await bench.clock.run(10_000);
  expect(bench.outside.sent).toMatchObject([{ event: { type: 'payment.succeeded' } }]);
  expect(bench.outside.faults()).toEqual([]);
});

test('a payment that a dead process has left is owed outside as unknown', async () => {
  const bench = new DeskBench();
  bench.room.held.add('authorise');
  const id = await bench.ready();
  await bench.desk.authorise(id, agent1001);
  await settle();
  const [intent] = await bench.book.unresolved();
  if (intent === undefined) throw new Error('nothing is under way');
  await bench.desk.adopt([intent], 'gateway-restarted');
  expect(bench.outside.withOutcomes).toEqual(['payment.unknown']);
});

test('a surcharge that a dead process had quoted is told as cancelled, written down and owed outside, once (P-60, P-61)', async () => {
  const { bench } = await authorised(quoted);
  const [quote] = await bench.book.quoted();
  const heir = new DeskBench();
  for (const [attempt, { intent, outcomes }] of bench.book.entries)
    heir.book.entries.set(attempt, { intent, outcomes: [...outcomes] });
  for (let start = 0; start < 2; start += 1) expect(await heir.desk.recover()).toBe(0);
  expect(heir.last('payment.cancelled')).toMatchObject({ payment: { id: quote?.attempt, amount: 5000 } });
  expect(heir.told()).toEqual(['payment.cancelled']);
  expect(heir.outside.withOutcomes).toEqual(['payment.cancelled']);
  expect(heir.outside.faults()).toEqual([]);
  expect(await heir.book.history(bench.call.id, true)).toMatchObject([{ outcome: 'cancelled' }]);
});
