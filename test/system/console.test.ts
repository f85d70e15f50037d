import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openBrowser, openPage } from '../support/browser.ts';
import { orderDetails } from '../support/live-call.ts';
import { MainJob } from '../support/main-job.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const waits = { timeout: 20_000 };

let browser: Browser;
let job: MainJob;

beforeAll(async () => {
  [browser, job] = await Promise.all([openBrowser(), MainJob.start()]);
});
afterAll(async () => {
  await browser?.close();
  await job?.stop();
});

const tile = (page: Page, name: string) => page.locator('#tiles li', { hasText: name }).locator('strong');

async function violations(page: Page): Promise<string[]> {
  const results = await page.evaluate(() => {
    const { axe: checker } = globalThis as unknown as {
      axe: { run(on: unknown, how: unknown): Promise<AxeResults> };
    };
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
    return checker.run(document, { runOnly: { type: 'tag', values: tags } });
  });
  return results.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
}

test('a token without the permission sees nothing of it; a good one is asked for, kept in memory only, and drains only if it may', async () => {
  const { page } = await openPage(browser);
  // The page begins with the token that simulated tokens have for it; here it is one that may not.
  await page.route('**/v1/console', (route) =>
    route.fulfill({ status: 403, contentType: 'application/problem+json', body: '{"code":"forbidden"}' }),
  );
  await page.goto(`${job.gateway.http}/console/?lang=en`);
  await page.getByLabel('An operator’s token').waitFor();
  await page.unroute('**/v1/console');
  const signIn = async (token: string): Promise<void> => {
    await page.getByLabel('An operator’s token').fill(token);
    await page.getByRole('button', { name: 'Sign in' }).click();
  };
  await signIn('agent-1001~calls.read+payments.take');
  await page.getByText('This token may not read the console.').waitFor();
  expect(await page.locator('#board').isHidden()).toBe(true);
  await signIn('agent-ops~console.read');
  await page.locator('#tiles li').first().waitFor();
  expect(await page.getByRole('button', { name: 'Drain' }).isHidden()).toBe(true);
  const drain = await fetch(`${job.gateway.http}/v1/drain`, {
    method: 'POST',
    headers: { authorization: 'Bearer agent-ops~console.read' },
  });
  expect(drain.status).toBe(403);
  expect(await page.evaluate(() => [localStorage.length, sessionStorage.length, document.cookie])).toEqual([0, 0, '']);
  await page.context().close();
});

test.each([
  ['en', 'light'],
  ['ja', 'dark'],
] as const)(
  'the page has nothing that WCAG 2.2 AA forbids, in %s, %s, and fits in 320 px',
  async (language, colorScheme) => {
    const { page } = await openPage(browser, { bypassCSP: true, colorScheme, viewport: { width: 320, height: 800 } });
    await page.goto(`${job.gateway.http}/console/?lang=${language}`);
    await page.locator('#tiles li').first().waitFor();
    await page.evaluate(axe);
    expect(await violations(page)).toEqual([]);
    await page.locator('#drain').click();
    await page.locator('#question').waitFor();
    expect(await violations(page)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320);
    await page.context().close();
  },
);

// The last: a gateway that drains takes no calls any more.
test('the operator sees calls, captures, outcomes, the provider, media and leaks of a real payment, and drains', async () => {
  const { page, complaints } = await openPage(browser, { viewport: { width: 1280, height: 1000 } });
  await page.goto(`${job.gateway.http}/console/?lang=en`);
  await page.getByText('Ready for calls').waitFor();
  await expect.poll(() => tile(page, 'Live calls').textContent(), waits).toBe('0');
  const call = await job.inbound('4001');
  await call.open(orderDetails);
  await call.lock('pan');
  await expect.poll(() => tile(page, 'Secured calls').textContent(), waits).toBe('1');
  await call.key('4111111111111111');
  await call.ending('pan');
  await call.take('cvc', '737');
  await call.authorise();
  await expect.poll(() => page.getByRole('row', { name: 'Card number completed 1' }).count(), waits).toBe(1);
  await expect.poll(() => page.getByRole('row', { name: 'succeeded 1' }).count(), waits).toBeGreaterThan(0);
  await expect.poll(() => page.getByRole('row', { name: /^simulator/ }).count(), waits).toBe(1);
  await call.hangUp();
  await expect.poll(() => page.getByRole('row', { name: /^customer [1-9]/ }).count(), waits).toBe(1);
  await expect.poll(() => tile(page, 'Live calls').textContent(), waits).toBe('0');
  expect(await tile(page, 'Leaks').textContent()).toBe('0');
  expect(await page.locator('canvas').count()).toBe(4);
  expect(await page.evaluate(() => document.body.textContent)).not.toMatch(/4111|737/);
  await page.getByRole('button', { name: 'Drain' }).click();
  await page.getByRole('button', { name: 'Go on' }).click();
  await page.getByText('Ready for calls').waitFor();
  await page.getByRole('button', { name: 'Drain' }).click();
  await page.getByRole('button', { name: 'Take no new calls' }).click();
  await page.getByText('Draining: no new calls').waitFor();
  expect((await fetch(`${job.gateway.http}/readyz`)).status).toBe(503);
  expect(complaints).toEqual([]);
  await page.context().close();
});
