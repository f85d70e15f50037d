import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import { en } from '../../src/panel/messages/en.ts';
import { ja } from '../../src/panel/messages/ja.ts';
import { openBrowser, openPage, type WatchedPage } from './browser.ts';
import type { LiveCall } from './live-call.ts';
import { MainJob } from './main-job.ts';
import { PanelHands, type Tool } from './panel-hands.ts';

export const tables = { en, ja };
export type Language = keyof typeof tables;
export const labels = {
  en: { amount: 'Amount', cardholder: 'Cardholder name', expiry: 'Expiry date' },
  ja: { amount: '取引金額', cardholder: 'カード名義人', expiry: '有効期限' },
};
export const visa = '4111111111111111';

/** Each language once, each tool once. */
export const both = [
  ['en', 'mouse'],
  ['ja', 'keyboard'],
] as const;

/** An agent at the panel in a real browser, on a real call through the real gateway; a call and a page for each test. */
export class PanelDesk {
  #job: MainJob | undefined;
  #browser: Browser | undefined;
  #call: LiveCall | undefined;
  #watched: WatchedPage | undefined;
  #calls = 0;

  /** Call it at the top of a test file: it takes its place among the hooks. */
  constructor() {
    beforeAll(async () => {
      [this.#job, this.#browser] = await Promise.all([MainJob.start(), openBrowser()]);
    });
    afterAll(async () => {
      await this.#browser?.close();
      await this.#job?.stop();
    });
    beforeEach(async () => {
      this.#calls += 1;
      this.#call = await there(this.#job).inbound(this.#agent);
    });
    afterEach(async () => {
      expect(this.#watched?.complaints).toEqual([]);
      await this.#watched?.page.context().close();
      await this.call.caller.bye();
    });
  }

  get call(): LiveCall {
    return there(this.#call);
  }

  get #agent(): string {
    return `20${String(this.#calls).padStart(2, '0')}`;
  }

  /** The panel as it stands on the call of this test. */
  async look(language: Language, tool: Tool): Promise<PanelHands> {
    this.#watched = await openPage(there(this.#browser), { viewport: { width: 1000, height: 1100 } });
    await this.#watched.page.goto(`${there(this.#job).gateway.http}/panel/?agent=${this.#agent}&lang=${language}`);
    return new PanelHands(this.#watched.page, tool);
  }

  /** With a payment open and its details typed. */
  async open(language: Language, tool: Tool, amount: string): Promise<PanelHands> {
    const hands = await this.look(language, tool);
    await hands.press(tables[language].openPayment);
    await this.details(hands, language, amount);
    return hands;
  }

  async details(hands: PanelHands, language: Language, amount: string): Promise<void> {
    const m = tables[language];
    await hands.choose(m.type, 'charge');
    await hands.choose(m.currency, 'EUR');
    await hands.fill(labels[language].amount, amount);
    await hands.fill(labels[language].cardholder, 'A. Sample');
    await hands.fill(labels[language].expiry, '12/30');
  }

  /** Requests a field and lets the customer key it once the panel says that the call is locked. */
  async take(hands: PanelHands, language: Language, field: 'pan' | 'cvc', keys: string): Promise<void> {
    const m = tables[language];
    await hands.press(field === 'pan' ? m.requestPan : m.requestCvc);
    await hands.page.locator('[part=locked]').waitFor();
    await this.call.key(keys);
    await hands.page.locator(`#${field}.complete`).waitFor();
    await hands.page.locator('[part=locked]').waitFor({ state: 'detached' });
  }

  /** From typed details to the press of Authorise. */
  async submit(hands: PanelHands, language: Language, card = visa, code = '737'): Promise<void> {
    await this.take(hands, language, 'pan', card);
    await this.take(hands, language, 'cvc', code);
    await hands.press(tables[language].authorise);
  }
}

function there<T>(part: T | undefined): T {
  if (part === undefined) throw new Error('not begun yet');
  return part;
}
