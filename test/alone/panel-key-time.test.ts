import { expect, test } from 'vitest';
import { LoopLag } from '../support/loop-lag.ts';
import { PanelDesk, visa } from '../support/panel-desk.ts';

const desk = new PanelDesk('en', 'mouse');

test('a key shows within 100 ms of its tone', async () => {
  const hands = await desk.open('1000');
  await desk.lock(hands, 'pan');
  // Wall clocks of one machine, read by the page at the moment at which an asterisk is in the document.
  await hands.page.evaluate(() => {
    const seen: number[] = [];
    Object.assign(globalThis, { seen });
    const root = document.querySelector('tonelock-panel')?.shadowRoot;
    new MutationObserver(() => {
      const stars = root?.querySelector('#pan .stars')?.textContent?.length ?? 0;
      while (seen.length < stars) seen.push(performance.timeOrigin + performance.now());
    }).observe(root as ShadowRoot, { subtree: true, childList: true, characterData: true });
  });
  using lag = new LoopLag();
  const pressed: number[] = [];
  for (const key of visa.slice(0, 12)) {
    pressed.push(performance.timeOrigin + performance.now());
    await desk.call.key(key);
  }
  const read = () => hands.page.evaluate(() => (globalThis as unknown as { seen: number[] }).seen);
  await expect.poll(async () => (await read()).length).toBe(pressed.length);
  const delays = (await read()).map((at, n) => at - (pressed[n] ?? 0)).sort((a, b) => a - b);
  process.stdout.write(`keys showed after ${delays.map(Math.round).join(' ')} ms\n`);
  expect(delays[6], `milliseconds: ${delays.map(Math.round).join(' ')}`).toBeLessThan(100 + lag.worstMs);
});
