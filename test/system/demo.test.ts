import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loudness } from '../../src/demo/voice.ts';
import { openBrowser, openPage } from '../support/browser.ts';
import { freeSipPort } from '../support/free-ports.ts';
import { GatewayProcess } from '../support/gateway-process.ts';

let browser: Browser;
let gateway: GatewayProcess;

beforeAll(async () => {
  const [agentPort, customer, agent] = [await freeSipPort(), await freeSipPort(), await freeSipPort()];
  const demo = { enabled: true, customer: `127.0.0.1:${customer}`, agent: `127.0.0.1:${agent}` };
  gateway = await GatewayProcess.start({ agentPort, settings: { demo } });
  browser = await openBrowser();
});
afterAll(async () => {
  await browser?.close();
  await gateway?.stop();
});

test('from the first click on the demo page to a finished payment in under a minute, over real SIP and RTP', async () => {
  const { page, complaints } = await openPage(browser, { viewport: { width: 1280, height: 1000 } });
  const button = (name: string) => page.getByRole('button', { name, exact: true });
  const begun = performance.now();
  await page.goto(`${gateway.http}/demo/?lang=en`);
  await button('Call the agent').click();
  await button('Listen in').click();
  await button('Stop listening').waitFor();
  await button('Open payment').click();
  const request = () => button('Request card number').boundingBox();
  await page.getByLabel('Transaction type').selectOption('charge');
  await page.getByLabel('Amount', { exact: true }).fill('4200');
  await page.getByLabel('Cardholder name').fill('A. Sample');
  // The server has all that was typed, and the last detail alone is left.
  await expect.poll(() => page.locator('#needed li').count()).toBe(3);
  const place = await request();
  await page.getByLabel('Expiry date').fill('12/30');
  await page.locator('[aria-current=step]', { hasText: 'Card number' }).waitFor();
  // What changes above while the agent aims at a button must not move it away.
  expect(await request()).toEqual(place);
  await button('Request card number').click();
  await page.getByText('Call locked', { exact: true }).waitFor();
  await expect.poll(() => page.locator('#strip-ear').textContent(), { timeout: 10_000 }).toBe('silence');
  const { sound } = (await (await fetch(`${gateway.http}/v1/demo/agent/ear/0`)).json()) as { sound: string };
  const heard = [...Buffer.from(sound, 'base64')].slice(-1600).map(loudness);
  expect(heard.length).toBe(1600);
  expect(Math.max(...heard)).toBeLessThan(60);
  await button('Key a test card for me').click();
  await page.getByText('ends in 1111').waitFor();
  expect(await page.locator('#strip-customer').textContent()).toBe('4111111111111111');
  expect(await page.locator('#strip-agent').textContent()).toContain('****************');
  await page.getByText('Call locked', { exact: true }).waitFor({ state: 'detached' });
  await expect.poll(() => page.locator('#strip-ear').textContent(), { timeout: 10_000 }).toMatch(/voice/);
  expect(await page.locator('#strip-packets').textContent()).toMatch(/: 0$/);
  await button('Request security code').click();
  await page.getByText('Call locked', { exact: true }).waitFor();
  await page.getByLabel('Keys travel as').selectOption('tones');
  await page.locator('#keypad').getByText('1', { exact: true }).click();
  for (const key of '23') await page.keyboard.press(key);
  await expect.poll(() => button('Authorise').isEnabled(), { timeout: 15_000 }).toBe(true);
  await button('Authorise').click();
  await page.getByRole('heading', { name: 'Payment successful' }).waitFor();
  expect(performance.now() - begun).toBeLessThan(60_000);
  const panel = await page.locator('tonelock-panel').evaluate((element) => element.shadowRoot?.textContent ?? '');
  expect(panel).not.toContain('4111');
  await button('Hang up').click();
  await page.getByText('Ready to call').waitFor();
  expect(complaints).toEqual([]);
  await page.context().close();
});
