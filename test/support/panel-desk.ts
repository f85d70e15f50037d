import type { Browser, BrowserContextOptions } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import { annexTexts } from '../../src/panel/annex/annex-texts.ts';
import { en } from '../../src/panel/messages/en.ts';
import { ja } from '../../src/panel/messages/ja.ts';
import type { Language } from '../../src/panel/messages/language.ts';
import { leavePage, openBrowser, openPage, type WatchedPage } from './browser.ts';
import type { Settings } from './gateway-process.ts';
import type { LiveCall } from './live-call.ts';
import { MainJob } from './main-job.ts';
import { PanelHands, type Tool } from './panel-hands.ts';

const labels = {
  en: { amount: 'Amount', cardholder: 'Cardholder name', expiry: 'Expiry date' },
  ja: { amount: '取引金額', cardholder: 'カード名義人', expiry: '有効期限' },
};
export const visa = '4111111111111111';

/**
 * An agent of one language at the panel in a real browser, on a real call through the real gateway. Gateway, browser and page are
 * those of the test file; each test has a call of its own, and comes to the page anew.
 */
export class PanelDesk {
  /** A test may have it change. */
  language: Language;
  /** With which this agent works, unless a test says otherwise. */
  readonly tool: Tool;
  #job: MainJob | undefined;
  #browser: Browser | undefined;
  #call: LiveCall | undefined;
  #watched: WatchedPage | undefined;
  #calls = 0;

  /** Call it at the top of a test file: it takes its place among the hooks. */
  constructor(language: Language, tool: Tool, settings: Settings = {}) {
    this.language = language;
    this.tool = tool;
    beforeAll(async () => {
      [this.#job, this.#browser] = await Promise.all([MainJob.start({ settings }), openBrowser()]);
    });
    afterAll(async () => {
      await this.#browser?.close();
      await this.#job?.stop();
    });
    beforeEach(async () => {
      this.#calls += 1;
      this.#call = await this.job.inbound(this.agent);
    });
    afterEach(async () => {
      const complaints = this.#watched === undefined ? [] : await leavePage(this.#watched);
      await this.call.caller.bye();
      expect(complaints).toEqual([]);
    });
  }

  get job(): MainJob {
    return there(this.#job);
  }

  get call(): LiveCall {
    return there(this.#call);
  }

  get agent(): string {
    return `20${String(this.#calls).padStart(2, '0')}`;
  }

  /** What the panel says in this agent's language. */
  get m(): typeof en {
    return this.language === 'en' ? en : ja;
  }

  get annex(): (typeof annexTexts)['en'] {
    return annexTexts[this.language];
  }

  get labels(): (typeof labels)['en'] {
    return labels[this.language];
  }

  /** The panel as it stands on the call of this test, or as another agent has it. */
  async look(tool = this.tool, agent = this.agent): Promise<PanelHands> {
    // To paint sixty pictures a second of a page that waits costs more than all else; panel.test.ts and its like let it move.
    const options: BrowserContextOptions = { viewport: { width: 1000, height: 1100 }, reducedMotion: 'reduce' };
    if (this.#watched === undefined) this.#watched = await openPage(there(this.#browser), options);
    else await leavePage(this.#watched);
    await this.#watched.page.goto(`${this.job.gateway.http}/panel/?agent=${agent}&lang=${this.language}`);
    return new PanelHands(this.#watched.page, tool);
  }

  /** With a payment open and its details typed. */
  async open(amount: string, tool = this.tool): Promise<PanelHands> {
    const hands = await this.look(tool);
    await hands.press(this.m.openPayment);
    await this.details(hands, amount);
    return hands;
  }

  async details(hands: PanelHands, amount: string): Promise<void> {
    await hands.choose(this.m.type, 'charge');
    await hands.choose(this.m.currency, 'EUR');
    await hands.fill(this.labels.amount, amount);
    await hands.fill(this.labels.cardholder, 'A. Sample');
    await hands.fill(this.labels.expiry, '12/30');
  }

  /** Requests a field; resolves when the panel says that the call is locked. */
  async lock(hands: PanelHands, field: 'pan' | 'cvc', button?: string): Promise<void> {
    await hands.press(button ?? (field === 'pan' ? this.m.requestPan : this.m.requestCvc));
    await hands.page
      .locator('[part=locked]')
      .waitFor()
      .catch(async () => {
        throw new Error(`the panel does not say that the call is locked:\n${await hands.shown()}`);
      });
  }

  /** Requests a field and lets the customer key it once the panel says that the call is locked. */
  async take(hands: PanelHands, field: 'pan' | 'cvc', keys: string): Promise<void> {
    await this.lock(hands, field);
    await this.call.key(keys);
    await hands.page.locator(`#${field}.complete`).waitFor();
    await hands.page.locator('[part=locked]').waitFor({ state: 'detached' });
  }

  /** From typed details to the press of Authorise. The customer ends the number by the key that the agent has asked for. */
  async submit(hands: PanelHands, card = visa, code = '737'): Promise<void> {
    await this.take(hands, 'pan', `${card}#`);
    await this.take(hands, 'cvc', code);
    await hands.press(this.m.authorise);
  }
}

function there<T>(part: T | undefined): T {
  if (part === undefined) throw new Error('not begun yet');
  return part;
}
