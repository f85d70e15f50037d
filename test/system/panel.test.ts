import { fileURLToPath } from 'node:url';
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

/** Lets the fake gateway answer as the real one does, through a whole payment of one card. */
function letItPay(): void {
  const on = (name: string, act: () => void): void => {
    gateway.answers.set(name, () => {
      act();
      return undefined;
    });
  };
  on('POST /call/session', () => {
    gateway.sessions = [sample.newSession];
    gateway.send('session.opened', { session: sample.newSession, by: '1001' });
  });
  gateway.answers.set('PATCH /details', (body) => {
    const session = gateway.sessions[0] ?? sample.newSession;
    const details = { ...session.details, ...(body as object) };
    gateway.change({ details, missing: session.missing.filter((name) => !(name in details)) });
    return undefined;
  });
  gateway.answers.set('POST /captures', (body) => {
    const { field } = body as { field: 'pan' | 'cvc' };
    take(field, field === 'pan' ? 16 : 3);
    return { status: 202 };
  });
  on('POST /authorise', () => {
    gateway.send('payment.authorising', { payment: { ...sample.samplePayment, state: 'authorising' } });
    gateway.change({ ...sample.succeededSession });
  });
}

/** One field, keyed from the first digit to the last. */
function take(field: 'pan' | 'cvc', digits: number): void {
  gateway.change({ capturing: field, locked: true, state: 'locked' });
  gateway.send('capture.locked', { field });
  for (let n = 1; n <= digits; n += 1) gateway.send('capture.progress', { field, digits: n, mask: '*'.repeat(n) });
  const view = field === 'pan' ? sample.takenPan : sample.takenCvc;
  gateway.send('capture.completed', {
    field,
    digits,
    mask: view.mask,
    ...(field === 'pan' ? { brand: 'visa', lastFour: '1111' } : {}),
  });
  gateway.send('capture.unlocked', { field });
  const session = gateway.sessions[0] ?? sample.newSession;
  const missing = session.missing.filter((name) => name !== field);
  gateway.change({
    locked: false,
    capturing: null,
    state: missing.length === 0 ? 'ready' : 'details',
    fields: { ...session.fields, [field]: view },
    missing,
    can: [...sample.panTaken.can, ...(missing.length === 0 ? ['authorise'] : [])],
  });
}

test('a whole payment with the mouse, in English', async () => {
  letItPay();
  await show();
  await button('Open payment').click();
  await page.getByLabel('Transaction amount').fill('125.50');
  await page.getByLabel('Name of the cardholder').fill('A. Sample');
  await page.getByLabel('Expiry date').fill('0428');
  await button('Request card number').click();
  await seen('ends in 1111');
  await button('Request security code').click();
  await expect.poll(() => button('Authorise').isEnabled(), waits).toBe(true);
  await button('Authorise').click();
  await seen('Payment successful');
  await seen('€125.50');
  await seen('SIM-7F3K-20461');
  const details = gateway.requests.filter(({ method }) => method === 'PATCH').map(({ body }) => body);
  expect(Object.assign({}, ...details)).toEqual({ amount: 12_550, cardholder: 'A. Sample', expiry: '04/28' });
  expect(commands().filter((command) => !command.startsWith('PATCH'))).toEqual([
    'POST /v1/calls/:id/session',
    'POST /v1/sessions/:id/captures',
    'POST /v1/sessions/:id/captures',
    'POST /v1/sessions/:id/authorise',
  ]);
  expect(new Set(gateway.requests.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(gateway.requests.length);
});

test('a whole payment with the keyboard alone, in Japanese', async () => {
  letItPay();
  await show('/panel/?lang=ja');
  const tabTo = async (name: string): Promise<void> => {
    for (let presses = 0; presses < 40; presses += 1) {
      const focused = await page.evaluate(() => {
        const element = document.querySelector('tonelock-panel')?.shadowRoot?.activeElement;
        const label = element?.id
          ? element.getRootNode() instanceof ShadowRoot &&
            (element.getRootNode() as ShadowRoot).querySelector(`label[for="${element.id}"]`)
          : null;
        return (label ? label.textContent : element?.textContent)?.trim() ?? '';
      });
      if (focused.startsWith(name)) return;
      await page.keyboard.press('Tab');
    }
    throw new Error(`the keyboard does not reach ${name}`);
  };
  const press = async (name: string): Promise<void> => {
    await tabTo(name);
    await page.keyboard.press('Enter');
  };
  await seen('支払いを開く');
  await press('支払いを開く');
  await seen('支払いの詳細');
  await tabTo('取引金額');
  await page.keyboard.type('125.5');
  await tabTo('カード名義人');
  await page.keyboard.type('A. Sample');
  await tabTo('有効期限');
  await page.keyboard.type('4/28');
  await press('カード番号を要求');
  await seen('末尾 1111');
  await press('セキュリティコードを要求');
  await expect.poll(() => button('承認').isEnabled(), waits).toBe(true);
  await press('承認');
  await seen('支払いが完了しました');
});

test('the call is shown as locked from `capture.locked` on and not before, each key as an asterisk, the end as a tick (P-40, P-43, P-47)', async () => {
  gateway.sessions = [sample.filledSession];
  await show();
  await button('Request card number').click();
  gateway.change({ capturing: 'pan' });
  await seen('Locking the call…');
  expect(await page.getByText('Call locked').filter({ visible: true }).count()).toBe(0);
  gateway.send('capture.locked', { field: 'pan' });
  await seen('Your line is muted.');
  for (let digits = 1; digits <= 16; digits += 1) {
    gateway.send('capture.progress', { field: 'pan', digits, mask: '*'.repeat(digits) });
    await expect
      .poll(() => page.locator('#pan .stars').textContent(), { interval: 5, timeout: 5000 })
      .toBe('*'.repeat(digits));
  }
  expect(await page.getByRole('status').textContent()).toBe('Card number: 16 digits.');
  gateway.send('capture.completed', {
    field: 'pan',
    digits: 16,
    mask: '*'.repeat(16),
    brand: 'visa',
    lastFour: '1111',
  });
  gateway.send('capture.unlocked', { field: 'pan' });
  await seen('Visa');
  await gone('Your line is muted.');
  expect(await page.locator('#pan').getByRole('img', { name: 'Complete' }).count()).toBe(1);
});

test('a failed entry says why and what to do next, and can be requested again (P-44 to P-46)', async () => {
  gateway.sessions = [sample.lockedSession];
  await show();
  await seen('Your line is muted.');
  gateway.send('capture.failed', { field: 'pan', reason: 'check-digit' });
  gateway.change({
    ...sample.filledSession,
    fields: { pan: { ...sample.emptyField, state: 'failed', reason: 'check-digit' }, cvc: sample.emptyField },
  });
  await seen('Card number: The number has a typing mistake.');
  await seen('Request it again and ask the customer to key slowly.');
  await button('Request card number again').click();
  expect(gateway.requests.at(-1)?.body).toEqual({ field: 'pan' });
});

test('while something is missing Authorise is dead, each gap is marked in red and can be jumped to (P-57, P-58)', async () => {
  gateway.sessions = [
    {
      ...sample.readySession,
      missing: ['expiry'],
      details: { type: 'charge', currency: 'EUR', amount: 12_550 },
      can: sample.panTaken.can,
    },
  ];
  await show();
  expect(await button('Authorise').isDisabled()).toBe(true);
  expect(await page.getByLabel('Expiry date').getAttribute('aria-invalid')).toBe('true');
  await button('Expiry date').click();
  const focused = await page.evaluate(() => document.querySelector('tonelock-panel')?.shadowRoot?.activeElement?.id);
  expect(focused).toBe('expiry');
});

test('a card number that the agent types goes nowhere', async () => {
  gateway.sessions = [sample.newSession];
  await show();
  await page.getByLabel('Name of the cardholder').fill('4111 1111 1111 1111');
  await seen(/looks like a card number/);
  await page.getByLabel('Reference number').fill('INV-1');
  await page.getByLabel('Reference number').blur();
  await expect.poll(() => gateway.requests.length, waits).toBe(1);
  expect(gateway.requests[0]?.body).toEqual({ reference: 'INV-1' });
});

test('a provider changes only when the choice is committed, and the fields follow (P-15 to P-18)', async () => {
  gateway.sessions = [sample.newSession];
  gateway.answers.set('PUT /psp', () => {
    gateway.change({
      psp: 'vault',
      details: { type: 'tokenise' },
      missing: ['expiry', 'region', 'pan', 'cvc'],
      pspChangesLeft: 0,
      can: ['close', 'details', 'captures:pan', 'cancel'],
    });
    return undefined;
  });
  await show();
  await button('Change').click();
  await page.getByLabel('Choose another provider').selectOption('vault');
  expect(gateway.requests).toEqual([]);
  await button('Use this provider').click();
  await seen('Token vault');
  expect(await page.getByLabel('Region').count()).toBe(1);
  expect(await page.getByLabel('Transaction amount').count()).toBe(0);
  expect(await button('Add payment').count()).toBe(0);
  await seen('The provider cannot be changed again in this call.');
});

test('payments are added and removed on the same card (P-34 to P-37)', async () => {
  gateway.sessions = [sample.filledSession];
  await show();
  await button('+ Add payment').click();
  await page.locator('#add-type').selectOption('authorise');
  await page.locator('#add-amount').fill('30');
  await button('Add').click();
  await expect.poll(() => gateway.requests.at(-1)?.body, waits).toEqual({ type: 'authorise', amount: 3000 });
  gateway.change({
    payments: [sample.samplePayment, { ...sample.samplePayment, n: 2, type: 'authorise', amount: 3000 }],
  });
  await seen('€155.50');
  await button('Remove payment 2').click();
  await expect.poll(() => commands().at(-1), waits).toBe('DELETE /v1/sessions/:id/payments/2');
});

test('a surcharge is accepted before it is charged (P-60, P-61)', async () => {
  gateway.sessions = [sample.surchargeSession];
  await show();
  await seen('€128.01');
  await button('Accept surcharge').click();
  await expect.poll(() => gateway.requests.at(-1)?.body, waits).toEqual({ accept: true });
});

test('a decline offers Retry where the server allows it, and not where it does not (P-76 to P-79, P-86)', async () => {
  gateway.sessions = [sample.declinedSession];
  await show();
  await seen('Insufficient funds');
  expect(await button('Retry').count()).toBe(1);
  gateway.change({ control: 'crm', can: ['close'] });
  await seen('This payment is controlled by your CRM.');
  expect(await button('Retry').count()).toBe(0);
  expect(await button('New payment').count()).toBe(0);
});
