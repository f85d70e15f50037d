import type { Locator, Page } from 'playwright-core';
import { expect } from 'vitest';

export type Tool = 'mouse' | 'keyboard';

/** Far more stops than the panel has; a keyboard user who needs more would give up too. */
const tabsMax = 60;
const waits = { timeout: 30_000 };

/** An agent at the panel, who uses the mouse alone or the keyboard alone. */
export class PanelHands {
  readonly page: Page;
  readonly #tool: Tool;

  constructor(page: Page, tool: Tool) {
    this.page = page;
    this.#tool = tool;
  }

  button(name: string): Locator {
    return this.page.getByRole('button', { name, exact: true });
  }

  /** By the beginning of its label: behind it may stand that it is optional. */
  input(label: string): Locator {
    return this.page.getByLabel(new RegExp(`^\\s*${label}`));
  }

  /** Waits until the button can be pressed, then presses it. */
  async press(name: string): Promise<void> {
    const button = this.button(name);
    const mouse = this.#tool === 'mouse';
    // A trial waits as a click does, in the page, and presses nothing.
    await button.click({ ...waits, trial: !mouse }).catch(async () => {
      throw new Error(`${name} cannot be pressed:\n${await this.shown()}`);
    });
    if (mouse) return;
    await this.#tabTo(button, name);
    await this.page.keyboard.press('Enter');
  }

  /** All that the panel says, for a failure to tell. */
  shown(): Promise<string | null> {
    return this.page.locator('tonelock-panel .panel').textContent();
  }

  async fill(label: string, text: string): Promise<void> {
    const input = this.input(label);
    if (this.#tool === 'mouse') return input.fill(text);
    await this.#tabTo(input, label);
    await this.page.keyboard.press('Control+A');
    await this.page.keyboard.type(text);
  }

  /** Chooses from a list: by the keyboard with its arrows, from its first entry on. */
  async choose(label: string, value: string): Promise<void> {
    const list = this.page.getByLabel(label, { exact: true });
    if (this.#tool === 'keyboard') await this.#tabTo(list, label);
    await list.selectOption(value);
  }

  async seen(text: string | RegExp): Promise<void> {
    const count = () => this.page.getByText(text).filter({ visible: true }).count();
    await expect
      .poll(count, { timeout: waits.timeout, interval: 50 })
      .toBeGreaterThan(0)
      .catch(async () => {
        throw new Error(`the panel does not say ${text}:\n${await this.shown()}`);
      });
  }

  /** The verdict of a payment stands as a heading; a line that is spoken may come before it. */
  heading(name: string): Promise<void> {
    return this.page.getByRole('heading', { name, exact: true }).waitFor();
  }

  async #tabTo(target: Locator, name: string): Promise<void> {
    for (let presses = 0; presses < tabsMax; presses += 1) {
      if (await target.evaluate((element) => (element.getRootNode() as ShadowRoot).activeElement === element)) return;
      await this.page.keyboard.press('Tab');
    }
    throw new Error(`the keyboard does not reach ${name}`);
  }
}
