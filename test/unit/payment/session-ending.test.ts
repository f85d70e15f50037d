import { describe, expect, test } from 'vitest';
import { agent1001, DeskBench, fullDetails } from '../../support/desk-bench.ts';
import { simulatorPsp } from '../../support/fake-card-room.ts';
import { settle } from '../../support/fake-clock.ts';

/** A session whose payment is with the provider, which does not answer yet. */
async function asking(bench: DeskBench) {
  bench.room.held.add('authorise');
  const id = await bench.ready();
  await bench.desk.authorise(id, agent1001);
  await settle();
  expect(bench.view(id).state).toBe('authorising');
  bench.told();
  return id;
}

async function answer(bench: DeskBench, value: unknown): Promise<void> {
  bench.room.questions.find(({ request }) => request === 'authorise')?.answer(value);
  await settle();
}

const approved = { outcome: 'approved', reference: 'ref' };
const withoutVoid = { ...simulatorPsp, can: { ...simulatorPsp.can, void: false } };

describe('cancel (P-84, O-6)', () => {
  test('in the details gives the payment up and wipes', async () => {
    const bench = new DeskBench();
    const id = await bench.ready();
    await bench.desk.cancel(id, agent1001);
    await settle();
    expect(bench.told()).toEqual(['payment.cancelled']);
    expect(bench.view(id)).toMatchObject({ state: 'cancelled', payments: [{ state: 'cancelled' }] });
    expect(bench.room.holdings(id)).toEqual([]);
    expect(bench.view(id).can).toEqual(['close', 'new-payment']);
    await expect(bench.desk.cancel(id, agent1001)).rejects.toMatchObject({ code: 'wrong-state' });
  });

  test('stops a capture that runs, and is over when the lock is', async () => {
    const bench = new DeskBench();
    const id = await bench.open(fullDetails);
    await bench.desk.requestCapture(id, 'pan', agent1001);
    bench.told();
    await bench.desk.cancel(id, agent1001);
    expect(bench.told()).toEqual(['capture.failed', 'payment.cancelled', 'capture.unlocked']);
    expect(bench.view(id).fields['pan']?.reason).toBe('stopped');
    expect(bench.view(id).state).toBe('cancelled');
  });

  test.each([
    ['is given back', simulatorPsp, true, 'cancelled', ['payment.succeeded', 'payment.cancelled'], 'cancelled'],
    [
      'that the provider will not give back stands',
      simulatorPsp,
      false,
      'succeeded',
      ['payment.succeeded'],
      'succeeded',
    ],
    ['at a provider that cannot void stands', withoutVoid, true, 'succeeded', ['payment.succeeded'], 'succeeded'],
  ] as const)('of what was sent and approved %s', async (_what, psp, voids, state, told, recorded) => {
    const bench = new DeskBench();
    bench.room.psps = [psp];
    bench.room.voids = voids;
    const id = await asking(bench);
    await bench.desk.cancel(id, agent1001);
    await answer(bench, approved);
    expect(bench.told()).toEqual(told);
    expect(bench.view(id)).toMatchObject({ state, payments: [{ state }] });
    expect(await bench.desk.history(bench.call.id, agent1001)).toMatchObject([{ outcome: recorded }]);
    expect(bench.room.holdings(id)).toEqual([]);
  });

  test.each([
    [{ outcome: 'declined', code: 'x', message: 'No', retryable: true }, 'cancelled', 'payment.declined', 'declined'],
    [{ outcome: 'surcharge', surcharge: 1, total: 5001 }, 'cancelled', 'payment.cancelled', 'cancelled'],
    [{ outcome: 'unknown', code: 'x' }, 'unknown', 'payment.unknown', 'unknown'],
  ])('of what was sent and answered %j ends as %s', async (outcome, state, told, recorded) => {
    const bench = new DeskBench();
    bench.room.voids = false;
    const id = await asking(bench);
    await bench.desk.cancel(id, agent1001);
    await answer(bench, outcome);
    expect(bench.told()).toEqual([told]);
    expect(bench.view(id).state).toBe(state);
    expect(await bench.desk.history(bench.call.id, agent1001)).toMatchObject([{ outcome: recorded }]);
    expect(bench.view(id).can).not.toContain('retry');
  });

  test.each([
    [{ outcome: 'surcharge', surcharge: 1, total: 5001 }, 'cancelled', 'cancelled'],
    [{ outcome: 'declined', code: 'x', message: 'No', retryable: true }, 'cancelled', 'declined'],
    [{ outcome: 'unknown', code: 'x' }, 'unknown', 'unknown'],
  ] as const)(
    'after the answer %j leaves it %s, the card wiped and nothing sent again',
    async (outcome, state, line) => {
      const bench = new DeskBench();
      bench.room.voids = false;
      bench.room.outcomes.push(outcome);
      const id = await bench.ready();
      await bench.desk.authorise(id, agent1001);
      await settle();
      expect(bench.view(id).can).toContain('cancel');
      await bench.desk.cancel(id, agent1001);
      await settle();
      expect(bench.view(id).state).toBe(state);
      expect(bench.room.holdings(id)).toEqual([]);
      expect(bench.room.sent).toHaveLength(1);
      expect(await bench.desk.history(bench.call.id, agent1001)).toMatchObject([{ outcome: line }]);
    },
  );

  test('while several run stops the rest and gives back what was taken', async () => {
    const bench = new DeskBench();
    bench.room.held.add('authorise');
    const id = await bench.ready();
    await bench.desk.addPayment(id, { type: 'authorise', amount: 100 }, agent1001);
    await bench.desk.authorise(id, agent1001);
    await settle();
    await bench.desk.cancel(id, agent1001);
    await answer(bench, approved);
    expect(bench.room.sent).toHaveLength(1);
    expect(bench.room.voided).toHaveLength(1);
    expect(bench.view(id).payments.map(({ state }) => state)).toEqual(['cancelled', 'cancelled']);
  });

  test('after success voids; a void that nobody answers leaves the payment unknown', async () => {
    const bench = new DeskBench();
    const id = await bench.ready();
    await bench.desk.authorise(id, agent1001);
    await settle();
    bench.room.faults.set('voidPayment', ['timed-out']);
    await bench.desk.cancel(id, agent1001);
    await settle();
    expect(bench.view(id)).toMatchObject({ state: 'unknown', payments: [{ state: 'unknown' }] });
    bench.room.enquiries.push({ answer: 'paid', reference: 'ref' });
    await bench.clock.run(5000);
    expect(bench.view(id).state).toBe('succeeded');
  });

  test('before the intent is safe sends nothing', async () => {
    const bench = new DeskBench();
    const id = await bench.ready();
    const authorise = bench.desk.authorise(id, agent1001);
    const cancel = bench.desk.cancel(id, agent1001);
    await expect(authorise).rejects.toMatchObject({ code: 'wrong-state' });
    await cancel;
    await settle();
    expect(bench.room.sent).toEqual([]);
    expect(bench.view(id).state).toBe('cancelled');
    expect(await bench.book.unresolved()).toEqual([]);
  });
});

describe('the end (O-10)', () => {
  test.each([
    ['caller', 'caller-hung-up'],
    ['agent', 'agent-hung-up'],
    ['gateway', 'media-lost'],
  ] as const)('by the %s while keys come says %s, wipes and closes', async (by, reason) => {
    const bench = new DeskBench();
    const id = await bench.open(fullDetails);
    await bench.take(id, 'pan');
    await bench.desk.requestCapture(id, 'cvc', agent1001);
    bench.told();
    bench.hangUp(by);
    await settle();
    expect(bench.last('capture.failed')?.reason).toBe(reason);
    expect(bench.told()).toEqual(['capture.failed', 'payment.cancelled', 'session.closed']);
    expect(bench.view(id)).toMatchObject({ state: 'closed', locked: false, can: [] });
    expect(bench.room.holdings(id)).toEqual([]);
    expect(bench.calls.engaged.size).toBe(0);
    await expect(bench.desk.authorise(id, agent1001)).rejects.toMatchObject({ code: 'session-closed' });
  });

  test('by lost media releases the lock, because the call lives, and closes after that', async () => {
    const bench = new DeskBench();
    const id = await bench.open(fullDetails);
    await bench.desk.requestCapture(id, 'pan', agent1001);
    bench.told();
    bench.desk.mediaLost(bench.call.id);
    await settle();
    expect(bench.told()).toEqual(['capture.failed', 'capture.unlocked', 'payment.cancelled', 'session.closed']);
    expect(bench.view(id).fields['pan']?.reason).toBe('media-lost');
    expect(bench.room.locked.size).toBe(0);
  });

  test('of the room while it asks a provider leaves the payment unknown', async () => {
    const bench = new DeskBench();
    const id = await asking(bench);
    bench.room.lose();
    bench.desk.roomLost();
    bench.hangUp('gateway');
    await settle();
    expect(bench.told()).toEqual(['session.closed', 'payment.unknown']);
    expect(await bench.book.history(bench.call.id, true)).toMatchObject([{ outcome: 'unknown' }]);
    expect(bench.view(id).state).toBe('closed');
  });

  test('by a customer who hangs up after the sending is no cancellation: who was charged has paid', async () => {
    const bench = new DeskBench();
    const id = await asking(bench);
    bench.hangUp('caller');
    await settle();
    expect(bench.view(id).state).toBe('closed');
    await answer(bench, approved);
    expect(bench.told()).toEqual(['session.closed', 'payment.succeeded']);
    expect(bench.room.voided).toEqual([]);
    expect(await bench.book.history(bench.call.id, true)).toMatchObject([{ outcome: 'succeeded' }]);
    expect(bench.room.holdings(id)).toEqual([]);
    expect(bench.desk.counts()).toEqual({ open: 0, capturing: 0, locked: 0, authorising: 0, waiting: 0, unknown: 0 });
  });

  test('by closing after the sending cancels, as S-01 has it', async () => {
    const bench = new DeskBench();
    const id = await asking(bench);
    await bench.desk.close(id, agent1001);
    expect(bench.calls.engaged.size).toBe(0);
    await answer(bench, approved);
    expect(bench.room.voided).toHaveLength(1);
    expect(bench.told()).toEqual(['session.closed', 'payment.succeeded', 'payment.cancelled']);
    expect(await bench.desk.history(bench.call.id, agent1001)).toMatchObject([{ outcome: 'cancelled' }]);
  });

  test('by closing while keys come stops, releases and closes in this order', async () => {
    const bench = new DeskBench();
    const id = await bench.open(fullDetails);
    await bench.desk.requestCapture(id, 'pan', agent1001);
    bench.told();
    await bench.desk.close(id, agent1001);
    expect(bench.told()).toEqual(['capture.failed', 'capture.unlocked', 'payment.cancelled', 'session.closed']);
    expect(bench.view(id).state).toBe('closed');
  });
});

describe('storage that fails', () => {
  test('at the intent sends nothing, and the command may be repeated', async () => {
    const bench = new DeskBench();
    const id = await bench.ready();
    bench.book.failures.intend = 1;
    await expect(bench.desk.authorise(id, agent1001)).rejects.toMatchObject({ code: 'storage-failed' });
    expect(bench.room.sent).toEqual([]);
    expect(bench.view(id).state).toBe('ready');
    await bench.desk.authorise(id, agent1001);
    await settle();
    expect(bench.view(id).state).toBe('succeeded');
  });

  test('at the outcome keeps it and writes it later', async () => {
    const bench = new DeskBench();
    const id = await bench.ready();
    bench.book.failures.conclude = 3;
    await bench.desk.authorise(id, agent1001);
    await settle();
    expect(bench.view(id).state).toBe('succeeded');
    expect(await bench.book.unresolved()).toHaveLength(1);
    await bench.clock.run(60_000);
    expect(await bench.desk.history(bench.call.id, agent1001)).toMatchObject([{ outcome: 'succeeded' }]);
    expect(bench.counted.filter((line) => line.startsWith('storageFailed'))).toHaveLength(3);
  });
});

describe('a start after a crash', () => {
  test('calls unknown what has an intent and no outcome, tells it, and asks about it', async () => {
    const bench = new DeskBench();
    const id = await asking(bench);
    const attempt = bench.room.sent[0]?.attempt;
    const restarted = new DeskBench();
    for (const [key, entry] of bench.book.entries)
      restarted.book.entries.set(key, { intent: entry.intent, outcomes: [] });
    expect(await restarted.desk.recover()).toBe(1);
    expect(restarted.last('payment.unknown')).toMatchObject({ payment: { id: attempt, n: 1, amount: 5000 } });
    restarted.room.enquiries.push({ answer: 'paid', reference: 'found' });
    await restarted.clock.run(5000);
    expect(restarted.last('payment.resolved')).toMatchObject({ answer: 'paid', reference: 'found' });
    expect(await restarted.book.history(bench.call.id, true)).toMatchObject([{ outcome: 'succeeded' }]);
    expect(restarted.desk.get(id)).toBeUndefined();
  });
});

describe('the history', () => {
  test('goes with the call to the agent it is transferred to (P-70, O-9)', async () => {
    const bench = new DeskBench();
    const id = await bench.ready();
    await bench.desk.authorise(id, agent1001);
    await settle();
    await bench.desk.close(id, agent1001);
    bench.calls.transfer(bench.call.id, '1002');
    const agent1002 = { ...agent1001, agent: '1002' };
    expect(await bench.desk.history(bench.call.id, agent1002)).toHaveLength(1);
    await expect(bench.desk.history(bench.call.id, agent1001)).rejects.toMatchObject({ code: 'call-not-found' });
  });

  test('is for nobody where it is configured away', async () => {
    const bench = new DeskBench({ show: { summary: true, history: false } });
    await expect(bench.desk.history(bench.call.id, agent1001)).rejects.toMatchObject({ code: 'not-found' });
  });
});
