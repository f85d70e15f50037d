import { expect, test } from 'vitest';
import { PanelDesk, visa } from '../support/panel-desk.ts';

/** Short enough for a test, long enough for a busy machine. */
const timers = { firstKeySeconds: 4, interKeySeconds: 3, overallSeconds: 30 };
const desk = new PanelDesk('en', 'mouse', {
  capture: { pan: { ...timers, quietSeconds: 0.5 }, cvc: timers, acceptedBrands: ['visa', 'mastercard'] },
});

const failing = [
  ['first-key-timeout', ''],
  ['inter-key-timeout', '411111'],
  ['check-digit', '4111111111111112#'],
  ['brand-not-accepted', '6200000000000005#'],
  ['too-short', '4111#'],
] as const;

test.each(failing.flatMap(([reason, keys]) => [['en', reason, keys] as const, ['ja', reason, keys] as const]))(
  'says in %s why an entry failed by %s and what to do next, and asks again (P-44…P-46)',
  async (language, reason, keys) => {
    desk.language = language;
    const { m } = desk;
    const hands = await desk.look();
    await hands.press(m.openPayment);
    await desk.lock(hands, 'pan');
    await desk.call.key(keys);
    const [what, next] = m.failures[reason];
    await hands.seen(`${m.pan}: ${what}`);
    await hands.seen(next ?? '');
    await hands.page.locator('[part=locked]').waitFor({ state: 'detached' });
    await desk.lock(hands, 'pan', m.requestAgain(m.requestPan));
    await desk.call.key(`${visa}#`);
    await hands.page.locator('#pan.complete').waitFor();
  },
);

test.each(['en', 'ja'] as const)(
  'an agent stops an entry and is told in %s that nothing was kept',
  async (language) => {
    desk.language = language;
    const { m } = desk;
    const hands = await desk.look();
    await hands.press(m.openPayment);
    await desk.lock(hands, 'pan');
    await desk.call.key('41');
    await hands.page.locator('#pan .stars').waitFor();
    await hands.press(m.stop);
    await hands.seen(`${m.pan}: ${m.failures.stopped[0]}`);
    expect(await hands.page.locator('#pan .stars').count()).toBe(0);
  },
);

test('a code that fails leaves the card as it was (P-52…P-54)', async () => {
  desk.language = 'en';
  const { m } = desk;
  const hands = await desk.look();
  await hands.press(m.openPayment);
  await desk.take(hands, 'pan', `${visa}#`);
  await desk.lock(hands, 'cvc');
  await desk.call.key('7');
  await hands.seen(`${m.cvc}: ${m.failures['inter-key-timeout'][0]}`);
  expect(await hands.page.locator('#pan.complete').count()).toBe(1);
  await desk.lock(hands, 'cvc', m.requestAgain(m.requestCvc));
  await desk.call.key('737');
  await hands.page.locator('#cvc.complete').waitFor();
});
