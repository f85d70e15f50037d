import { copyFileSync, cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openBrowser, openPage } from '../support/browser.ts';
import type { LiveCall } from '../support/live-call.ts';
import { MainJob } from '../support/main-job.ts';
import { PageServer } from '../support/page-server.ts';

const waits = { timeout: 20_000 };
const recipe = (name: string): string => fileURLToPath(new URL(`../../recipes/${name}/`, import.meta.url));
const [plainPage, ownPage] = [recipe('plain-page'), recipe('own-page')];

let browser: Browser;
let desk: PageServer;
let stranger: PageServer;
let own: PageServer;
let dynamics: PageServer;
let workspace: string;
let job: MainJob;

beforeAll(async () => {
  workspace = workspaceFolder();
  [browser, desk, stranger, own, dynamics] = await Promise.all([
    openBrowser(),
    PageServer.start(plainPage),
    PageServer.start(plainPage),
    PageServer.start(ownPage),
    PageServer.start(`${workspace}/`),
  ]);
  const sayings = { en: { sayOpen: 'As the house says it.' } };
  job = await MainJob.start({
    settings: {
      http: { frameAncestors: [desk.origin, dynamics.origin], allowedOrigins: [own.origin] },
      panel: { sayings },
    },
  });
});
afterAll(async () => {
  await browser?.close();
  await Promise.all([desk?.stop(), stranger?.stop(), own?.stop(), dynamics?.stop(), job?.stop()]);
  rmSync(workspace, { recursive: true, force: true });
});

async function ticketFor(call: LiveCall): Promise<{ ticket: string; url: string }> {
  const agent = call.api.token.replace('agent-', '');
  const { body } = await job
    .api('crm~crm.control')
    .expect(201, 'POST', `/v1/tickets?agent=${agent}`, { callId: call.id });
  return body;
}

/** The pane and what it imports, as web resources of one origin, within a page around them. */
function workspaceFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tonelock-workspace-'));
  cpSync(recipe('dynamics'), join(folder, 'pane'), { recursive: true });
  copyFileSync(join(plainPage, 'tonelock-frame.js'), join(folder, 'pane', 'tonelock-frame.js'));
  writeFileSync(join(folder, 'ClientGlobalContext.js.aspx'), '');
  const frame = '<iframe src="/pane/tonelock-pane.html" style="width:420px;height:900px"></iframe>';
  writeFileSync(join(folder, 'index.html'), `<!doctype html>${frame}`);
  return folder;
}

const addressOf = (page: PageServer, ticket: string): string =>
  `${page.origin}/#gateway=${encodeURIComponent(job.gateway.http)}&ticket=${ticket}`;

test('the plain page of the recipes opens, fills in, hides, shows and closes the panel in its frame, and hears what happens', async () => {
  const call = await job.inbound('3001');
  const { page, complaints } = await openPage(browser, { viewport: { width: 1100, height: 1000 } });
  const { ticket } = await ticketFor(call);
  await page.goto(addressOf(desk, ticket));
  const panel = page.frameLocator('#panel').locator('tonelock-panel');
  await panel.getByText('Open payment').waitFor();
  await page.getByRole('button', { name: 'Take the payment' }).click();
  await panel.locator('fieldset.details').waitFor();
  await expect.poll(() => panel.getByLabel(/^\s*Cardholder name/).inputValue(), waits).toBe('A. Sample');
  await page.getByRole('button', { name: 'Hide the panel' }).click();
  await panel.getByText('Panel hidden').waitFor();
  await page.getByRole('button', { name: 'Show the panel' }).click();
  await panel.getByLabel('Currency').selectOption('EUR');
  await panel.getByLabel('Expiry date').fill('12/30');
  await panel.getByRole('button', { name: 'Request card number', exact: true }).click();
  await panel.locator('[part=locked]').waitFor();
  await call.key('4111111111111111');
  await page.getByText('The customer is keying: ****').waitFor();
  await panel.locator('#pan.complete').waitFor();
  await panel.getByRole('button', { name: 'Request security code', exact: true }).click();
  await panel.locator('[part=locked]').waitFor();
  await call.key('737');
  await panel.getByRole('button', { name: 'Authorise', exact: true }).click();
  await page.getByText(/^paid, reference \S+/).waitFor();
  await page.getByRole('button', { name: 'Close the payment' }).click();
  await panel.getByText('Open payment').waitFor();
  await page.getByRole('button', { name: 'Close the payment' }).click();
  await page.getByText('Not done: session-closed').waitFor();
  const words = await page.evaluate(() => document.documentElement.outerHTML);
  expect(words).not.toMatch(/4111|ticket=/);
  expect(complaints).toEqual([]);
  await page.context().close();
  await call.hangUp();
});

test('a page that is not on the list can neither hold the panel in a frame nor talk to it', async () => {
  const call = await job.inbound('3002');
  const { page, complaints } = await openPage(browser);
  const { ticket } = await ticketFor(call);
  await page.goto(addressOf(stranger, ticket));
  await expect.poll(() => complaints.join(), waits).toContain('frame-ancestors');
  expect(await page.frameLocator('#panel').locator('tonelock-panel').count()).toBe(0);
  await page.context().close();
  await call.hangUp();
});

test('a link with a ticket opens the panel once, on its call, and leaves the ticket in no address', async () => {
  const call = await job.inbound('3003');
  const { url } = await ticketFor(call);
  const first = await openPage(browser);
  await first.page.goto(job.gateway.http + url);
  await first.page.getByText('Open payment').waitFor();
  expect(first.page.url()).toBe(`${job.gateway.http}/panel/`);
  await first.page.getByRole('button', { name: 'Open payment' }).click();
  await first.page.locator('tonelock-panel fieldset.details').waitFor();
  const second = await openPage(browser);
  await second.page.goto(job.gateway.http + url);
  await second.page.getByText('You are not signed in for payments').waitFor();
  for (const { page, complaints } of [first, second]) {
    expect(complaints).toEqual([]);
    await page.context().close();
  }
  await call.hangUp();
});

test('the custom element lives in a page of another origin, in its colours and under its own policy, and tells it what happens', async () => {
  const call = await job.inbound('3004');
  const { page, complaints } = await openPage(browser, { viewport: { width: 1100, height: 1000 } });
  const { ticket } = await ticketFor(call);
  await page.goto(addressOf(own, ticket));
  const panel = page.locator('tonelock-panel');
  await panel.getByText('As the house says it.').waitFor();
  await page.getByRole('button', { name: 'Take the payment' }).click();
  await panel.locator('fieldset.details').waitFor();
  await expect.poll(() => panel.getByLabel('Reference number').inputValue(), waits).toBe('ORDER-4711');
  const button = panel.getByRole('button', { name: 'Request card number', exact: true });
  const colour = (): Promise<string> => button.evaluate((element) => getComputedStyle(element).backgroundColor);
  expect(await colour()).toBe('rgb(91, 33, 182)');
  await button.click();
  await panel.locator('[part=locked]').waitFor();
  expect(await panel.locator('[part=locked]').evaluate((one) => getComputedStyle(one).borderStyle)).toBe('dashed');
  await call.key('4111');
  await page.getByText('capture.progress: ****').waitFor();
  await call.hangUp();
  await panel.getByText('The customer hung up.', { exact: true }).waitFor();
  expect(await page.evaluate(() => document.documentElement.outerHTML)).not.toMatch(/4111|ticket=/);
  expect(complaints).toEqual([]);
  await page.context().close();
});

test('the frame fills in what the page knows, but no card number, and knows only its own version', async () => {
  const call = await job.inbound('3005');
  const { page } = await openPage(browser);
  const { ticket } = await ticketFor(call);
  await page.goto(addressOf(desk, ticket));
  const panel = page.frameLocator('#panel').locator('tonelock-panel');
  await panel.getByText('Open payment').waitFor();
  const ask = (order: object): Promise<object> =>
    page.evaluate((message) => {
      const frame = document.querySelector<HTMLIFrameElement>('#panel');
      return new Promise<object>((resolve) => {
        window.addEventListener('message', ({ data }) => data.id === 'asked' && resolve(data), { once: false });
        frame?.contentWindow?.postMessage({ tonelock: 1, id: 'asked', ...message }, new URL(frame.src).origin);
      });
    }, order);
  expect(await ask({ type: 'prefill', details: { amount: 100 } })).toMatchObject({ code: 'session-closed' });
  await ask({ type: 'open' });
  expect(await ask({ type: 'prefill', details: { amount: 4200, reference: 'R-1' } })).toMatchObject({ type: 'done' });
  await expect.poll(() => panel.getByLabel('Reference number').inputValue(), waits).toBe('R-1');
  const card = { reference: '4111 1111 1111 1111' };
  expect(await ask({ type: 'prefill', details: card })).toMatchObject({ type: 'failed', code: 'bad-detail' });
  expect(await panel.getByLabel('Reference number').inputValue()).toBe('R-1');
  expect(await ask({ tonelock: 2, type: 'hello' })).toMatchObject({ type: 'failed', code: 'version', versions: [1] });
  await ask({ type: 'start', sayings: { sayDetails: 'As this page says it.' } });
  await page.context().close();
  await call.hangUp();
});

/** Customer Service workspace as far as the pane asks it: there is no org to run it in. */
async function playXrm(page: Page, gateway: string, ticket: string): Promise<void> {
  await page.addInitScript(
    ([origin, once]) => {
      const values: Record<string, unknown> = { new_amount: 4200, transactioncurrencyid: [{ id: 'yen' }] };
      const entity = {
        attributes: { get: (name: string) => ({ getValue: () => values[name] ?? null }) },
        getPrimaryAttributeValue: () => 'CASE-7',
      };
      const WebApi = {
        retrieveMultipleRecords: async () => ({ entities: [{ defaultvalue: origin }] }),
        retrieveRecord: async () => ({ isocurrencycode: 'JPY' }),
        online: { execute: async () => ({ ok: true, json: async () => ({ Ticket: once }) }) },
      };
      const told: string[] = [];
      const App = { addGlobalNotification: ({ message }: { message: string }) => told.push(message) };
      Object.assign(window, { Xrm: { WebApi, App, Page: { data: { entity } } }, told });
    },
    [gateway, ticket] as const,
  );
}

test('the pane of the Dynamics recipe opens on the next call with the money of the case, and says when it is paid', async () => {
  const { page, complaints } = await openPage(browser, { viewport: { width: 600, height: 1000 } });
  const { body } = await job.api('crm~crm.control').expect(201, 'POST', '/v1/tickets?agent=3006', {});
  await playXrm(page, job.gateway.http, body.ticket);
  await page.goto(`${dynamics.origin}/`);
  const panel = page.frameLocator('iframe').frameLocator('#panel').locator('tonelock-panel');
  await panel.getByText('No call at the moment').waitFor();
  const call = await job.inbound('3006');
  await panel.locator('fieldset.details').waitFor();
  const details = async () => {
    const [{ sessionId }] = (await call.api.calls()).body.calls;
    return (await call.api.session(sessionId)).body.details;
  };
  expect(await details()).toMatchObject({ type: 'charge', amount: 4200, currency: 'JPY', reference: 'CASE-7' });
  await panel.getByLabel(/^\s*Cardholder name/).fill('A. Sample');
  await panel.getByLabel('Expiry date').fill('12/30');
  for (const [button, keys] of [
    ['Request card number', '4111111111111111#'],
    ['Request security code', '737'],
  ] as const) {
    await panel.getByRole('button', { name: button, exact: true }).click();
    await panel.locator('[part=locked]').waitFor();
    await call.key(keys);
    await panel.locator('[part=locked]').waitFor({ state: 'detached' });
  }
  await panel.getByRole('button', { name: 'Authorise', exact: true }).click();
  const told = () => page.evaluate(() => (window as unknown as { told: string[] }).told);
  await expect.poll(told, waits).toEqual([expect.stringMatching(/^Payment taken, reference SIM-/)]);
  expect(complaints).toEqual([]);
  await page.context().close();
  await call.hangUp();
});
