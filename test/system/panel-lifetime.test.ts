import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { PanelBench, waits } from '../support/panel-bench.ts';
import * as sample from '../support/sample-session.ts';

const pages = fileURLToPath(new URL('../../dist/pages/', import.meta.url));
const bench = new PanelBench(pages);

test('a lost connection shows no lock that may be stale, and the truth when it is back (P-42)', async () => {
  bench.gateway.sessions = [sample.lockedSession];
  await bench.show();
  await bench.seen('Your line is muted.');
  const { port } = bench.gateway;
  await bench.gateway.stop();
  await bench.seen('Connecting…');
  await bench.gone('Your line is muted.');
  await bench.restart(port);
  bench.gateway.sessions = [sample.panTaken];
  await bench.page.getByText('ends in 1111').waitFor();
  await bench.page.reload();
  await bench.seen('ends in 1111');
});

test('what the agent was typing is still there after a cut, and reaches the server', async () => {
  bench.gateway.sessions = [sample.newSession];
  bench.gateway.answers.set('PATCH /details', (body) => {
    bench.gateway.change({ details: { ...sample.newSession.details, ...(body as object) } });
    return undefined;
  });
  await bench.show();
  await bench.page.getByLabel('Expiry date').fill('99');
  await bench.page.getByLabel('Name of the cardholder').pressSequentially('A. Sam');
  bench.gateway.cut();
  await bench.page.locator('.link:not(.live)').waitFor();
  await bench.page.locator('.link.live').waitFor();
  await expect.poll(() => bench.page.getByLabel('Name of the cardholder').inputValue(), waits).toBe('A. Sam');
  await bench.page.getByLabel('Name of the cardholder').press('End');
  await bench.page.getByLabel('Name of the cardholder').pressSequentially('ple');
  await bench.page.getByLabel('Reference number').focus();
  await expect.poll(() => bench.gateway.requests.at(-1)?.body, waits).toEqual({ cardholder: 'A. Sample' });
  expect(await bench.page.getByLabel('Expiry date').inputValue()).toBe('99');
  await bench.seen(/Type month and year/);
});

test('two tabs show the same, and a call that ends takes its idle screen away', async () => {
  bench.gateway.sessions = [sample.filledSession];
  await bench.show();
  const second = await bench.page.context().newPage();
  await second.goto(`${bench.gateway.origin}/panel/?lang=en`);
  await second.getByRole('button', { name: 'Request card number' }).waitFor();
  bench.gateway.send('capture.locked', { field: 'pan' });
  for (const tab of [bench.page, second]) await tab.getByText('Your line is muted.').waitFor();
  bench.gateway.send('session.closed', { session: { ...sample.filledSession, state: 'closed' }, by: '1001' });
  bench.gateway.sessions = [];
  await bench.seen('Open payment');
  bench.gateway.send('call.ended', {
    call: { ...sample.sampleCall, state: 'ended' },
    callId: sample.sampleCall.callId,
  });
  await bench.seen('No call at the moment');
});

test('a token that the server does not know is said, and nothing else is shown', async () => {
  bench.gateway.knowsToken = false;
  await bench.show();
  await bench.seen('You are not signed in for payments');
});

test('an agent without the right to take payments sees no button for it (P-03)', async () => {
  bench.gateway.panel = { ...bench.gateway.panel, mayTakePayments: false };
  await bench.show();
  await bench.seen('If it stays, you may lack the right to take card payments.');
  expect(await bench.button('Open payment').count()).toBe(0);
});

test('closing a payment that has begun is asked about; hiding it only hides it (S-01)', async () => {
  bench.gateway.sessions = [sample.readySession];
  await bench.show();
  await bench.button('Hide').click();
  await bench.seen('Panel hidden; the payment goes on');
  await bench.button('Show').click();
  await bench.button('Close').click();
  expect(bench.gateway.requests).toEqual([]);
  await bench.button('Close and cancel').click();
  await expect.poll(() => bench.commands, waits).toEqual(['DELETE /v1/sessions/:id']);
});

test('a payment that was taken is given back only when that is confirmed, and closes without a question (P-84, O-6)', async () => {
  bench.gateway.sessions = [{ ...sample.succeededSession, can: ['close', 'new-payment', 'cancel'] }];
  await bench.show();
  await bench.button('Cancel payment').click();
  await bench.button('Leave it paid').click();
  await bench.button('Cancel payment').click();
  expect(bench.gateway.requests).toEqual([]);
  await bench.button('Cancel and give back').click();
  await expect.poll(() => bench.commands, waits).toEqual(['POST /v1/sessions/:id/cancel']);
  await bench.button('Close').click();
  await expect.poll(() => bench.commands.at(-1), waits).toBe('DELETE /v1/sessions/:id');
});

test('the history of the call shows what was paid in it (P-69)', async () => {
  const line = {
    id: 't',
    at: '2026-03-01T10:00:00Z',
    callId: sample.sampleCall.callId,
    agent: '1000',
    psp: 'simulator',
    type: 'charge',
    currency: 'EUR',
    brand: 'visa',
    lastFour: '1111',
  } as const;
  bench.gateway.transactions = [
    { ...line, amount: 1000, outcome: 'succeeded', reference: 'SIM-A' },
    { ...line, amount: 2000, outcome: 'declined', reference: null },
    { ...line, amount: 550, outcome: 'succeeded', reference: 'SIM-B' },
  ];
  await bench.show();
  await bench.button('Transaction history of this call').click();
  await bench.seen('SIM-B');
  await bench.seen('€15.50');
});

test('without the right to give back nothing in the history offers it', async () => {
  bench.gateway.transactions = [sample.paidTransaction];
  await bench.show();
  await bench.button('Transaction history of this call').click();
  await bench.seen('SIM-A');
  expect(await bench.button(/^(Refund|Void)/).count()).toBe(0);
});

test('a refund whose answer was lost is not to be repeated: the history is read anew before anything more (S-07)', async () => {
  bench.gateway.transactions = [sample.paidTransaction];
  bench.gateway.mayGiveBack = ['refunds', 'void'];
  bench.gateway.answers.set('POST /v1/transactions/t/refunds', () => {
    const refund = { id: 'r', at: '2026-03-01T10:05:00Z', agent: '1001', kind: 'refund', amount: 5000 } as const;
    bench.gateway.transactions = [
      { ...sample.paidTransaction, refunds: [{ ...refund, outcome: 'unknown', reference: null }] },
    ];
    return { status: 503, code: 'gateway-unreachable' };
  });
  await bench.show();
  await bench.button('Transaction history of this call').click();
  await bench.button('Refund: payment of €50.00').click();
  await bench.button('Continue').click();
  await bench.button('Refund €50.00').click();
  await bench.seen(/The answer was lost/);
  expect(await bench.button(/^(Refund|Void)/).count()).toBe(0);
  await bench.button('Look again').click();
  await bench.seen('Unknown: do not repeat');
  expect(await bench.button(/^(Refund|Void)/).count()).toBe(0);
  expect(bench.commands).toEqual(['POST /v1/transactions/t/refunds']);
});

test('a payment of an earlier call is found by the customer’s number or by a reference, and given back from there (S-07)', async () => {
  const earlier = { ...sample.paidTransaction, id: 'e', merchantReference: 'INV-7', reference: 'SIM-OLD' };
  bench.gateway.panel = { ...bench.gateway.panel, searchField: 'customerId' };
  bench.gateway.mayGiveBack = ['refunds'];
  bench.gateway.findable.set('?searchValue=C-7', [earlier]);
  bench.gateway.findable.set('?reference=INV', [earlier]);
  bench.gateway.answers.set('POST /v1/transactions/e/refunds', () => {
    const refund = { id: 'r', at: '2026-03-01T10:05:00Z', agent: '1001', kind: 'refund', amount: 5000 } as const;
    const given = { ...earlier, refunds: [{ ...refund, outcome: 'refunded', reference: null } as const] };
    bench.gateway.findable.set('?reference=INV', [given]);
    return undefined;
  });
  await bench.show();
  await bench.button('Transaction history of this call').click();
  await bench.button('Find another payment').click();
  const text = bench.page.locator('#finding');
  await text.fill('4111 1111 1111 1111');
  await bench.button('Find').click();
  await bench.seen(/This looks like a card number and was not sent/);
  await text.fill('C-8');
  await text.press('Enter');
  await bench.seen('No payment was found.');
  await text.fill(' C-7 ');
  await text.press('Enter');
  await bench.seen('INV-7 · SIM-OLD');
  await bench.page.getByLabel('Find by').selectOption('Reference number');
  await text.fill('INV');
  await text.press('Enter');
  await bench.seen('1 payment found');
  await bench.button('Refund: payment of €50.00').click();
  await bench.button('Continue').click();
  await bench.button('Refund €50.00').click();
  await bench.seen('Given back');
  expect(await bench.button(/^Refund/).count()).toBe(0);
  await bench.button('Back to this call').click();
  await bench.seen('No transactions in this call yet.');
  expect(bench.commands).toEqual(['POST /v1/transactions/e/refunds']);
});

test('a telephone that sends keys twice is told with what to do, also after a reload', async () => {
  const tested = { ...sample.emptyField, state: 'complete', digits: 5, mask: '*****', doubled: 2 } as const;
  const can = [...sample.filledSession.can, 'captures:keypadTest'];
  bench.gateway.sessions = [{ ...sample.filledSession, can }];
  await bench.show();
  await bench.button('Keypad test').click();
  bench.gateway.change({ fields: { ...sample.filledSession.fields, keypadTest: tested } });
  await bench.seen('This telephone sent 2 keys twice.');
  await bench.page.reload();
  await bench.seen('This telephone sent 2 keys twice.');
});

test('the words of a refusal come before it is shown; without a network there are words as well', async () => {
  bench.gateway.sessions = [sample.filledSession];
  bench.gateway.answers.set('POST /captures', () => ({ status: 503, code: 'overloaded' }));
  await bench.show();
  await bench.page.route('**/tonelock-panel.annex.js', (route) => route.abort());
  await bench.button('Request card number').click();
  await bench.seen('That is not possible at this step.');
});

test.each(['en', 'ja'])('the element and its texts in %s are at most 25 kB together, gzipped', (language) => {
  const weight = (file: string): number => gzipSync(readFileSync(`${pages}panel/${file}`)).length;
  expect(weight('tonelock-panel.js') + weight(`tonelock-panel.${language}.js`)).toBeLessThanOrEqual(25_000);
});

test('nothing is stored, and the token is in no address', async () => {
  bench.gateway.sessions = [sample.readySession];
  await bench.show('/panel/?agent=2002&lang=en');
  await bench.seen('ends in 1111');
  const stored = await bench.page.evaluate(async () => [
    localStorage.length,
    sessionStorage.length,
    document.cookie,
    (await indexedDB.databases()).length,
  ]);
  expect(stored).toEqual([0, 0, '', 0]);
  const addresses = await bench.page.evaluate(() =>
    performance.getEntriesByType('resource').map((entry) => entry.name),
  );
  expect(addresses.filter((address) => address.includes('agent-2002'))).toEqual([]);
});

test('a refused command is told in plain words', async () => {
  bench.gateway.sessions = [sample.filledSession];
  bench.gateway.answers.set('POST /captures', () => ({ status: 503, code: 'media-failed' }));
  await bench.show();
  await bench.button('Request card number').click();
  await bench.seen(/The call could not be locked/);
  await bench.button('Dismiss').click();
  await bench.gone(/The call could not be locked/);
});

test('an unknown payment cannot be sent again by anything on the screen (P-80 to P-83)', async () => {
  bench.gateway.sessions = [sample.unknownSession];
  await bench.show('/panel/?lang=ja');
  await bench.seen('再送信しないでください。支払い状況が不明なため、決済代行事業者様までお問い合わせください。');
  for (const name of ['承認', '再試行', '追加料金を承諾']) expect(await bench.button(name).count()).toBe(0);
  await bench.button('決済代行事業者に照会').click();
  await bench.seen(/事業者もまだ確認できません/);
  bench.gateway.send('payment.resolved', { payment: sample.samplePayment, answer: 'not-paid', reference: null });
  await bench.seen('事業者の回答:未払い');
  expect(bench.commands).toEqual(['POST /v1/sessions/:id/enquiry']);
});
