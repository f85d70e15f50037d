import { describe, expect, test } from 'vitest';
import { annexTexts } from '../../src/panel/annex/annex-texts.ts';
import { en } from '../../src/panel/messages/en.ts';
import { LoopLag } from '../support/loop-lag.ts';
import { both, labels, PanelDesk, tables, visa } from '../support/panel-desk.ts';

const desk = new PanelDesk();

describe('on a real call with real RTP, an agent at the panel', () => {
  test.each([...both, ['en', 'keyboard'], ['ja', 'mouse']] as const)(
    'takes a whole payment in %s by %s (P-06…P-65, S-02)',
    async (language, tool) => {
      const hands = await desk.open(language, tool, '4200');
      await desk.submit(hands, language);
      await hands.heading(tables[language].succeeded);
      const shown = await hands.page.locator('tonelock-panel').evaluate((panel) => panel.shadowRoot?.innerHTML ?? '');
      expect(shown).not.toContain(visa.slice(0, 6));
      const { body } = await desk.call.api.transactions(desk.call.id);
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
      const hands = await desk.open(language, tool, '10.02');
      await desk.submit(hands, language);
      await hands.heading(m.declined);
      await hands.seen('The bank declined');
      await hands.press(m.retry);
      await hands.fill(labels[language].amount, '1000');
      await desk.take(hands, language, 'cvc', '737');
      await hands.press(m.authorise);
      await hands.heading(m.succeeded);
    },
  );

  test.each(both)(
    'is not offered to retry a stolen card, and starts anew, in %s by %s (P-78, P-67)',
    async (language, tool) => {
      const m = tables[language];
      const hands = await desk.open(language, tool, '10.03');
      await desk.submit(hands, language);
      await hands.seen('The card is reported stolen');
      expect(await hands.button(m.retry).count()).toBe(0);
      await hands.press(m.newPayment);
      await hands.page.locator('#pan.empty').waitFor();
    },
  );

  test.each(both)('says that a code could not be verified, in %s by %s (P-77)', async (language, tool) => {
    const hands = await desk.open(language, tool, '1000');
    await desk.submit(hands, language, visa, '999');
    await hands.heading(tables[language].notVerified);
  });

  test.each(both)(
    'gets consent to a surcharge before it is charged, in %s by %s (P-60, P-61)',
    async (language, tool) => {
      const m = tables[language];
      const hands = await desk.open(language, tool, '10.05');
      await desk.submit(hands, language);
      await hands.seen(m.surchargeAsk);
      expect((await desk.call.api.transactions(desk.call.id)).body.transactions).toEqual([]);
      await hands.press(m.acceptSurcharge);
      await hands.heading(m.succeeded);
      expect((await desk.call.api.transactions(desk.call.id)).body.transactions).toMatchObject([
        { outcome: 'succeeded' },
      ]);
    },
  );

  test.each(both)(
    'finds an unknown payment paid by an enquiry, and cannot resubmit, in %s by %s (P-80…P-83)',
    async (language, tool) => {
      const m = tables[language];
      const hands = await desk.open(language, tool, '10.12');
      await desk.submit(hands, language);
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
      const hands = await desk.open(language, tool, '1000');
      await hands.press(m.requestPan);
      await hands.page.locator('[part=locked]').waitFor();
      await desk.call.key('4111');
      await hands.page.locator('#pan .stars').waitFor();
      await hands.press(m.cancelPayment);
      await hands.heading(m.cancelled);
      await hands.press(m.newPayment);
      await hands.page.locator('#pan.empty').waitFor();
    },
  );

  test.each(both)('takes two payments with one card, in %s by %s (P-34…P-37)', async (language, tool) => {
    const m = tables[language];
    const hands = await desk.open(language, tool, '30.00');
    await hands.press(`+ ${m.addPayment}`);
    await hands.page.locator('#add-type').selectOption('authorise');
    await hands.page.locator('#add-amount').fill('20.00');
    await hands.press(annexTexts[language].add);
    await hands.seen(m.total);
    await desk.submit(hands, language);
    await hands.heading(m.succeeded);
    const { body } = await desk.call.api.transactions(desk.call.id);
    expect(body.transactions.map(({ type }: { type: string }) => type).sort()).toEqual(['authorise', 'charge']);
  });

  test.each(both)(
    'splits a bill over two cards with a running balance, in %s by %s (P-05, P-38, P-67)',
    async (language, tool) => {
      const m = tables[language];
      const hands = await desk.open(language, tool, '30.00');
      await hands.press(m.splitBill);
      await hands.fill(m.fieldNames['billTotal'] ?? '', '50.00');
      await desk.submit(hands, language);
      await hands.heading(m.succeeded);
      await hands.seen(m.billDue);
      await hands.press(m.newPayment);
      await hands.seen(m.billDue);
      await desk.details(hands, language, '1');
      await hands.press(m.takeRest);
      await expect.poll(() => hands.input(labels[language].amount).inputValue()).toMatch(/^20[.]00$/);
      await desk.submit(hands, language, '5555555555554444');
      await hands.heading(m.succeeded);
      const { body } = await desk.call.api.session((await desk.call.api.calls()).body.calls[0].sessionId);
      expect(body.bill).toMatchObject({ due: 0, unknown: 0 });
      expect(body.bill.paid).toBe(body.bill.total);
    },
  );

  test('reloads in the middle of an entry and sees the same lock and the same asterisks at once', async () => {
    const hands = await desk.open('en', 'mouse', '1000');
    await hands.press(en.requestPan);
    await hands.page.locator('[part=locked]').waitFor();
    await desk.call.key('41111111');
    await expect.poll(() => hands.page.locator('#pan .stars').textContent()).toBe('********');
    await hands.page.reload();
    await hands.page.locator('[part=locked]').waitFor();
    expect(await hands.page.locator('#pan .stars').textContent()).toBe('********');
    await desk.call.key('11111111');
    await hands.page.locator('#pan.complete').waitFor();
  });

  test('sees each key within 100 ms of its tone', async () => {
    const hands = await desk.open('en', 'mouse', '1000');
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
      await desk.call.key(key);
    }
    const read = () => hands.page.evaluate(() => (globalThis as unknown as { seen: number[] }).seen);
    await expect.poll(async () => (await read()).length).toBe(pressed.length);
    const delays = (await read()).map((at, n) => at - (pressed[n] ?? 0)).sort((a, b) => a - b);
    expect(delays[6], `milliseconds: ${delays.map(Math.round).join(' ')}`).toBeLessThan(100 + lag.worstMs);
  });

  test('sees a failed entry with its next step, and asks again (P-44…P-46)', async () => {
    const hands = await desk.open('en', 'mouse', '1000');
    await hands.press(en.requestPan);
    await hands.page.locator('[part=locked]').waitFor();
    await desk.call.key('4111#');
    await hands.seen(en.failures['too-short'][1] ?? '');
    await hands.press(en.requestAgain(en.requestPan));
    await hands.page.locator('[part=locked]').waitFor();
    await desk.call.key(visa);
    await hands.page.locator('#pan.complete').waitFor();
  });

  test('under a CRM’s control is offered neither Retry nor a new payment (P-85…P-87)', async () => {
    const sessionId = await desk.call.api.openSession(desk.call.id, {
      control: 'crm',
      details: { type: 'charge', currency: 'EUR', amount: 1002, cardholder: 'A. Sample', expiry: '12/30' },
    });
    const hands = await desk.look('en', 'mouse');
    await desk.submit(hands, 'en');
    await hands.seen(en.crmControl);
    for (const name of [en.retry, en.newPayment]) expect(await hands.button(name).count()).toBe(0);
    expect((await desk.call.api.send('POST', `/v1/sessions/${sessionId}/retry`)).status).toBe(409);
  });
});
