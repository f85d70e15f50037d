import { describe, expect, test } from 'vitest';
import type { Actor } from '../../../src/payment/actor.ts';
import type { AuthorisationOutcome } from '../../../src/payment/card-room.ts';
import { newAttemptId } from '../../../src/shared/ids.ts';
import { agent1001, DeskBench } from '../../support/desk-bench.ts';
import { simulatorPsp } from '../../support/fake-card-room.ts';
import { settle } from '../../support/fake-clock.ts';

/** A session whose payment was sent and answered so. */
async function sent(bench: DeskBench, ...outcomes: AuthorisationOutcome[]) {
  bench.room.outcomes.push(...outcomes);
  const id = await bench.ready();
  await bench.desk.authorise(id, agent1001);
  await settle();
  return id;
}

describe('a payment of which nobody knows', () => {
  const unknown: AuthorisationOutcome = { outcome: 'unknown', code: 'timed-out' };

  test('says the seed’s words in both languages and is locked on the server (P-80, P-81)', async () => {
    const bench = new DeskBench();
    const id = await sent(bench, unknown);
    expect(bench.last('payment.unknown')?.messages).toEqual({
      en: 'Do not resubmit. The status of the payment is unknown: please contact the payment service provider.',
      ja: '再送信しないでください。支払い状況が不明なため、決済代行事業者様までお問い合わせください。',
    });
    const { desk } = bench;
    const resubmissions = [
      desk.authorise(id, agent1001),
      desk.retry(id, agent1001),
      desk.requestCapture(id, 'cvc', agent1001),
      desk.changeDetails(id, { amount: 1 }, agent1001),
      desk.addPayment(id, { type: 'charge', amount: 1 }, agent1001),
      desk.answerSurcharge(id, true, agent1001),
    ];
    for (const resubmission of resubmissions)
      await expect(resubmission).rejects.toMatchObject({ code: 'do-not-resubmit' });
    expect(bench.view(id).can).toEqual(['close', 'new-payment', 'enquiry', 'cancel']);
    expect(bench.room.holdings(id)).toEqual([]);
  });

  test('is asked about by itself with growing waits, also after its call, and its answer is told (P-82)', async () => {
    const bench = new DeskBench({ enquiryDelaysMs: [1000, 5000, 60_000] });
    const id = await sent(bench, unknown);
    bench.room.enquiries.push({ answer: 'still-unknown' }, { answer: 'paid', reference: 'found' });
    bench.hangUp('caller');
    await bench.clock.run(1000);
    expect(bench.last('payment.resolved')).toBeUndefined();
    await bench.clock.run(5000);
    expect(bench.last('payment.resolved')).toMatchObject({
      answer: 'paid',
      reference: 'found',
      payment: { n: 1, state: 'succeeded' },
    });
    expect(bench.view(id).payments).toMatchObject([{ state: 'succeeded', reference: 'found' }]);
    expect(await bench.book.history(bench.call.id, true)).toMatchObject([{ outcome: 'succeeded', reference: 'found' }]);
    await bench.clock.run(100_000);
    expect(bench.clock.pending).toBe(0);
  });

  test('is asked about when an agent wants to know; not paid is no invitation to send it again', async () => {
    const bench = new DeskBench();
    const id = await sent(bench, unknown);
    bench.room.enquiries.push({ answer: 'not-paid' });
    await bench.desk.enquire(id, agent1001);
    expect(bench.last('payment.resolved')).toMatchObject({ answer: 'not-paid' });
    expect(bench.view(id)).toMatchObject({ state: 'declined', outcome: { code: 'not-paid', retryable: false } });
    await expect(bench.desk.retry(id, agent1001)).rejects.toMatchObject({ code: 'retry-not-allowed' });
    await expect(bench.desk.enquire(id, agent1001)).rejects.toMatchObject({ code: 'wrong-state' });
    await bench.desk.newPayment(id, agent1001);
  });

  test('takes what an agent has found out by telephone, once, from who may, and asks no more (P-82)', async () => {
    const bench = new DeskBench();
    bench.room.held.add('enquire');
    const id = await sent(bench, unknown);
    const attempt = bench.room.sent[0]?.attempt ?? newAttemptId();
    const record = (actor: Actor) => bench.desk.recordAnswer(attempt, { answer: 'paid', reference: 'said' }, actor);
    await expect(record({ ...agent1001, agent: '1002' })).rejects.toMatchObject({ code: 'forbidden' });
    // An enquiry that is under way must not be written over it later.
    await bench.clock.run(5000);
    await record(agent1001);
    await settle();
    expect(bench.view(id)).toMatchObject({ state: 'succeeded', payments: [{ state: 'succeeded', reference: 'said' }] });
    expect(bench.last('payment.resolved')).toMatchObject({ answer: 'paid', reference: 'said' });
    for (const question of [...bench.room.questions]) question.answer({ answer: 'not-paid' });
    await bench.clock.run(3_600_000);
    expect(bench.view(id).state).toBe('succeeded');
    await expect(record({ ...agent1001, permissions: new Set(['payments.refund']) })).rejects.toMatchObject({
      code: 'payment-not-found',
    });
    expect(bench.book.evidenced).toContainEqual(
      expect.objectContaining({ what: 'payment.recorded', who: '1001', result: 'paid' }),
    );
  });

  test('cannot be settled by hand while the provider is being asked', async () => {
    const bench = new DeskBench();
    bench.room.held.add('authorise');
    const id = await bench.ready();
    await bench.desk.authorise(id, agent1001);
    await settle();
    const attempt = bench.room.sent[0]?.attempt ?? newAttemptId();
    const record = bench.desk.recordAnswer(attempt, { answer: 'not-paid' }, agent1001);
    await expect(record).rejects.toMatchObject({ code: 'wrong-state' });
  });

  test('cannot be asked about where the provider cannot be', async () => {
    const bench = new DeskBench();
    bench.room.psps = [{ ...simulatorPsp, can: { enquire: false, void: false, refund: false, partialRefund: false } }];
    const id = await sent(bench, unknown);
    await expect(bench.desk.enquire(id, agent1001)).rejects.toMatchObject({ code: 'cannot-enquire' });
    await bench.clock.run(3_600_000);
    expect(bench.room.log).not.toContain('enquire');
    expect(bench.view(id).can).toEqual(['close', 'new-payment']);
  });

  test('may be followed by a new one, as a new one (P-83)', async () => {
    const bench = new DeskBench();
    const id = await sent(bench, unknown);
    await bench.desk.newPayment(id, agent1001);
    expect(bench.view(id)).toMatchObject({ state: 'details', missing: ['pan', 'cvc'] });
    bench.room.enquiries.push({ answer: 'paid', reference: 'late' });
    await bench.clock.run(5000);
    expect(bench.last('payment.resolved')).toMatchObject({ reference: 'late' });
    expect(bench.view(id).state).toBe('details');
    await bench.take(id, 'pan');
    await bench.take(id, 'cvc');
    await bench.desk.authorise(id, agent1001);
    await settle();
    expect(bench.view(id).state).toBe('succeeded');
    expect(new Set(bench.room.sent.map(({ attempt }) => attempt)).size).toBe(2);
  });

  test.each([
    ['cde-lost', 'unknown'],
    ['timed-out', 'unknown'],
    ['media-failed', 'unknown'],
    ['missing-fields', 'declined'],
  ] as const)('a room that refuses with %s leaves it %s', async (code, state) => {
    const bench = new DeskBench();
    bench.room.faults.set('authorise', [code]);
    const id = await sent(bench);
    expect(bench.view(id).state).toBe(state);
  });
});
