import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { PanelBench, waits } from '../support/panel-bench.ts';
import * as sample from '../support/sample-session.ts';

const pages = fileURLToPath(new URL('../../dist/pages/', import.meta.url));
const bench = new PanelBench(pages);

/** Lets the fake gateway answer as the real one does, through a whole payment of one card. */
function letItPay(): void {
  const on = (name: string, act: () => void): void => {
    bench.gateway.answers.set(name, () => {
      act();
      return undefined;
    });
  };
  on('POST /call/session', () => {
    bench.gateway.sessions = [sample.newSession];
    bench.gateway.send('session.opened', { session: sample.newSession, by: '1001' });
  });
  bench.gateway.answers.set('PATCH /details', (body) => {
    const session = bench.gateway.sessions[0] ?? sample.newSession;
    const details = { ...session.details, ...(body as object) };
    bench.gateway.change({ details, missing: session.missing.filter((name) => !(name in details)) });
    return undefined;
  });
  bench.gateway.answers.set('POST /captures', (body) => {
    const { field } = body as { field: 'pan' | 'cvc' };
    take(field, field === 'pan' ? 16 : 3);
    return { status: 202 };
  });
  on('POST /authorise', () => {
    bench.gateway.send('payment.authorising', { payment: { ...sample.samplePayment, state: 'authorising' } });
    bench.gateway.change({ ...sample.succeededSession });
  });
}

/** One field, keyed from the first digit to the last. */
function take(field: 'pan' | 'cvc', digits: number): void {
  bench.gateway.change({ capturing: field, locked: true, state: 'locked' });
  bench.gateway.send('capture.locked', { field });
  for (let n = 1; n <= digits; n += 1)
    bench.gateway.send('capture.progress', { field, digits: n, mask: '*'.repeat(n) });
  const view = field === 'pan' ? sample.takenPan : sample.takenCvc;
  bench.gateway.send('capture.completed', {
    field,
    digits,
    mask: view.mask,
    ...(field === 'pan' ? { brand: 'visa', lastFour: '1111' } : {}),
  });
  bench.gateway.send('capture.unlocked', { field });
  const session = bench.gateway.sessions[0] ?? sample.newSession;
  const missing = session.missing.filter((name) => name !== field);
  bench.gateway.change({
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
  await bench.show();
  await bench.button('Open payment').click();
  await bench.page.getByLabel('Transaction amount').fill('125.50');
  await bench.page.getByLabel('Name of the cardholder').fill('A. Sample');
  await bench.page.getByLabel('Expiry date').fill('0428');
  await bench.button('Request card number').click();
  await bench.seen('ends in 1111');
  await bench.button('Request security code').click();
  await expect.poll(() => bench.button('Authorise').isEnabled(), waits).toBe(true);
  await bench.button('Authorise').click();
  await bench.seen('Payment successful');
  await bench.seen('€125.50');
  await bench.seen('SIM-7F3K-20461');
  const details = bench.gateway.requests.filter(({ method }) => method === 'PATCH').map(({ body }) => body);
  expect(Object.assign({}, ...details)).toEqual({ amount: 12_550, cardholder: 'A. Sample', expiry: '04/28' });
  expect(bench.commands.filter((command) => !command.startsWith('PATCH'))).toEqual([
    'POST /v1/calls/:id/session',
    'POST /v1/sessions/:id/captures',
    'POST /v1/sessions/:id/captures',
    'POST /v1/sessions/:id/authorise',
  ]);
  expect(new Set(bench.gateway.requests.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(
    bench.gateway.requests.length,
  );
});

test('a whole payment with the keyboard alone, in Japanese', async () => {
  letItPay();
  await bench.show('/panel/?lang=ja');
  const tabTo = async (name: string): Promise<void> => {
    for (let presses = 0; presses < 40; presses += 1) {
      const focused = await bench.page.evaluate(() => {
        const element = document.querySelector('tonelock-panel')?.shadowRoot?.activeElement;
        const label = element?.id
          ? element.getRootNode() instanceof ShadowRoot &&
            (element.getRootNode() as ShadowRoot).querySelector(`label[for="${element.id}"]`)
          : null;
        return (label ? label.textContent : element?.textContent)?.trim() ?? '';
      });
      if (focused.startsWith(name)) return;
      await bench.page.keyboard.press('Tab');
    }
    throw new Error(`the keyboard does not reach ${name}`);
  };
  const press = async (name: string): Promise<void> => {
    await tabTo(name);
    await bench.page.keyboard.press('Enter');
  };
  await bench.seen('支払いを開く');
  await press('支払いを開く');
  await bench.seen('支払いの詳細');
  await tabTo('取引金額');
  await bench.page.keyboard.type('125.5');
  await tabTo('カード名義人');
  await bench.page.keyboard.type('A. Sample');
  await tabTo('有効期限');
  await bench.page.keyboard.type('4/28');
  await press('カード番号を要求');
  await bench.seen('末尾 1111');
  await press('セキュリティコードを要求');
  await expect.poll(() => bench.button('承認').isEnabled(), waits).toBe(true);
  await press('承認');
  await bench.seen('支払いが完了しました');
});

test('the call is shown as locked from `capture.locked` on and not before, each key as an asterisk, the end as a tick (P-40, P-43, P-47)', async () => {
  bench.gateway.sessions = [sample.filledSession];
  await bench.show();
  await bench.button('Request card number').click();
  bench.gateway.change({ capturing: 'pan' });
  await bench.seen('Locking the call…');
  expect(await bench.page.getByText('Call locked').filter({ visible: true }).count()).toBe(0);
  bench.gateway.send('capture.locked', { field: 'pan' });
  await bench.seen('Your line is muted.');
  for (let digits = 1; digits <= 16; digits += 1) {
    bench.gateway.send('capture.progress', { field: 'pan', digits, mask: '*'.repeat(digits) });
    await expect
      .poll(() => bench.page.locator('#pan .stars').textContent(), { interval: 5, timeout: 5000 })
      .toBe('*'.repeat(digits));
  }
  expect(await bench.page.getByRole('status').textContent()).toBe('Card number: 16 digits.');
  bench.gateway.send('capture.completed', {
    field: 'pan',
    digits: 16,
    mask: '*'.repeat(16),
    brand: 'visa',
    lastFour: '1111',
  });
  bench.gateway.send('capture.unlocked', { field: 'pan' });
  await bench.seen('Visa');
  await bench.gone('Your line is muted.');
  expect(await bench.page.locator('#pan').getByRole('img', { name: 'Complete' }).count()).toBe(1);
});

test('a failed entry says why and what to do next, and can be requested again (P-44 to P-46)', async () => {
  bench.gateway.sessions = [sample.lockedSession];
  await bench.show();
  await bench.seen('Your line is muted.');
  bench.gateway.send('capture.failed', { field: 'pan', reason: 'check-digit' });
  bench.gateway.change({
    ...sample.filledSession,
    fields: { pan: { ...sample.emptyField, state: 'failed', reason: 'check-digit' }, cvc: sample.emptyField },
  });
  await bench.seen('Card number: The number has a typing mistake.');
  await bench.seen('Request it again and ask the customer to key slowly.');
  await bench.button('Request card number again').click();
  await expect.poll(() => bench.gateway.requests.at(-1)?.body, waits).toEqual({ field: 'pan' });
});

test('while something is missing Authorise is dead, each gap is marked in red and can be jumped to (P-57, P-58)', async () => {
  bench.gateway.sessions = [
    {
      ...sample.readySession,
      missing: ['expiry'],
      details: { type: 'charge', currency: 'EUR', amount: 12_550 },
      can: sample.panTaken.can,
    },
  ];
  await bench.show();
  expect(await bench.button('Authorise').isDisabled()).toBe(true);
  expect(await bench.page.getByLabel('Expiry date').getAttribute('aria-invalid')).toBe('true');
  const message = bench.page.locator('#expiry-note .red');
  expect(await message.textContent()).toContain('Required');
  const colour = await message.evaluate((element) => getComputedStyle(element).color);
  const [red = 0, green = 0, blue = 0] = [...colour.matchAll(/[\d.]+/g)].map(Number);
  expect(red, colour).toBeGreaterThan(2 * Math.max(green, blue));
  await bench.button('Expiry date').click();
  const focused = await bench.page.evaluate(
    () => document.querySelector('tonelock-panel')?.shadowRoot?.activeElement?.id,
  );
  expect(focused).toBe('expiry');
});

test('a card number that the agent types goes nowhere', async () => {
  bench.gateway.sessions = [sample.newSession];
  await bench.show();
  await bench.page.getByLabel('Name of the cardholder').fill('4111 1111 1111 1111');
  await bench.seen(/looks like a card number/);
  await bench.page.getByLabel('Reference number').fill('INV-1');
  await bench.page.getByLabel('Reference number').blur();
  await expect.poll(() => bench.gateway.requests.length, waits).toBe(1);
  expect(bench.gateway.requests[0]?.body).toEqual({ reference: 'INV-1' });
});

test('a provider changes only when the choice is committed, and types and fields follow (P-15 to P-19, P-30)', async () => {
  bench.gateway.sessions = [sample.newSession];
  bench.gateway.answers.set('PUT /psp', () => {
    bench.gateway.change({
      psp: 'vault',
      details: { type: 'tokenise' },
      missing: ['expiry', 'region', 'pan', 'cvc'],
      pspChangesLeft: 0,
      can: ['close', 'details', 'captures:pan', 'cancel'],
    });
    return undefined;
  });
  await bench.show();
  const types = () => bench.page.getByLabel('Transaction type').locator('option').allTextContents();
  const offered = ['Choose…', 'Immediate payment', 'Pre-authorised payment', 'Create token'];
  await expect.poll(types, waits).toEqual(offered);
  await bench.button('Change').click();
  await bench.page.getByLabel('Choose another provider').selectOption('vault');
  expect(bench.gateway.requests).toEqual([]);
  await bench.button('Use this provider').click();
  await bench.seen('Token vault');
  expect(await types()).toEqual([]);
  await bench.seen('Create token');
  await bench.page.getByLabel('Region').selectOption('JP');
  await expect.poll(() => bench.gateway.requests.at(-1)?.body, waits).toEqual({ region: 'JP' });
  expect(await bench.page.getByLabel('Transaction amount').count()).toBe(0);
  expect(await bench.button('Add payment').count()).toBe(0);
  await bench.seen('The provider cannot be changed again in this call.');
});

test('payments are added and removed on the same card (P-34 to P-37)', async () => {
  bench.gateway.sessions = [sample.filledSession];
  await bench.show();
  await bench.button('+ Add payment').click();
  await bench.page.locator('#add-type').selectOption('authorise');
  await bench.page.locator('#add-amount').fill('30');
  await bench.button('Add').click();
  await expect.poll(() => bench.gateway.requests.at(-1)?.body, waits).toEqual({ type: 'authorise', amount: 3000 });
  bench.gateway.change({
    payments: [sample.samplePayment, { ...sample.samplePayment, n: 2, type: 'authorise', amount: 3000 }],
  });
  await bench.seen('€155.50');
  await bench.button('Remove payment 2').click();
  await expect.poll(() => bench.commands.at(-1), waits).toBe('DELETE /v1/sessions/:id/payments/2');
});

test('a surcharge is accepted before it is charged (P-60, P-61)', async () => {
  bench.gateway.sessions = [sample.surchargeSession];
  await bench.show();
  await bench.seen('€128.01');
  await bench.button('Accept surcharge').click();
  await expect.poll(() => bench.gateway.requests.at(-1)?.body, waits).toEqual({ accept: true });
});

test('a decline offers Retry where the server allows it, and not where it does not (P-76 to P-79, P-86)', async () => {
  bench.gateway.sessions = [sample.declinedSession];
  await bench.show();
  await bench.seen('Insufficient funds');
  expect(await bench.button('Retry').count()).toBe(1);
  bench.gateway.change({ control: 'crm', can: ['close'] });
  await bench.seen('This payment is controlled by your CRM.');
  expect(await bench.button('Retry').count()).toBe(0);
  expect(await bench.button('New payment').count()).toBe(0);
});
