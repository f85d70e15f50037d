import { expect, test } from 'vitest';
import { type PanelDesk, visa } from './panel-desk.ts';

/** A provider that answers late is waited for; one that does not, not for long. */
export const impatient = { payments: { psps: [{ id: 'simulator', timeoutSeconds: 8 }] } };

/** Payments that do not go through, or not at once, by an agent of one language on real calls. */
export function panelSetbacks(desk: PanelDesk): void {
  declines(desk);
  doubts(desk);
  farewells(desk);
  deaths(desk);
}

function declines(desk: PanelDesk): void {
  test('is declined, goes back to the details and pays after all (P-76…P-79)', async () => {
    const { m } = desk;
    const hands = await desk.open('10.02');
    await desk.submit(hands);
    await hands.heading(m.declined);
    await hands.seen('The bank declined');
    await hands.press(m.retry);
    await hands.fill(desk.labels.amount, '1000');
    await desk.take(hands, 'cvc', '737');
    await hands.press(m.authorise);
    await hands.heading(m.succeeded);
  });

  test('is not offered to retry a stolen card, and starts anew (P-78, P-67)', async () => {
    const { m } = desk;
    const hands = await desk.open('10.03');
    await desk.submit(hands);
    await hands.seen('The card is reported stolen');
    expect(await hands.button(m.retry).count()).toBe(0);
    await hands.press(m.newPayment);
    await hands.page.locator('#pan.empty').waitFor();
  });

  test('says that a code could not be verified (P-77)', async () => {
    const hands = await desk.open('1000');
    await desk.submit(hands, visa, '999');
    await hands.heading(desk.m.notVerified);
  });
}

function doubts(desk: PanelDesk): void {
  test('cannot resubmit what is unknown, asks about it in vain, and writes down what the provider says by telephone (P-80…P-82)', async () => {
    const { m, annex } = desk;
    const hands = await desk.open('10.07');
    await desk.submit(hands);
    await hands.seen(m.unknownText);
    for (const name of [m.authorise, m.retry, m.acceptSurcharge]) expect(await hands.button(name).count()).toBe(0);
    await hands.press(m.enquiry);
    await hands.seen(m.enquiryStill);
    await hands.page.reload();
    await hands.seen(m.unknownText);
    await hands.page.getByText(annex.wordAsk).click();
    await hands.page.getByLabel(annex.wordPaid, { exact: true }).check();
    await hands.input(m.reference).fill('BY-TELEPHONE-1');
    await hands.press(annex.wordRecord);
    await hands.heading(m.succeeded);
    await hands.seen('BY-TELEPHONE-1');
    const { body } = await desk.call.api.transactions(desk.call.id);
    expect(body.transactions).toMatchObject([{ outcome: 'succeeded', reference: 'BY-TELEPHONE-1' }]);
  });

  test('sees an unknown payment turn out as paid when an enquiry finds it, without a click (P-82)', async () => {
    const { m } = desk;
    const hands = await desk.open('10.09');
    await desk.submit(hands);
    await hands.heading(m.succeeded);
    await hands.seen(m.summary);
  });

  test('cancels while the customer keys; the lock ends and nothing is kept (P-84)', async () => {
    const { m } = desk;
    const hands = await desk.open('1000');
    await desk.lock(hands, 'pan');
    await desk.call.key('4111');
    await hands.page.locator('#pan .stars').waitFor();
    await hands.press(m.cancelPayment);
    await hands.heading(m.cancelled);
    await hands.press(m.newPayment);
    await hands.page.locator('#pan.empty').waitFor();
  });

  test('cancels a payment that is at the provider already, which is given back there (P-84, O-6)', async () => {
    const { m } = desk;
    const hands = await desk.open('10.06');
    await desk.submit(hands);
    await hands.heading(m.authorising);
    await hands.press(m.cancelPayment);
    await hands.heading(m.cancelled);
    const { body } = await desk.call.api.transactions(desk.call.id);
    expect(body.transactions).toMatchObject([{ amount: 1006, outcome: 'cancelled' }]);
  });
}

function farewells(desk: PanelDesk): void {
  test('is told why an entry broke off when the customer hangs up, although the call is gone (O-10)', async () => {
    const { m } = desk;
    const hands = await desk.open('1000');
    await desk.lock(hands, 'pan');
    await desk.call.key('4111');
    await desk.call.hangUp();
    await hands.seen(m.failures['caller-hung-up'][0] ?? '');
    await hands.seen(m.noCall);
    await hands.press(desk.annex.putAway);
    expect(await hands.button(desk.annex.putAway).count()).toBe(0);
  });

  test('still sees the outcome when the customer hangs up before the provider has answered (O-10, P-64)', async () => {
    const { m } = desk;
    const hands = await desk.open('10.06');
    await desk.submit(hands);
    await hands.heading(m.authorising);
    await desk.call.hangUp();
    await hands.seen(desk.annex.answerComes);
    await hands.page.reload();
    await hands.seen(desk.annex.answerComes);
    await hands.seen(m.paymentStates.succeeded);
    const { body } = await desk.call.api.transactions(desk.call.id);
    await hands.seen(body.transactions[0].reference);
  });

  test('under a CRM’s control is offered neither Retry nor a new payment (P-85…P-87)', async () => {
    const { m } = desk;
    const sessionId = await desk.call.api.openSession(desk.call.id, {
      control: 'crm',
      details: { type: 'charge', currency: 'EUR', amount: 1002, cardholder: 'A. Sample', expiry: '12/30' },
    });
    const hands = await desk.look();
    await desk.submit(hands);
    await hands.seen(m.crmControl);
    for (const name of [m.retry, m.newPayment]) expect(await hands.button(name).count()).toBe(0);
    for (const command of ['retry', 'new-payment'])
      expect((await desk.call.api.send('POST', `/v1/sessions/${sessionId}/${command}`)).status).toBe(409);
  });
}

/** The gateway dies under the panel and is started again: it knows no session then, and no call. */
function deaths(desk: PanelDesk): void {
  const killed = async (): Promise<void> => {
    desk.job.gateway.signal('SIGKILL');
    await desk.job.restartGateway();
  };

  test('is told not to resubmit what was at the provider when the gateway died (P-80, O-10)', async () => {
    const { m, annex } = desk;
    const hands = await desk.open('10.06');
    await desk.submit(hands);
    await hands.heading(m.authorising);
    await killed();
    await hands.seen(annex.afterword);
    await hands.seen(m.unknownText);
    await hands.seen(m.noCall);
  });

  test('is told that an entry broke off when the gateway died (O-10)', async () => {
    const { m } = desk;
    const hands = await desk.open('1000');
    await desk.lock(hands, 'pan');
    await desk.call.key('4111');
    await hands.page.locator('#pan .stars').waitFor();
    await killed();
    await hands.seen(m.failures['media-lost'][0] ?? '');
    await hands.seen(m.noCall);
  });
}
