import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { faultySettings } from '../support/crash-wave.ts';
import { FaultPsp } from '../support/fault-psp.ts';
import { orderDetails } from '../support/live-call.ts';
import { MainJob } from '../support/main-job.ts';

let psp: FaultPsp;
let job: MainJob;

beforeAll(async () => {
  psp = await FaultPsp.open();
  const { capture, payments } = faultySettings(psp);
  job = await MainJob.start({ settings: { capture, payments: { ...payments, searchField: 'customerId' } } });
});
afterAll(async () => {
  await job.stop();
  await psp.close();
});

/** A call with a payment, over. @returns the payment's id. */
async function paid(agent: string, reference: string, details: object = {}): Promise<string> {
  const call = await job.inbound(agent);
  await call.open({ ...orderDetails, amount: 5000, currency: 'EUR', reference, ...details });
  await call.take('pan', '4111111111111111');
  await call.take('cvc', '737');
  const frame = await call.authorise();
  expect(frame).toMatchObject({ type: 'payment.succeeded' });
  await call.hangUp();
  call.dispose();
  return (frame as unknown as { payment: { id: string } }).payment.id;
}

const refundsAsked = (): number => psp.received.filter(({ document }) => document.operation === 'refund').length;

describe('a payment that is over and done with', () => {
  test('is found by a part of its reference and given back in parts, whoever asks twice, also after a restart (S-07)', async () => {
    const id = await paid('8001', 'none:ORDER-8001-Z');
    const cashier = job.api('2001');
    const found = async () => (await cashier.expect(200, 'GET', '/v1/transactions?reference=8001-Z')).body.transactions;
    expect(await found()).toMatchObject([{ id, outcome: 'succeeded', merchantReference: 'none:ORDER-8001-Z' }]);
    const ask = (amount?: number, key?: string) =>
      cashier.send('POST', `/v1/transactions/${id}/refunds`, amount === undefined ? {} : { amount }, {
        ...(key === undefined ? {} : { 'idempotency-key': key }),
      });
    const [first, again] = [await ask(1000, 'the-same'), await ask(1000, 'the-same')];
    expect(first).toMatchObject({ status: 201, body: { amount: 1000, outcome: 'refunded' } });
    expect(again.raw).toBe(first.raw);
    expect(refundsAsked()).toBe(1);
    job.gateway.signal('SIGTERM');
    await job.restartGateway();
    expect(await found()).toMatchObject([{ id, refunds: [{ amount: 1000, outcome: 'refunded', agent: '2001' }] }]);
    expect(await ask(4001)).toMatchObject({ status: 422, body: { code: 'refund-exceeds-payment' } });
    expect(await ask()).toMatchObject({ status: 201, body: { amount: 4000 } });
    expect(await ask(1)).toMatchObject({ status: 409, body: { code: 'not-refundable' } });
    expect(refundsAsked()).toBe(2);
  });

  test('is found by the whole of the CRM’s own number, of which the provider never hears (S-07)', async () => {
    const id = await paid('8006', 'none:ORDER-8006', { customerId: 'C-8006' });
    const found = async (value: string) =>
      (await job.api('2001').expect(200, 'GET', `/v1/transactions?searchValue=${value}`)).body.transactions;
    expect(await found('C-8006')).toMatchObject([{ id, searchValue: 'C-8006' }]);
    expect(await found('C-80')).toEqual([]);
    expect(psp.received.some(({ body }) => body.includes('C-8006'))).toBe(false);
  });

  test('is voided as a whole, and stands as cancelled', async () => {
    const id = await paid('8002', 'none:ORDER-8002');
    const cashier = job.api('2001');
    expect((await cashier.expect(201, 'POST', `/v1/transactions/${id}/void`)).body).toMatchObject({
      kind: 'void',
      outcome: 'refunded',
    });
    expect(psp.books.stands(id)).toBe(false);
    expect((await cashier.expect(200, 'GET', `/v1/transactions/${id}`)).body).toMatchObject({ outcome: 'cancelled' });
  });
});

test.each(['before-commit', 'after-commit'] as const)(
  'kill -9 of the gateway while a refund is with the provider (%s): never sent again, and its answer is found out',
  async (step) => {
    const id = await paid(step === 'before-commit' ? '8003' : '8004', `none:KILL-${step}`);
    psp.holdRefunds = step;
    const asked = refundsAsked();
    const pending = job.api('2001').send('POST', `/v1/transactions/${id}/refunds`, { amount: 700 });
    pending.catch(() => undefined);
    await psp.held('refund');
    job.gateway.signal('SIGKILL');
    await job.gateway.exited;
    psp.release('refund');
    psp.holdRefunds = null;
    await job.restartGateway();
    const cashier = job.api('2001');
    expect((await cashier.send('POST', `/v1/transactions/${id}/refunds`, { amount: 700 })).body).toMatchObject({
      code: 'do-not-resubmit',
    });
    const refunds = async () => (await cashier.expect(200, 'GET', `/v1/transactions/${id}`)).body.refunds;
    await expect.poll(refunds, { timeout: 15_000 }).toMatchObject([{ amount: 700, outcome: 'refunded' }]);
    expect(refundsAsked()).toBe(asked + 1);
  },
);
