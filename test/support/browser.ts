import { existsSync } from 'node:fs';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/**
 * Debian's Chromium without windows: the engine of the whole browser, which a page costs a quarter of the processor. Where
 * it is not there the whole browser does.
 */
const programs = ['/usr/lib/chromium/chromium-headless-shell', '/usr/bin/chromium'];

/** With nothing in it that calls home. */
export function openBrowser(): Promise<Browser> {
  const executablePath = process.env['TONELOCK_CHROMIUM'] ?? programs.find(existsSync) ?? 'chromium';
  return chromium.launch({ executablePath, headless: true, args: flags });
}

export interface WatchedPage {
  readonly page: Page;
  /** What the browser complained of: scripts that failed, and whatever the content security policy stopped. */
  readonly complaints: string[];
}

/** A fresh page without history or storage, whose complaints are kept. Answers of 4xx that a test asked for are none. */
export async function openPage(browser: Browser, options: BrowserContextOptions = {}): Promise<WatchedPage> {
  const context = await browser.newContext({ locale: 'en-GB', viewport: { width: 900, height: 900 }, ...options });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    const network = /Failed to load resource|WebSocket connection to/.test(message.text());
    if (message.type() === 'error' && !network) complaints.push(message.text());
  });
  return { page, complaints };
}

/**
 * Leaves a page as a fresh one is: alone, at no address, with nothing intercepted, allowed or complained of, no pointer over it. The
 * panel keeps nothing in a browser, and to open another page is half a second of the processor, since it is a process of its own.
 * @returns what was complained of until now.
 */
export async function leavePage({ page, complaints }: WatchedPage): Promise<string[]> {
  const heard = [...complaints];
  const context = page.context();
  for (const other of context.pages()) if (other !== page) await other.close();
  await page.unrouteAll({ behavior: 'ignoreErrors' });
  await context.clearPermissions();
  await page.mouse.move(0, 0);
  await page.goto('about:blank');
  complaints.length = 0;
  return heard;
}
