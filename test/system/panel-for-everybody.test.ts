import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { AxeResults } from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SessionView } from '../../src/payment/session-view.ts';
import { openBrowser, openPage } from '../support/browser.ts';
import { FakeGateway } from '../support/fake-gateway.ts';
import * as sample from '../support/sample-session.ts';

const pages = fileURLToPath(new URL('../../dist/pages/', import.meta.url));
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const screens: Readonly<Record<string, SessionView | null>> = {
  'a call without a payment': null,
  'an empty form': sample.newSession,
  'an entry in progress': sample.lockedSession,
  'a failed entry': {
    ...sample.filledSession,
    fields: { pan: { ...sample.emptyField, state: 'failed', reason: 'too-short' }, cvc: sample.emptyField },
  },
  'all there': sample.readySession,
  'a surcharge': sample.surchargeSession,
  success: sample.succeededSession,
  'a decline': sample.declinedSession,
  'a payment that was not sent': {
    ...sample.declinedSession,
    payments: [{ ...sample.samplePayment, state: 'not-sent' }],
  },
  'an unknown outcome': sample.unknownSession,
};
const languages = ['en', 'ja'] as const;
const schemes = ['light', 'dark'] as const;

let browser: Browser;
let gateway: FakeGateway;

beforeAll(async () => {
  browser = await openBrowser();
  gateway = await FakeGateway.start(pages);
});
afterAll(async () => {
  await browser.close();
  await gateway.stop();
});

async function open(language: string, options: object, path = '/panel/') {
  gateway.calls = [sample.sampleCall];
  gateway.sessions = [sample.newSession];
  gateway.demo = { customer: { state: 'talking' }, agent: { name: '1001', ear: 'silence', eventPackets: 0 } };
  // The checker is a script of the test's own, which the pages' policy would rightly stop.
  const watched = await openPage(browser, { bypassCSP: true, reducedMotion: 'reduce', ...options });
  await watched.page.goto(`${gateway.origin}${path}?lang=${language}`);
  await watched.page.locator('tonelock-panel fieldset').waitFor();
  return watched.page;
}

/** Shows one screen after the other on an open page. */
async function eachScreen(page: Page, look: (name: string) => Promise<void>): Promise<void> {
  const shown = page.locator('tonelock-panel .panel');
  for (const [name, session] of Object.entries(screens)) {
    const before = await shown.innerHTML();
    if (session === null) gateway.send('session.closed', { session: sample.newSession, by: '1001' });
    else gateway.send('session.opened', { session, by: '1001' });
    if (name !== 'an empty form') await expect.poll(() => shown.innerHTML(), { timeout: 10_000 }).not.toBe(before);
    await look(name);
  }
}

/** The history unfolded, and each step of giving back, with the longest lines that stand in it. */
async function eachStepOfGivingBack(page: Page, look: (name: string) => Promise<void>): Promise<void> {
  const refund = { at: '2026-03-01T10:05:00Z', agent: '1001', kind: 'refund', reference: null } as const;
  gateway.mayGiveBack = ['refunds', 'void'];
  gateway.panel = { ...gateway.panel, searchField: 'customerId' };
  const paid = { ...sample.paidTransaction, amount: 1_255_000, reference: 'SIM-7F3K-20461' };
  const given = { ...refund, id: 'r', amount: 125_000, outcome: 'requested' } as const;
  gateway.transactions = [
    { ...paid, refunds: [given] },
    { ...paid, id: 'u' },
  ];
  await page.locator('footer button[aria-expanded]').click();
  await page.locator('.history .given').waitFor();
  await look('the history');
  await page.locator('#refunds-t').click();
  await page.locator('#giving').waitFor();
  await look('an amount to give back');
  await page.locator('#giving').fill('99999999');
  await look('too much to give back');
  await page.locator('#giving').fill('10');
  await page.locator('form.amount button.primary').click();
  await page.locator('.giving.question').waitFor();
  await look('the question before it is given back');
  gateway.answers.set('POST /v1/transactions/t/refunds', () => ({ status: 409, code: 'do-not-resubmit' }));
  await page.locator('.giving.question button.danger').click();
  await page.locator('.said').waitFor();
  await look('what came of it');
  await page.locator('#find').click();
  await look('a search among all payments');
  gateway.findable.set('', [{ ...paid, merchantReference: 'ORDER-2026-000471', refunds: [given] }]);
  await page.locator('#finding').press('Enter');
  await page.locator('.found').waitFor();
  await look('what was found');
  await page.locator('#finding').fill('4111111111111111');
  await page.locator('#finding').press('Enter');
  await look('a card number in the search');
  await page.locator('footer button[aria-expanded]').click();
}

/** What is left to say when a call ended, with all that may stand in it. */
async function theLastWords(page: Page, look: (name: string) => Promise<void>): Promise<void> {
  const cutOff = { ...sample.emptyField, state: 'failed', reason: 'caller-hung-up' } as const;
  const states = ['succeeded', 'unknown', 'authorising'] as const;
  const payments = states.map((state, at) => ({ ...sample.samplePayment, n: at + 1, state, reference: 'SIM-A' }));
  const fields = { pan: cutOff, cvc: sample.emptyField };
  gateway.send('session.opened', { session: sample.lockedSession, by: '1001' });
  await page.locator('[part=locked]').waitFor();
  const session = { ...sample.lockedSession, state: 'closed', locked: false, fields, payments };
  gateway.send('session.closed', { session, by: 'caller' });
  await page.locator('[part=afterword]').waitFor();
  await page.locator('.word summary').click();
  await look('the last words, with what the provider says of it');
}

async function violations(page: Page): Promise<string[]> {
  const results = await page.evaluate(async () => {
    const checker = (globalThis as unknown as { axe: { run(context: unknown, options: unknown): Promise<AxeResults> } })
      .axe;
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
    return checker.run(document, { runOnly: { type: 'tag', values: tags } });
  });
  return results.violations.map(
    ({ id, nodes }) =>
      `${id}: ${nodes.map((node) => `${node.target.join(' ')} ${node.failureSummary ?? ''}`).join('; ')}`,
  );
}

test.each(languages.flatMap((language) => schemes.map((scheme) => [language, scheme] as const)))(
  'no screen has anything that WCAG 2.2 AA forbids, in %s, %s',
  async (language, colorScheme) => {
    const page = await open(language, { colorScheme });
    await page.evaluate(axe);
    const look = async (name: string) => expect([name, ...(await violations(page))]).toEqual([name]);
    await eachScreen(page, look);
    await eachStepOfGivingBack(page, look);
    await theLastWords(page, look);
    await page.context().close();
  },
);

test('the demo page has nothing that WCAG 2.2 AA forbids either', async () => {
  for (const [language, colorScheme] of [
    ['en', 'light'],
    ['ja', 'dark'],
  ] as const) {
    const page = await open(language, { colorScheme }, '/demo/');
    await page.evaluate(axe);
    expect(await violations(page)).toEqual([]);
    await page.context().close();
  }
});

// 300 px is also what is left of a wide window at 200 % zoom and of a docked panel (WCAG 2.2 §1.4.10 asks for 320 px).
test('nothing is cut off or scrolls sideways at 300 px, in either language', async () => {
  for (const language of languages) {
    const page = await open(language, { viewport: { width: 300, height: 700 } });
    const look = async (name: string) => expect([name, ...(await beyondTheEdge(page))]).toEqual([name]);
    await eachScreen(page, look);
    await eachStepOfGivingBack(page, look);
    await theLastWords(page, look);
    await page.context().close();
  }
});

/** Elements that stand out of the window to the right, and the page itself if it scrolls sideways. */
function beyondTheEdge(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const root = document.querySelector('tonelock-panel')?.shadowRoot;
    const all = [document.documentElement, ...(root?.querySelectorAll('*:not(.silent)') ?? [])];
    const out = (element: Element): boolean => element.getBoundingClientRect().right > window.innerWidth;
    return all
      .filter((element) => out(element) || element.scrollWidth > window.innerWidth)
      .map((element) => element.outerHTML);
  });
}

test('who asks for reduced motion sees none', async () => {
  const page = await open('en', {});
  gateway.send('session.opened', { session: sample.lockedSession, by: '1001' });
  await page.getByText('Call locked').filter({ visible: true }).waitFor();
  const moving = await page.evaluate(() => document.getAnimations().length);
  expect(moving).toBe(0);
  await page.context().close();
});
