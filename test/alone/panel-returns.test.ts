import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { en } from '../../src/panel/messages/en.ts';
import { openBrowser, openPage } from '../support/browser.ts';
import type { LiveCall } from '../support/live-call.ts';
import { MainJob } from '../support/main-job.ts';
import { visa } from '../support/panel-desk.ts';
import { SilentProxy } from '../support/silent-proxy.ts';

/*
 * Whatever happens to the browser, its network or the gateway, the panel shows the true state within a second of being connected
 * again, without a click, and no lock before that.
 */
const waits = { timeout: 20_000, interval: 10 };
const withinMs = 1_000;
let browser: Browser;
let job: MainJob;

beforeAll(async () => {
  // Nobody keys on while the panel is away, and nobody knows for how long on a busy machine.
  const pan = { firstKeySeconds: 60, interKeySeconds: 60, overallSeconds: 180 };
  [browser, job] = await Promise.all([openBrowser(), MainJob.start({ settings: { capture: { pan } } })]);
});
afterAll(async () => {
  await browser?.close();
  await job?.stop();
});

const lockOf = (page: Page) => page.locator('[part=locked]');
const stars = (page: Page) =>
  expect.poll(
    () =>
      page
        .locator('#pan .stars')
        .textContent()
        .catch(() => null),
    waits,
  );

/** A call with a payment open, its lock in force and eight digits keyed, and the panel on it. */
async function halfKeyed(agent: string, server = job.gateway.http): Promise<{ call: LiveCall; page: Page }> {
  const call = await job.inbound(agent);
  await call.open();
  await call.lock('pan');
  await call.key(visa.slice(0, 8));
  const { page } = await openPage(browser);
  await page.goto(`${server}/panel/?agent=${agent}&lang=en`);
  await stars(page).toBe('*'.repeat(8));
  return { call, page };
}

test('after a reload in the middle of an entry the same lock and the same asterisks are there, and the entry goes on', async () => {
  const { call, page } = await halfKeyed('6001');
  await page.reload();
  await page.locator('tonelock-panel header').waitFor();
  const loaded = performance.now();
  await lockOf(page).waitFor();
  expect(performance.now() - loaded).toBeLessThan(withinMs);
  expect(await page.locator('#pan .stars').textContent()).toBe('*'.repeat(8));
  await call.key(`${visa.slice(8)}#`);
  await page.locator('#pan.complete').waitFor();
  await page.context().close();
  await call.hangUp();
});

test('a second tab shows the same, and what is done in one shows in the other', async () => {
  const { call, page } = await halfKeyed('6002');
  const second = await page.context().newPage();
  await second.goto(page.url());
  await stars(second).toBe('*'.repeat(8));
  await second.getByRole('button', { name: en.stop, exact: true }).click();
  for (const tab of [page, second]) {
    await tab.getByText(en.failures.stopped[1] ?? '', { exact: true }).waitFor();
    expect(await lockOf(tab).count()).toBe(0);
  }
  await page.context().close();
  await call.hangUp();
});

test('a network that only falls silent is noticed: no lock is shown any more, and the truth when it is back', async () => {
  const { hostname: host, port } = new URL(job.gateway.http);
  const network = await SilentProxy.before({ host, port: Number(port) });
  const { call, page } = await halfKeyed('6003', `http://127.0.0.1:${network.port}`);
  network.silent = true;
  await page.getByRole('heading', { name: en.connecting }).waitFor();
  expect(await lockOf(page).count()).toBe(0);
  await call.api.stopCapture(call.sessionId);
  await call.ending('pan');
  network.silent = false;
  await page.locator('.link.live').waitFor();
  const back = performance.now();
  await page.locator('#pan.failed').waitFor();
  expect(await lockOf(page).count()).toBe(0);
  expect(performance.now() - back).toBeLessThan(withinMs);
  await page.context().close();
  await call.hangUp();
  await network.close();
});

test('a payment whose call and outcome fall into a silence of the network is told of when it is back (O-10, P-64)', async () => {
  const { hostname: host, port } = new URL(job.gateway.http);
  const network = await SilentProxy.before({ host, port: Number(port) });
  const { call, page } = await halfKeyed('6005', `http://127.0.0.1:${network.port}`);
  await call.key(`${visa.slice(8)}#`);
  await call.ending('pan');
  await call.take('cvc', '737');
  network.silent = true;
  await page.getByRole('heading', { name: en.connecting }).waitFor();
  const { reference } = await call.authorise();
  await call.hangUp();
  network.silent = false;
  await page.getByText(reference).waitFor();
  await page.getByRole('heading', { name: en.noCall }).waitFor();
  await page.context().close();
  await network.close();
});

test('when the gateway is killed no lock is shown any more, and a new one is found within a second of its start', async () => {
  const { call, page } = await halfKeyed('6004');
  job.gateway.signal('SIGKILL');
  await page.getByRole('heading', { name: en.connecting }).waitFor();
  expect(await lockOf(page).count()).toBe(0);
  await job.restartGateway();
  const ready = performance.now();
  await page.getByRole('heading', { name: en.noCall }).waitFor();
  expect(performance.now() - ready).toBeLessThan(withinMs);
  call.dispose();
  const next = await job.inbound('6004');
  await page.getByRole('button', { name: en.openPayment, exact: true }).waitFor();
  await page.context().close();
  await next.hangUp();
});
