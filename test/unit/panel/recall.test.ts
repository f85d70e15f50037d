import { expect, test } from 'vitest';
import { recall } from '../../../src/panel/annex/recall.ts';
import { Commands } from '../../../src/panel/commands.ts';
import type { SessionView } from '../../../src/payment/session-view.ts';
import type { Transaction } from '../../../src/payment/transaction.ts';
import { lockedSession, paidTransaction, readySession, samplePayment } from '../../support/sample-session.ts';

type Reply = readonly [status: number, body: unknown];

const sessionUnknown: Reply = [404, { code: 'session-not-found' }];
const atProvider: SessionView = {
  ...readySession,
  state: 'authorising',
  payments: [{ ...samplePayment, state: 'authorising' }],
};

/** A server that answers for the session, and then for the history of its call. */
function serverOf(...replies: Reply[]) {
  const asked: string[] = [];
  const commands = new Commands({
    server: '',
    token: 'agent-1001',
    fetch: async (url) => {
      asked.push(String(url));
      const [status, body] = replies.shift() ?? [500, {}];
      return Response.json(body, { status });
    },
    newKey: () => 'key',
    pause: async () => undefined,
  });
  return { commands, asked };
}

const known = (outcome: Transaction['outcome'], reference: string | null = null): Reply => [
  200,
  { transactions: [{ ...paidTransaction, id: samplePayment.id, outcome, reference }], can: [] },
];

test('a gateway that knows the session has the word (O-10)', async () => {
  const closed = { ...atProvider, state: 'closed' };
  const { commands, asked } = serverOf([200, closed]);
  expect(await recall(atProvider, commands)).toEqual(closed);
  expect(asked).toEqual([`/v1/sessions/${atProvider.id}`]);
});

test.each([
  ['unknown', null],
  ['succeeded', 'SIM-1'],
  ['declined', null],
] as const)(
  'of a session that is not known any more a payment is told as the history has it: %s (P-80)',
  async (outcome, reference) => {
    const { commands, asked } = serverOf(sessionUnknown, known(outcome, reference));
    const told = await recall(atProvider, commands);
    expect(told).toMatchObject({ id: atProvider.id, state: 'closed', locked: false });
    expect(told?.payments).toMatchObject([{ id: samplePayment.id, state: outcome, reference }]);
    expect(asked).toEqual([`/v1/sessions/${atProvider.id}`, `/v1/calls/${atProvider.callId}/transactions`]);
  },
);

test('a payment that was still a draft here, and had left after all, is told as what it became', async () => {
  const { commands } = serverOf(sessionUnknown, known('unknown'));
  expect((await recall(readySession, commands))?.payments).toMatchObject([{ state: 'unknown' }]);
});

test.each([
  ['the call has no payments that left', [200, { transactions: [], can: [] }]],
  ['nobody knows the call', [404, { code: 'call-not-found' }]],
] as const)('what was never written down has not left: %s', async (_, reply) => {
  const { commands } = serverOf(sessionUnknown, reply);
  expect((await recall(atProvider, commands))?.payments).toMatchObject([{ state: 'cancelled' }]);
});

test('where histories are not shown, nobody can say: it is unknown', async () => {
  const { commands } = serverOf(sessionUnknown, [404, { code: 'not-found' }]);
  expect((await recall(atProvider, commands))?.payments).toMatchObject([{ state: 'unknown' }]);
});

test('a field that was being keyed broke off, and the call is locked no more', async () => {
  const { commands } = serverOf(sessionUnknown, [404, { code: 'call-not-found' }]);
  const told = await recall(lockedSession, commands);
  expect(told).toMatchObject({ state: 'closed', locked: false, capturing: null });
  expect(told?.fields['pan']).toMatchObject({ state: 'failed', reason: 'media-lost', digits: 0, mask: '' });
  expect(told?.payments).toMatchObject([{ state: 'draft' }]);
});

test.each([
  ['session', [[503, { code: 'gateway-unreachable' }]]],
  ['history', [sessionUnknown, [503, { code: 'storage-failed' }]]],
] as const)('a server that cannot answer for the %s now says nothing', async (_, replies) => {
  await expect(recall(atProvider, serverOf(...(replies as readonly Reply[])).commands)).rejects.toThrow();
});

test('without a token nothing is asked', async () => {
  expect(await recall(atProvider, undefined)).toBeUndefined();
});
