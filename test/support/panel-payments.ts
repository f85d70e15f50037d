import { expect, test } from 'vitest';
import { formatMoney } from '../../src/panel/money.ts';
import type { Transaction } from '../../src/payment/transaction.ts';
import { type PanelDesk, visa } from './panel-desk.ts';
import type { PanelHands, Tool } from './panel-hands.ts';

/** Payments that go through, by an agent of one language on real calls. */
export function panelPayments(desk: PanelDesk): void {
  test.each(['mouse', 'keyboard'] as const)('takes a whole payment by %s (P-06…P-65, S-02)', (tool) =>
    wholePayment(desk, tool),
  );

  test('makes a token with another provider, which can be copied and is no payment (P-15…P-23, P-33, P-65)', () =>
    token(desk));

  test('gets consent to a surcharge before it is charged (P-60, P-61)', async () => {
    const hands = await desk.open('10.05');
    await desk.submit(hands);
    await hands.seen(desk.m.surchargeAsk);
    expect(await paid(desk)).toEqual([]);
    await hands.press(desk.m.acceptSurcharge);
    await hands.heading(desk.m.succeeded);
    expect(await paid(desk)).toMatchObject([{ outcome: 'succeeded', amount: 1025 }]);
  });

  test('takes two payments with one card (P-34…P-37)', async () => {
    const hands = await desk.open('30.00');
    await hands.press(`+ ${desk.m.addPayment}`);
    await hands.page.locator('#add-type').selectOption('authorise');
    await hands.page.locator('#add-amount').fill('20.00');
    await hands.press(desk.annex.add);
    await hands.seen(desk.m.total);
    await desk.submit(hands);
    await hands.heading(desk.m.succeeded);
    expect((await paid(desk)).map(({ type }) => type).sort()).toEqual(['authorise', 'charge']);
  });

  test('splits a bill over two cards with a running balance (P-05, P-38, P-67, P-68)', () => splitBill(desk));

  test('hands the call over, and the colleague sees on the panel what was paid in it (P-70, P-71)', () =>
    handOver(desk));

  test('with the right to it gives back a part, sees it in the history and in what is paid, and voids another as a whole (S-07)', () =>
    giveBack(desk));
}

async function paid(desk: PanelDesk): Promise<Transaction[]> {
  return (await desk.call.api.transactions(desk.call.id)).body.transactions;
}

async function wholePayment(desk: PanelDesk, tool: Tool): Promise<void> {
  const { m } = desk;
  const hands = await desk.open('4200', tool);
  await desk.submit(hands);
  await hands.heading(m.succeeded);
  await hands.seen(m.summary);
  expect(await shownBy(hands)).not.toContain(visa.slice(0, 6));
  const payments = await paid(desk);
  expect(payments).toMatchObject([{ outcome: 'succeeded', lastFour: '1111' }]);
  await hands.seen(payments[0]?.reference ?? '');
  await hands.press(m.close);
  await hands.seen(m.openPayment);
}

async function token(desk: PanelDesk): Promise<void> {
  const { m } = desk;
  const hands = await desk.look();
  await hands.press(m.openPayment);
  await hands.press(m.pspChange);
  await hands.choose(desk.annex.pspChoose, 'simulator-token');
  await hands.seen(desk.annex.pspOnce);
  expect(await hands.input(desk.labels.amount).count()).toBe(1);
  await hands.press(desk.annex.pspCommit);
  await hands.seen(m.tokeniseNote);
  await hands.seen(m.pspSpent);
  expect(await hands.input(desk.labels.amount).count()).toBe(0);
  expect(await hands.button(`+ ${m.addPayment}`).count()).toBe(0);
  await hands.fill(desk.labels.cardholder, 'A. Sample');
  await hands.fill(desk.labels.expiry, '12/30');
  await desk.submit(hands);
  await hands.heading(m.tokenised);
  const [made] = await paid(desk);
  expect(made).toMatchObject({ type: 'tokenise', amount: null, outcome: 'succeeded' });
  await hands.seen(m.token);
  await hands.page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await hands.press(m.copy);
  await hands.seen(m.copied);
  expect(await hands.page.evaluate(() => navigator.clipboard.readText())).toBe(made?.reference);
}

async function splitBill(desk: PanelDesk): Promise<void> {
  const { m } = desk;
  const hands = await desk.open('30.00');
  await hands.press(m.splitBill);
  await hands.fill(m.fieldNames['billTotal'] ?? '', '50.00');
  await desk.submit(hands);
  await hands.heading(m.succeeded);
  await hands.seen(m.billDue);
  await hands.press(m.newPayment);
  await hands.seen(m.billDue);
  await desk.details(hands, '1');
  await hands.press(m.takeRest);
  await expect.poll(() => hands.input(desk.labels.amount).inputValue()).toMatch(/^20[.]00$/);
  await desk.submit(hands, '5555555555554444');
  await hands.heading(m.succeeded);
  const { body } = await desk.call.api.session((await desk.call.api.calls()).body.calls[0].sessionId);
  expect(body.bill).toMatchObject({ due: 0, unknown: 0 });
  expect(body.bill.paid).toBe(body.bill.total);
}

async function handOver(desk: PanelDesk): Promise<void> {
  const { m, call } = desk;
  const hands = await desk.open('4200');
  await desk.submit(hands);
  await hands.heading(m.succeeded);
  await hands.press(m.close);
  await hands.seen(m.openPayment);
  const colleague = `9${desk.agent}`;
  const arriving = desk.job.agents.arrivalFor(colleague);
  await call.agent.request('REFER', { headers: [['Refer-To', `<sip:${colleague}@127.0.0.1>`]] });
  await (await arriving).answered;
  await hands.seen(m.noCall);
  const theirs = await desk.look(desk.tool, colleague);
  await theirs.press(m.history);
  const [payment] = (await desk.job.api(colleague).transactions(call.id)).body.transactions;
  await theirs.seen(payment.reference);
  await theirs.seen(desk.annex.paidSoFar);
}

async function giveBack(desk: PanelDesk): Promise<void> {
  const { m, annex: t } = desk;
  const money = (minor: number): string => formatMoney(minor, 'EUR', desk.language);
  const ways = (way: 'refunds' | 'void', minor: number): string => t.ofPayment(t.ways[way], money(minor));
  const hands = await desk.open('42.00');
  await desk.submit(hands);
  await hands.heading(m.succeeded);
  await hands.press(m.history);
  await hands.press(ways('refunds', 4200));
  await hands.fill(t.amountBack, '43');
  await hands.seen(t.amountTooMuch(money(4200)));
  await hands.fill(t.amountBack, '12.50');
  await hands.press(t.next);
  await hands.seen(t.sure.refunds(money(1250)));
  expect((await paid(desk))[0]?.refunds).toBeUndefined();
  await hands.press(t.yes.refunds(money(1250)));
  await hands.seen(t.answers.refunded);
  await hands.seen(money(-1250));
  await hands.seen(money(2950));
  expect(await hands.button(ways('void', 4200)).count()).toBe(0);
  await hands.press(m.newPayment);
  await desk.details(hands, '30.00');
  await desk.submit(hands);
  await hands.heading(m.succeeded);
  await hands.press(ways('void', 3000));
  await hands.press(t.no);
  await hands.press(ways('void', 3000));
  await hands.press(t.yes.void(money(3000)));
  await hands.seen(t.answers.voided);
  const given = (await paid(desk)).flatMap(({ refunds }) => refunds ?? []);
  expect(given.sort((a, b) => a.amount - b.amount)).toMatchObject([
    { kind: 'refund', amount: 1250, outcome: 'refunded' },
    { kind: 'void', amount: 3000, outcome: 'refunded' },
  ]);
}

/** The whole document of the panel, its shadow tree included. */
export function shownBy(hands: PanelHands): Promise<string> {
  return hands.page.locator('tonelock-panel').evaluate((panel) => panel.shadowRoot?.innerHTML ?? '');
}
