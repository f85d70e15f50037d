import { describe, expect, test } from 'vitest';
import { agent1001, crm, DeskBench, fullDetails } from '../../support/desk-bench.ts';
import { simulatorPsp } from '../../support/fake-card-room.ts';

const second = { ...simulatorPsp, id: 'second', types: ['charge' as const], currencies: ['USD'], needsCvc: false };
const third = { ...simulatorPsp, id: 'third' };

function withPsps(changes: ConstructorParameters<typeof DeskBench>[0] = {}): DeskBench {
  const bench = new DeskBench(changes);
  bench.room.psps = [simulatorPsp, second, third];
  return bench;
}

describe('opening', () => {
  test('engages the interlock and says so; closing ends it (P-09…P-12)', async () => {
    const bench = new DeskBench();
    const id = await bench.open();
    expect(bench.calls.engaged).toContain(bench.call.id);
    expect(bench.told()).toEqual(['session.opened']);
    expect(bench.view(id)).toMatchObject({ state: 'details', control: 'agent', agent: '1001', psp: 'simulator' });
    await bench.desk.close(id, agent1001);
    expect(bench.calls.engaged.size).toBe(0);
    expect(bench.told()).toEqual(['payment.cancelled', 'session.closed']);
    expect(bench.desk.ofCall(bench.call.id)).toBeUndefined();
  });

  test('needs the permission to take payments (P-03), the own call, an answer, and no session on it', async () => {
    const bench = new DeskBench();
    const { call, desk } = bench;
    const reader = { ...agent1001, permissions: new Set(['calls.read']) };
    await expect(desk.open(call.id, reader)).rejects.toMatchObject({ code: 'forbidden' });
    await expect(desk.open(call.id, { ...agent1001, agent: '1002' })).rejects.toMatchObject({ code: 'call-not-found' });
    const ringing = bench.calls.add('1001', false);
    await expect(desk.open(ringing.id, agent1001)).rejects.toMatchObject({ code: 'call-not-answered' });
    await bench.open();
    await expect(bench.open()).rejects.toMatchObject({ code: 'session-exists' });
  });

  test('is refused on a call that ends at that moment, so that no session outlives its call', async () => {
    const bench = new DeskBench();
    bench.desk.callEnded(bench.call.id, 'caller', 'BYE');
    await expect(bench.open()).rejects.toMatchObject({ code: 'call-ended' });
    expect(bench.calls.engaged.size).toBe(0);
  });

  test('fills in what configuration and CRM know; a CRM’s mistake is refused (P-08, P-32)', async () => {
    const bench = new DeskBench({ prefill: { reference: 'config', cardholder: 'CONFIG' } });
    const { desk, call } = bench;
    await expect(desk.open(call.id, crm, { details: { expiry: 'soon' } })).rejects.toMatchObject({
      code: 'bad-detail',
    });
    const view = await desk.open(call.id, crm, { control: 'crm', details: { cardholder: 'CRM', amount: 700 } });
    expect(view).toMatchObject({
      control: 'crm',
      agent: '1001',
      details: { reference: 'config', cardholder: 'CRM', amount: 700 },
    });
    expect(view.payments).toMatchObject([{ n: 1, amount: 700, type: null }]);
  });

  test('a session is nobody else’s, but for who controls panels', async () => {
    const bench = new DeskBench();
    const id = await bench.open();
    const other = { ...agent1001, agent: '1002' };
    await expect(bench.desk.cancel(id, other)).rejects.toMatchObject({ code: 'session-not-found' });
    await bench.desk.changeDetails(id, { amount: 5 }, crm);
    expect(bench.view(id).details).toMatchObject({ amount: 5 });
    await expect(bench.desk.open(bench.call.id, agent1001, { control: 'crm' })).rejects.toMatchObject({
      code: 'forbidden',
    });
  });
});

describe('the provider', () => {
  test('is the configured one and is changed by a commit, which keeps what fits (P-13…P-18)', async () => {
    const bench = withPsps();
    const id = await bench.open({ ...fullDetails, type: 'authorise', currency: 'JPY', reference: 'r' });
    expect(bench.view(id)).toMatchObject({ psp: 'simulator', pspChangesLeft: 1 });
    await bench.desk.commitPsp(id, 'second', agent1001);
    expect(bench.view(id)).toMatchObject({
      psp: 'second',
      pspChangesLeft: 0,
      // Of the type nothing is left but the only one that this provider has.
      details: { type: 'charge', amount: 5000, currency: 'USD', reference: 'r' },
    });
    expect(bench.view(id).missing).toEqual(['pan']);
    expect(bench.view(id).can).not.toContain('captures:cvc');
  });

  test('is the one that the configuration names, wherever it stands in the list (P-13)', async () => {
    const bench = withPsps({ defaultPsp: 'third' });
    expect(bench.view(await bench.open()).psp).toBe('third');
  });

  test('is changed as often as the call allows, also over several sessions (P-16)', async () => {
    const bench = withPsps();
    const first = await bench.open();
    await expect(bench.desk.commitPsp(first, 'nowhere', agent1001)).rejects.toMatchObject({ code: 'unknown-psp' });
    await bench.desk.commitPsp(first, 'simulator', agent1001);
    await bench.desk.commitPsp(first, 'second', agent1001);
    await bench.desk.close(first, agent1001);
    const again = await bench.open();
    expect(bench.view(again).pspChangesLeft).toBe(0);
    await expect(bench.desk.commitPsp(again, 'third', agent1001)).rejects.toMatchObject({ code: 'psp-change-limit' });
    expect(bench.view(again).can).not.toContain('psp');
  });

  test.each([
    [0, false],
    [null, true],
  ])('with a limit of %s it can be changed: %s (P-14)', async (pspChangesPerCall, possible) => {
    const bench = withPsps({ pspChangesPerCall });
    const id = await bench.open();
    expect(bench.view(id).can.includes('psp')).toBe(possible);
  });
});

describe('what is missing', () => {
  test('is named, and authorise is refused with the names while nothing is sent (P-57, P-58, P-72…P-74)', async () => {
    const bench = new DeskBench();
    const id = await bench.open();
    const missing = ['pan', 'cvc', 'type', 'amount', 'cardholder', 'expiry'];
    expect(bench.view(id).missing).toEqual(missing);
    await expect(bench.desk.authorise(id, agent1001)).rejects.toMatchObject({ code: 'missing-fields', about: missing });
    await bench.desk.changeDetails(id, { type: 'charge', amount: 1, expiry: '01/31' }, agent1001);
    expect(bench.view(id).missing).toEqual(['pan', 'cvc', 'cardholder']);
    expect(bench.view(id).can).not.toContain('authorise');
    expect(bench.room.sent).toEqual([]);
  });

  test('a token needs no amount, and none is sent (P-21, P-24)', async () => {
    const bench = new DeskBench();
    const id = await bench.ready({ ...fullDetails, type: 'tokenise' });
    expect(bench.view(id)).toMatchObject({ state: 'ready', payments: [{ type: 'tokenise', amount: null }] });
    await bench.desk.authorise(id, agent1001);
    expect(bench.room.sent).toMatchObject([{ order: { type: 'tokenise', amount: null } }]);
  });
});

describe('payments on one card', () => {
  test('up to three are added, each with type and amount; one can be taken away (P-34…P-37)', async () => {
    const bench = new DeskBench();
    const id = await bench.open(fullDetails);
    const add = (amount: number) => bench.desk.addPayment(id, { type: 'authorise', amount }, agent1001);
    await add(100);
    await add(200);
    await add(300);
    await expect(add(400)).rejects.toMatchObject({ code: 'too-many-payments' });
    await bench.desk.removePayment(id, 3, agent1001);
    expect(bench.view(id).payments.map(({ n, amount }) => [n, amount])).toEqual([
      [1, 5000],
      [2, 100],
      [4, 300],
    ]);
    await expect(bench.desk.removePayment(id, 1, agent1001)).rejects.toMatchObject({ code: 'payment-not-found' });
    await expect(bench.desk.removePayment(id, 3, agent1001)).rejects.toMatchObject({ code: 'payment-not-found' });
    await expect(add(0)).rejects.toMatchObject({ code: 'bad-detail' });
  });

  test('do not go with a token (P-33)', async () => {
    const bench = new DeskBench();
    const id = await bench.open({ ...fullDetails, type: 'tokenise' });
    const add = bench.desk.addPayment(id, { type: 'charge', amount: 1 }, agent1001);
    await expect(add).rejects.toMatchObject({ code: 'not-for-tokenise' });
    await bench.desk.changeDetails(id, { type: 'charge' }, agent1001);
    await bench.desk.addPayment(id, { type: 'charge', amount: 1 }, agent1001);
    const change = bench.desk.changeDetails(id, { type: 'tokenise' }, agent1001);
    await expect(change).rejects.toMatchObject({ code: 'not-for-tokenise' });
  });
});
