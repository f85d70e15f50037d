import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import { leavePage, openBrowser, openPage, type WatchedPage } from './browser.ts';
import { FakeGateway } from './fake-gateway.ts';
import * as sample from './sample-session.ts';

/** How long the page may take to show what it was told. */
export const waits = { timeout: 10_000, interval: 25 };

/** One page of the panel in a real browser, before a scripted gateway, which is a fresh one for each test, at another address. */
export class PanelBench {
  readonly #pages: string;
  #browser: Browser | undefined;
  #gateway: FakeGateway | undefined;
  #watched: WatchedPage | undefined;

  /** @param pages the folder of built pages. Call it at the top of a test file: it takes its place among the hooks. */
  constructor(pages: string) {
    this.#pages = pages;
    beforeAll(async () => {
      this.#browser = await openBrowser();
    });
    afterAll(() => this.browser.close());
    beforeEach(() => this.restart());
    afterEach(async () => {
      const complaints = this.#watched === undefined ? [] : await leavePage(this.#watched);
      await this.gateway.stop();
      expect(complaints).toEqual([]);
    });
  }

  get browser(): Browser {
    return there(this.#browser);
  }

  get gateway(): FakeGateway {
    return there(this.#gateway);
  }

  get watched(): WatchedPage {
    return there(this.#watched);
  }

  get page(): Page {
    return this.watched.page;
  }

  /** A gateway that knows the sample call and nothing else; on the port of one that was stopped, its successor. */
  async restart(port = 0): Promise<void> {
    this.#gateway = await FakeGateway.start(this.#pages, port);
    this.#gateway.calls = [sample.sampleCall];
  }

  async show(path = '/panel/?lang=en'): Promise<void> {
    this.#watched ??= await openPage(this.browser);
    await this.page.goto(this.gateway.origin + path);
  }

  button(name: string | RegExp): Locator {
    return this.page.getByRole('button', { name, exact: typeof name === 'string' });
  }

  seen(text: string | RegExp): Promise<void> {
    return expect.poll(() => this.#count(text), waits).toBeGreaterThan(0);
  }

  gone(text: string | RegExp): Promise<void> {
    return expect.poll(() => this.#count(text), waits).toBe(0);
  }

  /** Commands that have reached the gateway, with ids taken out. */
  get commands(): string[] {
    return this.gateway.requests.map(({ method, path }) => `${method} ${path.replace(/[0-9a-f-]{36}/, ':id')}`);
  }

  #count(text: string | RegExp): Promise<number> {
    return this.page.getByText(text).filter({ visible: true }).count();
  }
}

function there<T>(part: T | undefined): T {
  if (part === undefined) throw new Error('not begun yet');
  return part;
}
