import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { CodedError } from '../../../src/shared/coded-error.ts';
import { newAttemptId } from '../../../src/shared/ids.ts';
import { ask, type House, openHouse } from './fake-house.ts';

const actor = { agent: '1001', permissions: expect.any(Set), origin: '127.0.0.1' };
const payment = newAttemptId();
const at = '2026-11-24T12:00:00.000Z';
const refund = {
  id: newAttemptId(),
  at,
  agent: '1001',
  kind: 'refund',
  amount: 100,
  outcome: 'refunded',
  reference: null,
};
const transaction = {
  ...{ id: payment, at, callId: 'c-1', agent: '1001', psp: 'simulator', type: 'charge', amount: 5000, currency: 'JPY' },
  ...{ outcome: 'succeeded', reference: 'ref', brand: 'visa', lastFour: '1111', refunds: [refund] },
};
let house: House;

beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.api.close());
beforeEach(() => {
  house.refunds.asked.length = 0;
  house.refunds.answer = () => refund;
});

describe('refunds', () => {
  test('of an amount, of all that is left, and voids are asked of the counter and answered with what came of them', async () => {
    const path = `POST /v1/transactions/${payment}`;
    const answers = [
      await ask(house, `${path}/refunds`, { body: { amount: 100 } }),
      await ask(house, `${path}/refunds`),
      await ask(house, `${path}/void`),
    ];
    for (const { status, json } of answers) expect([status, json]).toEqual([201, refund]);
    expect(house.refunds.asked).toEqual([
      ['refund', payment, 100, actor],
      ['refund', payment, null, actor],
      ['void', payment, actor],
    ]);
  });

  test('with one Idempotency-Key are one refund, however often the client sends it', async () => {
    const send = () =>
      ask(house, `POST /v1/transactions/${payment}/refunds`, { body: {}, headers: { 'idempotency-key': 'k-1' } });
    const [first, second] = await Promise.all([send(), send()]);
    expect(first.text).toBe(second.text);
    expect(house.refunds.asked).toHaveLength(1);
  });

  test.each([
    ['GET /v1/transactions?reference=abc', undefined],
    [`GET /v1/transactions/${payment}`, undefined],
    [`POST /v1/transactions/${payment}/refunds`, {}],
    [`POST /v1/transactions/${payment}/void`, {}],
  ])('%s needs payments.refund', async (line, body) => {
    const token = 'agent-1001~calls.read+payments.take+crm.control';
    expect((await ask(house, line, { token, ...(body && { body }) })).status).toBe(403);
    expect(house.refunds.asked).toEqual([]);
  });

  test.each([
    ['refund-exceeds-payment', 422],
    ['do-not-resubmit', 409],
    ['refund-running', 409],
    ['not-refundable', 409],
  ] as const)('that the counter refuses with %s are a %i', async (code, status) => {
    house.refunds.answer = () => {
      throw new CodedError(code);
    };
    const answer = await ask(house, `POST /v1/transactions/${payment}/refunds`, { body: { amount: 1 } });
    expect([answer.status, answer.json.code]).toEqual([status, code]);
  });

  test.each([{ amount: 0 }, { amount: 1.5 }, { amount: '1' }, { amount: 1, pan: '4111111111111111' }])(
    'of %j are a 400',
    async (body) => {
      expect((await ask(house, `POST /v1/transactions/${payment}/refunds`, { body })).status).toBe(400);
    },
  );

  test.each(['x', '4111111111111111', '..%2f..'])('of payment %s are a 404', async (id) => {
    expect((await ask(house, `POST /v1/transactions/${id}/void`)).status).toBe(404);
    expect(house.refunds.asked).toEqual([]);
  });
});

describe('the search', () => {
  test('is by a part of a reference and answers with payments and what was given back of them', async () => {
    house.refunds.answer = () => [transaction];
    const { status, json } = await ask(house, 'GET /v1/transactions?reference=INV%202026');
    expect([status, json]).toEqual([200, { transactions: [transaction] }]);
    expect(house.refunds.asked).toEqual([['search', { by: 'reference', part: 'INV 2026' }, actor]]);
  });

  test('is by the whole of a detail, or of all, and not by two things at once (S-07)', async () => {
    house.refunds.answer = () => [];
    expect((await ask(house, 'GET /v1/transactions?searchValue=C-7')).status).toBe(200);
    expect((await ask(house, 'GET /v1/transactions')).status).toBe(200);
    expect((await ask(house, 'GET /v1/transactions?searchValue=C-7&reference=INV')).status).toBe(422);
    expect(house.refunds.asked.map(([, wanted]) => wanted)).toEqual([
      { by: 'searchValue', value: 'C-7' },
      { by: 'nothing' },
    ]);
  });

  test.each(['?reference=a&reference=b', `?reference=${'x'.repeat(129)}`, '?reference=abc&access_token=x'])(
    'with %s is a 400',
    async (query) => {
      expect((await ask(house, `GET /v1/transactions${query}`)).status).toBe(400);
      expect(house.refunds.asked).toEqual([]);
    },
  );
});

describe('what a provider has said of an unknown refund', () => {
  const path = (id: string) => `POST /v1/transactions/${payment}/refunds/${id}/resolution`;

  test('is recorded of that one', async () => {
    const { status, json } = await ask(house, path(refund.id), { body: { answer: 'given-back', reference: 'R-7' } });
    expect([status, json]).toEqual([200, refund]);
    await ask(house, path(refund.id), { body: { answer: 'not-given-back' } });
    expect(house.refunds.asked).toEqual([
      ['recordRefund', payment, refund.id, { answer: 'given-back', reference: 'R-7' }, actor],
      ['recordRefund', payment, refund.id, { answer: 'not-given-back' }, actor],
    ]);
  });

  test('needs an id and a word that mean something', async () => {
    expect((await ask(house, path('7'), { body: { answer: 'given-back' } })).status).toBe(404);
    expect((await ask(house, path(refund.id), { body: { answer: 'paid' } })).status).toBe(400);
    expect(house.refunds.asked).toEqual([]);
  });
});

describe('what a provider has said by telephone (P-82)', () => {
  const path = `POST /v1/transactions/${payment}/resolution`;

  test('is recorded as an enquiry’s answer would be', async () => {
    expect((await ask(house, path, { body: { answer: 'paid', reference: 'R-7' } })).json).toEqual({ recorded: true });
    expect((await ask(house, path, { body: { answer: 'not-paid' } })).status).toBe(200);
    expect(house.refunds.asked).toEqual([
      ['recordAnswer', payment, { answer: 'paid', reference: 'R-7' }, actor],
      ['recordAnswer', payment, { answer: 'not-paid' }, actor],
    ]);
  });

  test.each([{ answer: 'maybe' }, { answer: 'paid', reference: '4111 1111 1111 1111' }])(
    '%j is a 400',
    async (body) => {
      expect((await ask(house, path, { body })).status).toBe(400);
    },
  );
});
