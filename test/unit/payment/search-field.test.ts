import { expect, test } from 'vitest';
import { asSessionId } from '../../../src/shared/ids.ts';
import { agent1001, crm, DeskBench, fullDetails } from '../../support/desk-bench.ts';
import { simulatorPsp } from '../../support/fake-card-room.ts';
import { settle } from '../../support/fake-clock.ts';

const customer = { name: 'customerId', label: { en: 'Customer', ja: '顧客番号' }, kind: 'text' } as const;

async function paidBy(bench: DeskBench): Promise<void> {
  const { id } = await bench.desk.open(bench.call.id, crm, { details: { ...fullDetails, customerId: 'C-7' } });
  const session = asSessionId(id);
  await bench.take(session, 'pan');
  await bench.take(session, 'cvc');
  await bench.desk.authorise(session, agent1001);
  await settle();
}

test('a CRM’s own number is a detail with any provider, stands in the book, and is told to no provider (S-07)', async () => {
  const bench = new DeskBench({ searchField: 'customerId' });
  await paidBy(bench);
  expect(bench.view(asSessionId(bench.desk.ofCall(bench.call.id)?.id ?? '')).psps[0]?.fields.at(-1)).toEqual({
    ...{ name: 'customerId', label: { en: 'customerId', ja: 'customerId' }, kind: 'text' },
    ...{ required: false, choices: [], types: simulatorPsp.types },
  });
  expect([...bench.book.entries.values()][0]?.intent).toMatchObject({ searchValue: 'C-7' });
  expect(bench.room.sent[0]?.order.details).not.toHaveProperty('customerId');
});

test('a provider that asks for it by itself is told', async () => {
  const bench = new DeskBench({ searchField: 'customerId' });
  const field = { ...customer, required: true, choices: [], types: simulatorPsp.types, prefill: null };
  bench.room.psps = [{ ...simulatorPsp, fields: [...simulatorPsp.fields, field] }];
  await paidBy(bench);
  expect(bench.room.sent[0]?.order.details).toMatchObject({ customerId: 'C-7' });
});

test('without such a field it is no detail, and nothing of it is written down', async () => {
  const bench = new DeskBench();
  await expect(paidBy(bench)).rejects.toMatchObject({ code: 'bad-detail', about: ['customerId'] });
});
