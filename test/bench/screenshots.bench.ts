import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, test } from 'vitest';
import { annexTexts } from '../../src/panel/annex/annex-texts.ts';
import { openBrowser, openPage } from '../support/browser.ts';
import { freeSipPort } from '../support/free-ports.ts';
import { GatewayProcess } from '../support/gateway-process.ts';
import type { LiveCall } from '../support/live-call.ts';
import { MainJob } from '../support/main-job.ts';

/*
 * The pictures of the README, from the real gateway with real calls: `npm run screenshots`. Nothing is posed: each shows a
 * moment of a payment that is taken here and now.
 */
const folder = fileURLToPath(new URL('../../docs/screenshots/', import.meta.url));
const visa = '4111111111111111';

let browser: Browser;
let job: MainJob;
let calls = 0;

beforeAll(async () => {
  mkdirSync(folder, { recursive: true });
  [browser, job] = await Promise.all([openBrowser(), MainJob.start()]);
}, 120_000);
afterAll(async () => {
  await browser?.close();
  await job?.stop();
});

interface Scene {
  readonly call: LiveCall;
  readonly page: Page;
}

/** A call with an open payment, and the panel on it. */
async function scene(lang: string, width: number, theme: 'light' | 'dark', details: object = {}): Promise<Scene> {
  calls += 1;
  const agent = String(5000 + calls);
  const call = await job.inbound(agent);
  const texts = { cardholder: lang === 'ja' ? '山田 花子' : 'A. Sample', reference: 'ORDER-4711' };
  await call.open({ type: 'charge', currency: 'EUR', amount: 12_500, expiry: '12/30', ...texts, ...details });
  const options: BrowserContextOptions = { colorScheme: theme, viewport: { width, height: 600 } };
  const { page } = await openPage(browser, options);
  await page.goto(`${job.gateway.http}/panel/?agent=${agent}&lang=${lang}`);
  await page.locator('tonelock-panel .panel header').waitFor();
  return { call, page };
}

async function shoot({ page }: Pick<Scene, 'page'>, name: string): Promise<void> {
  await page.waitForTimeout(400);
  await page.screenshot({ path: `${folder}${name}.png`, fullPage: true, animations: 'disabled' });
  await page.context().close();
}

async function takeCard({ call }: Scene): Promise<void> {
  await call.take('pan', visa);
  await call.take('cvc', '737');
}

test('a card number that is being keyed', async () => {
  const en = await scene('en', 960, 'light');
  await en.call.lock('pan');
  await en.call.key(visa.slice(0, 9));
  await shoot(en, 'panel-locked');
  const ja = await scene('ja', 420, 'dark');
  await ja.call.take('pan', visa);
  await ja.call.lock('cvc');
  await ja.call.key('7');
  await shoot(ja, 'panel-locked-ja');
});

test('everything taken, in 300 pixels', async () => {
  const ja = await scene('ja', 300, 'light');
  await takeCard(ja);
  await shoot(ja, 'panel-narrow-ja');
});

test('outcomes', async () => {
  const paid = await scene('en', 420, 'dark', { billTotal: 20_000 });
  await takeCard(paid);
  await paid.call.authorise();
  await shoot(paid, 'panel-paid');
  const unknown = await scene('ja', 420, 'light', { amount: 12_511 });
  await takeCard(unknown);
  await unknown.call.authorise();
  await shoot(unknown, 'panel-unknown-ja');
  const declined = await scene('en', 420, 'light', { amount: 12_504 });
  await takeCard(declined);
  await declined.call.authorise();
  await declined.page.locator('.reason').waitFor();
  await shoot(declined, 'panel-declined');
});

test('money that goes back', async () => {
  const ja = await scene('ja', 420, 'dark');
  await takeCard(ja);
  await ja.call.authorise();
  const { page } = ja;
  await page.getByRole('button', { name: 'この通話の取引履歴' }).click();
  await page.getByRole('button', { name: /^返金/ }).click();
  await page.getByLabel(annexTexts.ja.amountBack).fill('25.00');
  await page.getByRole('button', { name: annexTexts.ja.next }).click();
  await page.locator('.giving.question').waitFor();
  await shoot(ja, 'panel-refund-ja');
});

test('the last words of a call that ended too soon', async () => {
  const en = await scene('en', 420, 'light', { amount: 12_506 });
  await takeCard(en);
  await en.call.api.authorise(en.call.sessionId);
  await en.page.getByText('Waiting for the provider').first().waitFor();
  await en.call.hangUp();
  await en.page.locator('[part=afterword] .succeeded').first().waitFor();
  await shoot(en, 'panel-afterword');
});

test('the operator’s page', async () => {
  const { page } = await openPage(browser, { viewport: { width: 1200, height: 800 } });
  await page.goto(`${job.gateway.http}/console/?lang=en`);
  for (const fate of ['pays', 'is declined', 'pays too']) {
    const one = await scene('en', 420, 'light', { amount: fate === 'is declined' ? 12_502 : 12_500 });
    await takeCard(one);
    await one.call.authorise();
    await one.page.context().close();
    if (fate !== 'pays too') await one.call.hangUp();
    else await one.call.lock('keypadTest').catch(() => undefined);
  }
  await page.waitForTimeout(5_000);
  await shoot({ page }, 'console');
});

test('the demo', async () => {
  const [agentPort, customer, agent] = [await freeSipPort(), await freeSipPort(), await freeSipPort()];
  const demo = { enabled: true, customer: `127.0.0.1:${customer}`, agent: `127.0.0.1:${agent}` };
  const gateway = await GatewayProcess.start({ agentPort, settings: { demo } });
  const { page } = await openPage(browser, { viewport: { width: 1180, height: 900 } });
  await page.goto(`${gateway.http}/demo/?lang=en`);
  await page.getByRole('button', { name: 'Call the agent' }).click();
  await page.getByRole('button', { name: 'Open payment' }).click();
  await page.getByLabel('Transaction type').selectOption('charge');
  await page.getByLabel('Currency').selectOption('EUR');
  await page.getByLabel('Amount', { exact: true }).fill('125.00');
  await page.getByLabel('Expiry date').fill('12/30');
  await page.getByRole('button', { name: 'Request card number' }).click();
  await page.getByText('Call locked', { exact: true }).waitFor();
  for (const key of visa.slice(0, 11)) {
    await page.keyboard.press(key);
    await page.waitForTimeout(250);
  }
  await page.waitForTimeout(600);
  await page.evaluate(() => window.scrollTo(0, 0));
  await page.screenshot({ path: `${folder}demo.png` });
  await page.context().close();
  await gateway.stop();
});
