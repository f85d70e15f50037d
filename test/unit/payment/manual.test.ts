import { describe, expect, test } from 'vitest';
import { agent1001, crm, DeskBench, fullDetails } from '../../support/desk-bench.ts';
import { simulatorPsp } from '../../support/fake-card-room.ts';
import { settle } from '../../support/fake-clock.ts';

// Lines of the manual that no other test of payments says in so many words.

describe('a session', () => {
  test('belongs to one live call: none without a call, none after its end (P-04)', async () => {
    const bench = new DeskBench();
    const id = await bench.open();
    bench.hangUp('caller');
    await settle();
    expect(bench.view(id).state).toBe('closed');
    await expect(bench.open()).rejects.toMatchObject({ code: 'call-not-found' });
  });

  test('may be opened at any moment of the answered call, and again after it was closed (P-06)', async () => {
    const bench = new DeskBench();
    for (let time = 0; time < 3; time += 1) {
      await bench.clock.run(60_000);
      await bench.desk.close(await bench.open(), agent1001);
    }
    expect(bench.told().filter((type) => type === 'session.opened')).toHaveLength(3);
  });

  test('that is closed leaves the call free to be held and transferred, with its history (P-71)', async () => {
    const bench = new DeskBench();
    const id = await bench.ready();
    await bench.desk.authorise(id, agent1001);
    await settle();
    expect(bench.calls.engaged).toContain(bench.call.id);
    await bench.desk.close(id, agent1001);
    expect(bench.calls.engaged.size).toBe(0);
    bench.calls.transfer(bench.call.id, '1002');
    expect(await bench.desk.history(bench.call.id, { ...agent1001, agent: '1002' })).toHaveLength(1);
  });

  test('that a CRM controls says so to the panel, which offers neither Retry nor New payment (P-85…P-87)', async () => {
    const bench = new DeskBench();
    bench.room.outcomes.push({ outcome: 'declined', code: 'x', message: 'No', retryable: true });
    const view = await bench.desk.open(bench.call.id, crm, { control: 'crm', details: fullDetails });
    const id = view.id as Awaited<ReturnType<DeskBench['open']>>;
    await bench.take(id, 'pan');
    await bench.take(id, 'cvc');
    await bench.desk.authorise(id, crm);
    await settle();
    expect(bench.view(id)).toMatchObject({ control: 'crm', state: 'declined', outcome: { retryable: false } });
    expect(bench.view(id).can).toEqual(['close', 'cancel']);
  });

  test('that a CRM controls may retry and pay anew where the configuration lets it (P-86, P-87)', async () => {
    const bench = new DeskBench({ thirdPartyControl: { retry: true, newPayment: true } });
    bench.room.outcomes.push({ outcome: 'declined', code: 'x', message: 'No', retryable: true });
    const view = await bench.desk.open(bench.call.id, crm, { control: 'crm', details: fullDetails });
    const id = view.id as Awaited<ReturnType<DeskBench['open']>>;
    await bench.take(id, 'pan');
    await bench.take(id, 'cvc');
    await bench.desk.authorise(id, crm);
    await settle();
    expect(bench.view(id).can).toEqual(expect.arrayContaining(['retry', 'new-payment']));
    await bench.desk.retry(id, crm);
    await bench.desk.cancel(id, crm);
    await bench.desk.newPayment(id, crm);
    expect(bench.view(id).state).toBe('details');
  });
});

describe('a token', () => {
  test('is the reference that the provider gives, is shown and told plainly, and nothing is paid (P-21…P-23, P-65, P-66)', async () => {
    const bench = new DeskBench();
    bench.room.psps = [{ ...simulatorPsp, types: ['tokenise'] }];
    bench.room.outcomes.push({ outcome: 'approved', reference: 'tok-abc' });
    const { amount: _, type: __, ...details } = fullDetails;
    const id = await bench.ready(details);
    expect(bench.view(id)).toMatchObject({ state: 'ready', details: { type: 'tokenise' } });
    await bench.desk.authorise(id, agent1001);
    await settle();
    expect(bench.last('payment.succeeded')).toMatchObject({
      reference: 'tok-abc',
      amount: null,
      paymentType: 'tokenise',
    });
    expect(bench.view(id)).toMatchObject({
      outcome: { reference: 'tok-abc' },
      payments: [{ type: 'tokenise', amount: null, reference: 'tok-abc' }],
    });
    expect(await bench.desk.history(bench.call.id, agent1001)).toMatchObject([{ type: 'tokenise', amount: null }]);
  });
});

describe('the details', () => {
  test('are cardholder, reference, issue number, start date and expiry, with any provider, which gets them (P-25…P-30)', async () => {
    const details = {
      cardholder: 'A N OTHER',
      reference: 'INV-7',
      issueNumber: '02',
      startDate: '01/24',
      expiry: '12/30',
    };
    const bench = new DeskBench();
    bench.room.psps = [{ ...simulatorPsp, fields: [] }];
    const id = await bench.ready({ type: 'charge', amount: 5000, ...details });
    await bench.desk.authorise(id, agent1001);
    await settle();
    expect(bench.room.sent[0]?.order).toMatchObject({ amount: 5000, details });
  });

  test('that a provider declares beside those are asked for like them, for the types that it names (P-24, P-31)', async () => {
    const bench = new DeskBench();
    const postcode = { label: { en: 'Postcode', ja: '郵便番号' }, kind: 'text' as const, choices: [], prefill: null };
    const field = { ...postcode, name: 'postcode', required: true, types: ['authorise' as const] };
    bench.room.psps = [{ ...simulatorPsp, fields: [...simulatorPsp.fields, field] }];
    const id = await bench.open(fullDetails);
    expect(bench.view(id).missing).toEqual(['pan', 'cvc']);
    await bench.desk.changeDetails(id, { type: 'authorise' }, agent1001);
    expect(bench.view(id).missing).toEqual(['pan', 'cvc', 'postcode']);
    await bench.desk.changeDetails(id, { postcode: '100-0001' }, agent1001);
    expect(bench.view(id).missing).toEqual(['pan', 'cvc']);
  });
});

test('each submitted payment has its own summary, and a new one begins without any (P-67, P-68)', async () => {
  const bench = new DeskBench();
  bench.room.outcomes.push({ outcome: 'approved', reference: 'first' }, { outcome: 'approved', reference: 'second' });
  const id = await bench.ready();
  await bench.desk.authorise(id, agent1001);
  await settle();
  expect(bench.view(id).outcome).toMatchObject({ code: 'approved', reference: 'first' });
  await bench.desk.newPayment(id, agent1001);
  expect(bench.view(id).outcome).toBeNull();
  await bench.take(id, 'pan');
  await bench.take(id, 'cvc');
  await bench.desk.authorise(id, agent1001);
  await settle();
  expect(bench.view(id).outcome).toMatchObject({ reference: 'second' });
  expect(await bench.desk.history(bench.call.id, agent1001)).toHaveLength(2);
});

test('a form with a gap is refused as often as it is sent, and goes through once it is filled (P-59, P-74, P-75)', async () => {
  const bench = new DeskBench();
  const { cardholder: _, ...details } = fullDetails;
  const id = await bench.ready(details);
  for (let time = 0; time < 3; time += 1) {
    const about = ['cardholder'];
    await expect(bench.desk.authorise(id, agent1001)).rejects.toMatchObject({ code: 'missing-fields', about });
  }
  expect(bench.room.sent).toEqual([]);
  await bench.desk.changeDetails(id, { cardholder: 'A N OTHER' }, agent1001);
  await bench.desk.authorise(id, agent1001);
  await settle();
  expect(bench.view(id).state).toBe('succeeded');
  expect(bench.room.sent).toHaveLength(1);
});
