import { describe, expect, test } from 'vitest';
import type { SessionId } from '../../../src/shared/ids.ts';
import { asSessionId } from '../../../src/shared/ids.ts';
import { agent1001, DeskBench, fullDetails } from '../../support/desk-bench.ts';
import { settle } from '../../support/fake-clock.ts';

/** Takes a card and fills in the form; the payment is ready to be authorised. */
async function prepare(bench: DeskBench, id: SessionId, card: number, amount: number): Promise<void> {
  await bench.desk.changeDetails(id, { ...fullDetails, amount }, agent1001);
  await bench.take(id, 'pan', card);
  await bench.take(id, 'cvc');
}

async function pay(bench: DeskBench, id: SessionId, card: number, amount: number): Promise<void> {
  await prepare(bench, id, card, amount);
  await bench.desk.authorise(id, agent1001);
  await settle();
}

describe('a card that would be charged the same amount again on one call', () => {
  test('is warned of before it is authorised; another card, another amount is not', async () => {
    const bench = new DeskBench();
    const id = await bench.open();
    await pay(bench, id, 1, 5000);
    expect(bench.view(id).repeats).toEqual([]);
    await bench.desk.newPayment(id, agent1001);
    await prepare(bench, id, 2, 5000);
    expect(bench.view(id).repeats).toEqual([]);
    await bench.take(id, 'pan', 1);
    expect(bench.view(id).repeats).toEqual([1]);
    await bench.desk.changeDetails(id, { amount: 5001 }, agent1001);
    expect(bench.view(id).repeats).toEqual([]);
  });

  test('is warned of also in the next session of the call, and may be charged all the same', async () => {
    const bench = new DeskBench();
    const first = await bench.open();
    await pay(bench, first, 1, 5000);
    await bench.desk.close(first, agent1001);
    const second = await bench.open();
    await prepare(bench, second, 1, 5000);
    expect(bench.view(second)).toMatchObject({ repeats: [1], state: 'ready' });
    await bench.desk.authorise(second, agent1001);
    await settle();
    expect(bench.view(second).state).toBe('succeeded');
  });

  test('is warned of when nobody knows whether it was charged, and not when it was declined', async () => {
    const bench = new DeskBench();
    const id = await bench.open();
    bench.room.outcomes.push({ outcome: 'declined', code: 'no', message: '', retryable: false });
    await pay(bench, id, 1, 5000);
    await bench.desk.newPayment(id, agent1001);
    bench.room.outcomes.push({ outcome: 'unknown', code: 'timed-out' });
    await prepare(bench, id, 1, 5000);
    expect(bench.view(id).repeats).toEqual([]);
    await bench.desk.authorise(id, agent1001);
    await settle();
    await bench.desk.newPayment(id, agent1001);
    await prepare(bench, id, 1, 5000);
    expect(bench.view(id).repeats).toEqual([1]);
  });

  test('is warned of also after the call was transferred, to the next agent', async () => {
    const bench = new DeskBench();
    const id = await bench.ready();
    await bench.desk.authorise(id, agent1001);
    await settle();
    await bench.desk.close(id, agent1001);
    bench.calls.transfer(bench.call.id, '1002');
    const next = { ...agent1001, agent: '1002' };
    const later = asSessionId((await bench.desk.open(bench.call.id, next, { details: fullDetails })).id);
    for (const field of ['pan', 'cvc'] as const) {
      await bench.desk.requestCapture(later, field, next);
      bench.complete(field);
      await settle();
    }
    expect(bench.view(later).repeats).toEqual([1]);
  });

  test('is warned of where two payments on it are alike', async () => {
    const bench = new DeskBench();
    const id = await bench.open();
    await prepare(bench, id, 1, 5000);
    await bench.desk.addPayment(id, { type: 'charge', amount: 5000 }, agent1001);
    await bench.desk.addPayment(id, { type: 'authorise', amount: 70 }, agent1001);
    expect(bench.view(id).repeats).toEqual([2]);
  });
});

test('a keypad test that found doubles is told of, with how many', async () => {
  const bench = new DeskBench({ byKeypad: ['keypadTest'] });
  const id = await bench.open();
  await bench.desk.requestCapture(id, 'keypadTest', agent1001);
  const about = { kind: 'field.completed', call: bench.call.id, session: id, field: 'keypadTest' } as const;
  bench.desk.fieldNotice({ ...about, digits: 4, brand: null, lastFour: null, card: null, doubled: 3, value: null });
  await settle();
  expect(bench.events.find(({ type }) => type === 'capture.completed')).toMatchObject({
    field: 'keypadTest',
    digits: 4,
    doubled: 3,
  });
});
