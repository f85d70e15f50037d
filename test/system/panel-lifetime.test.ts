import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { openBrowser, openPage, type WatchedPage } from '../support/browser.ts';
import { FakeGateway } from '../support/fake-gateway.ts';
import * as sample from '../support/sample-session.ts';

const pages = fileURLToPath(new URL('../../dist/pages/', import.meta.url));

let browser: Browser;
let gateway: FakeGateway;
let watched: WatchedPage;
let page: Page;

beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(() => browser.close());
beforeEach(async () => {
  gateway = await FakeGateway.start(pages);
  gateway.calls = [sample.sampleCall];
});
afterEach(async () => {
  expect(watched.complaints).toEqual([]);
  await page.context().close();
  await gateway.stop();
});

async function show(path = '/panel/?lang=en'): Promise<void> {
  watched = await openPage(browser);
  ({ page } = watched);
  await page.goto(gateway.origin + path);
}

const waits = { timeout: 10_000, interval: 25 };
const button = (name: string | RegExp) => page.getByRole('button', { name, exact: typeof name === 'string' });
const seen = (text: string | RegExp) =>
  expect.poll(() => page.getByText(text).filter({ visible: true }).count(), waits).toBeGreaterThan(0);
const gone = (text: string | RegExp) =>
  expect.poll(() => page.getByText(text).filter({ visible: true }).count(), waits).toBe(0);
const commands = () => gateway.requests.map(({ method, path }) => `${method} ${path.replace(/[0-9a-f-]{36}/, ':id')}`);

test('a lost connection shows no lock that may be stale, and the truth is back within a second of it (P-42)', async () => {
  gateway.sessions = [sample.lockedSession];
  await show();
  await seen('Your line is muted.');
  const { port } = gateway;
  await gateway.stop();
  await seen('Connecting…');
  await gone('Your line is muted.');
  gateway = await FakeGateway.start(pages, port);
  gateway.calls = [sample.sampleCall];
  gateway.sessions = [sample.panTaken];
  const back = performance.now();
  await page.getByText('ends in 1111').waitFor();
  expect(performance.now() - back).toBeLessThan(1500);
  await page.reload();
  await seen('ends in 1111');
});

test('two tabs show the same, and a call that ends takes its idle screen away', async () => {
  gateway.sessions = [sample.filledSession];
  await show();
  const second = await page.context().newPage();
  await second.goto(`${gateway.origin}/panel/?lang=en`);
  await second.getByRole('button', { name: 'Request card number' }).waitFor();
  gateway.send('capture.locked', { field: 'pan' });
  for (const tab of [page, second]) await tab.getByText('Your line is muted.').waitFor();
  gateway.send('session.closed', { session: { ...sample.filledSession, state: 'closed' }, by: '1001' });
  gateway.sessions = [];
  await seen('Open payment');
  gateway.send('call.ended', { call: { ...sample.sampleCall, state: 'ended' }, callId: sample.sampleCall.callId });
  await seen('No call at the moment');
});

test('a token that the server does not know is said, and nothing else is shown', async () => {
  gateway.knowsToken = false;
  await show();
  await seen('You are not signed in for payments');
});

test('closing a payment that has begun is asked about; hiding it only hides it (S-01)', async () => {
  gateway.sessions = [sample.readySession];
  await show();
  await button('Hide').click();
  await seen('Panel hidden; the payment goes on');
  await button('Show').click();
  await button('Close').click();
  expect(gateway.requests).toEqual([]);
  await button('Close and cancel').click();
  await expect.poll(() => commands(), waits).toEqual(['DELETE /v1/sessions/:id']);
});

test('a payment that was taken is given back only when that is confirmed, and closes without a question (P-84, O-6)', async () => {
  gateway.sessions = [{ ...sample.succeededSession, can: ['close', 'new-payment', 'cancel'] }];
  await show();
  await button('Cancel payment').click();
  await button('Leave it paid').click();
  await button('Cancel payment').click();
  expect(gateway.requests).toEqual([]);
  await button('Cancel and give back').click();
  await expect.poll(() => commands(), waits).toEqual(['POST /v1/sessions/:id/cancel']);
  await button('Close').click();
  await expect.poll(() => commands().at(-1), waits).toBe('DELETE /v1/sessions/:id');
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
  gateway.transactions = [
    { ...line, amount: 1000, outcome: 'succeeded', reference: 'SIM-A' },
    { ...line, amount: 2000, outcome: 'declined', reference: null },
    { ...line, amount: 550, outcome: 'succeeded', reference: 'SIM-B' },
  ];
  await show();
  await button('Transaction history of this call').click();
  await seen('SIM-B');
  await seen('€15.50');
});

test('nothing is stored, the token is in no address, and the element is at most 25 kB', async () => {
  gateway.sessions = [sample.readySession];
  await show('/panel/?agent=2002&lang=en');
  await seen('ends in 1111');
  const stored = await page.evaluate(async () => [
    localStorage.length,
    sessionStorage.length,
    document.cookie,
    (await indexedDB.databases()).length,
  ]);
  expect(stored).toEqual([0, 0, '', 0]);
  const addresses = await page.evaluate(() => performance.getEntriesByType('resource').map((entry) => entry.name));
  expect(addresses.filter((address) => address.includes('agent-2002'))).toEqual([]);
  expect(gzipSync(readFileSync(`${pages}panel/tonelock-panel.js`)).length).toBeLessThanOrEqual(25 * 1024);
});

test('a refused command is told in plain words', async () => {
  gateway.sessions = [sample.filledSession];
  gateway.answers.set('POST /captures', () => ({ status: 503, code: 'media-failed' }));
  await show();
  await button('Request card number').click();
  await seen(/The call could not be locked/);
  await button('Dismiss').click();
  await gone(/The call could not be locked/);
});

test('an unknown payment cannot be sent again by anything on the screen (P-80 to P-83)', async () => {
  gateway.sessions = [sample.unknownSession];
  await show('/panel/?lang=ja');
  await seen('再送信しないでください。支払い状況が不明なため、決済代行事業者様までお問い合わせください。');
  for (const name of ['承認', '再試行', '追加料金を承諾']) expect(await button(name).count()).toBe(0);
  await button('決済代行事業者に照会').click();
  await seen(/事業者もまだ確認できません/);
  gateway.send('payment.resolved', { payment: sample.samplePayment, answer: 'not-paid', reference: null });
  await seen('事業者の回答:未払い');
  expect(commands()).toEqual(['POST /v1/sessions/:id/enquiry']);
});
