import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { en } from '../../src/panel/messages/en.ts';
import { ja } from '../../src/panel/messages/ja.ts';
import { openBrowser, openPage, type WatchedPage } from '../support/browser.ts';
import type { LiveCall } from '../support/live-call.ts';
import { LoopLag } from '../support/loop-lag.ts';
import { MainJob } from '../support/main-job.ts';
import { PanelHands, type Tool } from '../support/panel-hands.ts';

const tables = { en, ja };
type Language = keyof typeof tables;
const labels = {
  en: { amount: 'Amount', cardholder: 'Cardholder name', expiry: 'Expiry date' },
  ja: { amount: '取引金額', cardholder: 'カード名義人', expiry: '有効期限' },
};
const visa = '4111111111111111';

let job: MainJob;
let browser: Browser;
let call: LiveCall;
let watched: WatchedPage;
let calls = 0;

beforeAll(async () => {
  [job, browser] = await Promise.all([MainJob.start(), openBrowser()]);
});
afterAll(async () => {
  await browser?.close();
  await job?.stop();
});
beforeEach(async () => {
  calls += 1;
  call = await job.inbound(`20${String(calls).padStart(2, '0')}`);
});
afterEach(async () => {
  expect(watched.complaints).toEqual([]);
  await watched.page.context().close();
  await call.caller.bye();
});

/** The agent's panel on the call of this test, with a payment open and its details typed. */
async function desk(language: Language, tool: Tool, amount: string): Promise<PanelHands> {
  watched = await openPage(browser, { viewport: { width: 1000, height: 1100 } });
  await watched.page.goto(`${job.gateway.http}/panel/?agent=20${String(calls).padStart(2, '0')}&lang=${language}`);
  const hands = new PanelHands(watched.page, tool);
  const m = tables[language];
  await hands.press(m.openPayment);
  await hands.choose(m.type, 'charge');
  await hands.choose(m.currency, 'EUR');
  await details(hands, language, amount);
  return hands;
}

async function details(hands: PanelHands, language: Language, amount: string): Promise<void> {
  await hands.fill(labels[language].amount, amount);
  await hands.fill(labels[language].cardholder, 'A. Sample');
  await hands.fill(labels[language].expiry, '12/30');
}

/** Requests a field and lets the customer key it once the panel says that the call is locked. */
async function take(hands: PanelHands, language: Language, field: 'pan' | 'cvc', keys: string): Promise<void> {
  const m = tables[language];
  await hands.press(field === 'pan' ? m.requestPan : m.requestCvc);
  await hands.page.locator('[part=locked]').waitFor();
  await call.key(keys);
  await hands.page.locator(`#${field}.complete`).waitFor();
  await hands.page.locator('[part=locked]').waitFor({ state: 'detached' });
}

/** From typed details to the press of Authorise. */
async function submit(hands: PanelHands, language: Language, card = visa, code = '737'): Promise<void> {
  await take(hands, language, 'pan', card);
  await take(hands, language, 'cvc', code);
  await hands.press(tables[language].authorise);
}

const both = [
  ['en', 'mouse'],
  ['ja', 'keyboard'],
] as const;

describe('on a real call with real RTP, an agent at the panel', () => {
  test.each([...both, ['en', 'keyboard'], ['ja', 'mouse']] as const)(
    'takes a whole payment in %s by %s (P-06…P-65, S-02)',
    async (language, tool) => {
      const hands = await desk(language, tool, '4200');
      await submit(hands, language);
      await hands.heading(tables[language].succeeded);
      const shown = await hands.page.locator('tonelock-panel').evaluate((panel) => panel.shadowRoot?.innerHTML ?? '');
      expect(shown).not.toContain(visa.slice(0, 6));
      const { body } = await call.api.transactions(call.id);
      expect(body.transactions).toMatchObject([{ outcome: 'succeeded', lastFour: '1111' }]);
      await hands.seen(body.transactions[0].reference);
      await hands.press(tables[language].close);
      await hands.seen(tables[language].openPayment);
    },
  );

  test.each(both)(
    'is declined, goes back to the details and pays after all, in %s by %s (P-76…P-79)',
    async (language, tool) => {
      const m = tables[language];
      const hands = await desk(language, tool, '10.02');
      await submit(hands, language);
      await hands.heading(m.declined);
      await hands.seen('The bank declined');
      await hands.press(m.retry);
      await hands.fill(labels[language].amount, '1000');
      await take(hands, language, 'cvc', '737');
      await hands.press(m.authorise);
      await hands.heading(m.succeeded);
    },
  );

  test.each(both)(
    'is not offered to retry a stolen card, and starts anew, in %s by %s (P-78, P-67)',
    async (language, tool) => {
      const m = tables[language];
      const hands = await desk(language, tool, '10.03');
      await submit(hands, language);
      await hands.seen('The card is reported stolen');
      expect(await hands.button(m.retry).count()).toBe(0);
      await hands.press(m.newPayment);
      await hands.page.locator('#pan.empty').waitFor();
    },
  );

  test.each(both)('says that a code could not be verified, in %s by %s (P-77)', async (language, tool) => {
    const hands = await desk(language, tool, '1000');
    await submit(hands, language, visa, '999');
    await hands.heading(tables[language].notVerified);
  });

  test.each(both)(
    'gets consent to a surcharge before it is charged, in %s by %s (P-60, P-61)',
    async (language, tool) => {
      const m = tables[language];
      const hands = await desk(language, tool, '10.05');
      await submit(hands, language);
      await hands.seen(m.surchargeAsk);
      expect((await call.api.transactions(call.id)).body.transactions).toEqual([]);
      await hands.press(m.acceptSurcharge);
      await hands.heading(m.succeeded);
      expect((await call.api.transactions(call.id)).body.transactions).toMatchObject([{ outcome: 'succeeded' }]);
    },
  );

  test.each(both)(
    'finds an unknown payment paid by an enquiry, and cannot resubmit, in %s by %s (P-80…P-83)',
    async (language, tool) => {
      const m = tables[language];
      const hands = await desk(language, tool, '10.12');
      await submit(hands, language);
      await hands.seen(m.unknownText);
      for (const name of [m.authorise, m.retry, m.acceptSurcharge]) expect(await hands.button(name).count()).toBe(0);
      await hands.press(m.enquiry);
      await hands.seen(m.enquiryStill);
      await hands.page.reload();
      await hands.seen(m.unknownText);
      await hands.press(m.enquiry);
      await hands.seen(m.enquiryStill);
      await hands.press(m.enquiry);
      await hands.seen(new RegExp(`${m.resolvedPaid}|${m.succeeded}`));
    },
  );

  test.each(both)(
    'cancels while the customer keys; the lock ends and nothing is kept, in %s by %s (P-84)',
    async (language, tool) => {
      const m = tables[language];
      const hands = await desk(language, tool, '1000');
      await hands.press(m.requestPan);
      await hands.page.locator('[part=locked]').waitFor();
      await call.key('4111');
      await hands.page.locator('#pan .stars').waitFor();
      await hands.press(m.cancelPayment);
      await hands.heading(m.cancelled);
      await hands.press(m.newPayment);
      await hands.page.locator('#pan.empty').waitFor();
    },
  );

  test.each(both)('takes two payments with one card, in %s by %s (P-34…P-37)', async (language, tool) => {
    const m = tables[language];
    const hands = await desk(language, tool, '30.00');
    await hands.press(`+ ${m.addPayment}`);
    await hands.page.locator('#add-type').selectOption('authorise');
    await hands.page.locator('#add-amount').fill('20.00');
    await hands.press(m.add);
    await hands.seen(m.total);
    await submit(hands, language);
    await hands.heading(m.succeeded);
    const { body } = await call.api.transactions(call.id);
    expect(body.transactions.map(({ type }: { type: string }) => type).sort()).toEqual(['authorise', 'charge']);
  });

  test.each(both)(
    'splits a bill over two cards with a running balance, in %s by %s (P-05, P-38, P-67)',
    async (language, tool) => {
      const m = tables[language];
      const hands = await desk(language, tool, '30.00');
      await hands.press(m.splitBill);
      await hands.fill(m.fieldNames['billTotal'] ?? '', '50.00');
      await submit(hands, language);
      await hands.heading(m.succeeded);
      await hands.seen(m.billDue);
      await hands.press(m.newPayment);
      await hands.seen(m.billDue);
      await hands.choose(m.type, 'charge');
      await details(hands, language, '1');
      await hands.press(m.takeRest);
      await expect.poll(() => hands.input(labels[language].amount).inputValue()).toMatch(/^20[.]00$/);
      await submit(hands, language, '5555555555554444');
      await hands.heading(m.succeeded);
      const { body } = await call.api.session((await call.api.calls()).body.calls[0].sessionId);
      expect(body.bill).toMatchObject({ due: 0, unknown: 0 });
      expect(body.bill.paid).toBe(body.bill.total);
    },
  );

  test('reloads in the middle of an entry and sees the same lock and the same asterisks at once', async () => {
    const hands = await desk('en', 'mouse', '1000');
    await hands.press(en.requestPan);
    await hands.page.locator('[part=locked]').waitFor();
    await call.key('41111111');
    await expect.poll(() => hands.page.locator('#pan .stars').textContent()).toBe('********');
    await hands.page.reload();
    await hands.page.locator('[part=locked]').waitFor();
    expect(await hands.page.locator('#pan .stars').textContent()).toBe('********');
    await call.key('11111111');
    await hands.page.locator('#pan.complete').waitFor();
  });

  test('sees each key within 100 ms of its tone', async () => {
    const hands = await desk('en', 'mouse', '1000');
    await hands.press(en.requestPan);
    await hands.page.locator('[part=locked]').waitFor();
    // Wall clocks of one machine, read by the page at the moment at which an asterisk is in the document.
    await hands.page.evaluate(() => {
      const seen: number[] = [];
      Object.assign(globalThis, { seen });
      const root = document.querySelector('tonelock-panel')?.shadowRoot;
      new MutationObserver(() => {
        const stars = root?.querySelector('#pan .stars')?.textContent?.length ?? 0;
        while (seen.length < stars) seen.push(performance.timeOrigin + performance.now());
      }).observe(root as ShadowRoot, { subtree: true, childList: true, characterData: true });
    });
    using lag = new LoopLag();
    const pressed: number[] = [];
    for (const key of visa.slice(0, 12)) {
      pressed.push(performance.timeOrigin + performance.now());
      await call.key(key);
    }
    const read = () => hands.page.evaluate(() => (globalThis as unknown as { seen: number[] }).seen);
    await expect.poll(async () => (await read()).length).toBe(pressed.length);
    const delays = (await read()).map((at, n) => at - (pressed[n] ?? 0)).sort((a, b) => a - b);
    expect(delays[6], `milliseconds: ${delays.map(Math.round).join(' ')}`).toBeLessThan(100 + lag.worstMs);
  });

  test('sees a failed entry with its next step, and asks again (P-44…P-46)', async () => {
    const hands = await desk('en', 'mouse', '1000');
    await hands.press(en.requestPan);
    await hands.page.locator('[part=locked]').waitFor();
    await call.key('4111#');
    await hands.seen(en.failures['too-short'][1] ?? '');
    await hands.press(en.requestAgain(en.requestPan));
    await hands.page.locator('[part=locked]').waitFor();
    await call.key(visa);
    await hands.page.locator('#pan.complete').waitFor();
  });

  test('under a CRM’s control is offered neither Retry nor a new payment (P-85…P-87)', async () => {
    const sessionId = await call.api.openSession(call.id, {
      control: 'crm',
      details: { type: 'charge', currency: 'EUR', amount: 1002, cardholder: 'A. Sample', expiry: '12/30' },
    });
    watched = await openPage(browser);
    await watched.page.goto(`${job.gateway.http}/panel/?agent=20${String(calls).padStart(2, '0')}&lang=en`);
    const hands = new PanelHands(watched.page, 'mouse');
    await submit(hands, 'en');
    await hands.seen(en.crmControl);
    for (const name of [en.retry, en.newPayment]) expect(await hands.button(name).count()).toBe(0);
    expect((await call.api.send('POST', `/v1/sessions/${sessionId}/retry`)).status).toBe(409);
  });
});
