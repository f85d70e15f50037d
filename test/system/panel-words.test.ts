import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { annexTexts } from '../../src/panel/annex/annex-texts.ts';
import { en } from '../../src/panel/messages/en.ts';
import { ja } from '../../src/panel/messages/ja.ts';
import type { SessionView } from '../../src/payment/session-view.ts';
import { PanelBench, waits } from '../support/panel-bench.ts';
import * as sample from '../support/sample-session.ts';

const pages = fileURLToPath(new URL('../../dist/pages/', import.meta.url));
const bench = new PanelBench(pages);

const said = () => bench.page.locator('[part=say]');

test('what to say at a step is the configuration’s line, before it the desktop’s own, and none where that is empty', async () => {
  bench.gateway.panel = { ...bench.gateway.panel, sayings: { en: { sayPan: 'Key it, please.' }, ja: {} } };
  bench.gateway.sessions = [sample.filledSession];
  await bench.show();
  await bench.seen('Key it, please.');
  const own = (text: string) =>
    bench.page.evaluate((sayPan) => {
      const panel = document.querySelector('tonelock-panel');
      if (panel !== null) panel.sayings = { sayPan };
    }, text);
  await own('Our own words.');
  await bench.seen('Our own words.');
  await own('');
  await expect.poll(() => said().count(), waits).toBe(0);
  await bench.button('日本語').click();
  await bench.page.evaluate(() => {
    const panel = document.querySelector('tonelock-panel');
    if (panel !== null) panel.sayings = {};
  });
  await bench.seen(ja.sayPan);
});

test.each([
  ['masked', 'en', 'You can both talk on.', 'You can talk on; you hear no key.'],
  ['masked', 'ja', '会話を続けられます。', 'キーの音は聞こえません。'],
  ['agentTalks', 'en', 'The customer hears you', 'but the customer hears you.'],
  ['agentTalks', 'ja', 'こちらの声は届いています。', 'こちらの声は届いています。'],
] as const)(
  'where calls are locked by %s, the panel says in %s what is true of that',
  async (audio, lang, ...texts) => {
    bench.gateway.panel = { ...bench.gateway.panel, audio };
    bench.gateway.sessions = [sample.lockedSession];
    await bench.show(`/panel/?lang=${lang}`);
    await expect.poll(() => bench.page.locator('[part=locked] small').textContent(), waits).toContain(texts[0]);
    expect(await said().textContent()).toContain(texts[1]);
  },
);

test('while something else than the card is keyed, nothing is said of the card; what fails there says why (P-31)', async () => {
  const fields = { ...sample.filledSession.fields, expiry: { ...sample.emptyField, state: 'capturing' } } as const;
  const details = { type: 'charge', currency: 'EUR', amount: 100, cardholder: 'A. Sample' };
  bench.gateway.sessions = [{ ...sample.lockedSession, capturing: 'expiry', fields, details, missing: ['expiry'] }];
  await bench.show();
  await bench.seen(en.sayKeysLocked);
  const reason = 'invalid-date' as const;
  const failed = { ...fields, expiry: { ...sample.emptyField, state: 'failed', reason } } as const;
  bench.gateway.change({ ...sample.filledSession, fields: failed, details, missing: ['expiry'] });
  await bench.seen(`Expiry date: ${en.failures[reason][0]}`);
  await bench.seen(en.failures[reason][1] ?? '');
  bench.gateway.change({ details: { ...details, expiry: '12/30' }, missing: [] });
  await bench.gone(en.failures[reason][1] ?? '');
});

test('a decline is explained in the agent’s language, beside what the provider says in its own (P-76, P-77)', async () => {
  const because = (code: string): SessionView => ({
    ...sample.declinedSession,
    outcome: { code, message: 'Provider text', retryable: true, reference: null },
  });
  bench.gateway.sessions = [because('insufficient_funds')];
  await bench.show('/panel/?lang=ja');
  for (const text of [ja.declined, annexTexts.ja.declines.funds[0], 'Provider text']) await bench.seen(text);
  bench.gateway.change(because('stolen-card'));
  await bench.seen(annexTexts.ja.declines.barred[1]);
  bench.gateway.change(because('some-code-of-tomorrow'));
  await bench.seen(annexTexts.ja.declines.unsaid[0]);
  bench.gateway.change({ ...because('refused'), payments: [{ ...sample.samplePayment, state: 'not-sent' }] });
  await bench.seen(annexTexts.ja.declines.unsent[0]);
  // The line that is spoken may have said it when the page came up.
  await expect.poll(() => bench.page.getByRole('heading', { name: ja.declined }).count(), waits).toBe(0);
  await bench.gone('Provider text');
});

test('summary and history are shown only where the configuration wants them; a reference always (P-62, P-64, P-69)', async () => {
  bench.gateway.sessions = [{ ...sample.succeededSession, show: { summary: false, history: false } }];
  await bench.show();
  await bench.seen('SIM-7F3K-20461');
  await bench.gone(en.summary);
  expect(await bench.button(en.history).count()).toBe(0);
  bench.gateway.change({ show: { summary: true, history: true } });
  await bench.seen(en.summary);
  expect(await bench.button(en.history).count()).toBe(1);
  await bench.gone(en.noReference);
  bench.gateway.change({ payments: [{ ...sample.samplePayment, state: 'succeeded', reference: null }] });
  await bench.seen(en.noReference);
});

test('a second charge of the same amount on the same card is asked about before it is authorised', async () => {
  bench.gateway.sessions = [{ ...sample.readySession, repeats: [1] }];
  await bench.show();
  await bench.seen(en.chargedBefore);
  expect(await bench.button(en.authorise).isEnabled()).toBe(true);
});

test.each([
  ['en', en],
  ['ja', ja],
] as const)('there is room for every line at every width: none moves what is below it, in %s', async (lang, texts) => {
  bench.gateway.sessions = [sample.filledSession];
  await bench.show(`/panel/?lang=${lang}`);
  const lines = Object.entries(texts).flatMap(([key, text]) => (/^say[A-Z]/.test(key) ? [String(text)] : []));
  expect(lines.length).toBeGreaterThan(15);
  for (const width of [300, 329, 330, 360, 399, 400, 440, 499, 500, 560, 640, 679, 680, 760, 1000]) {
    await bench.page.setViewportSize({ width, height: 900 });
    const heights = await said().evaluate((line, all) => {
      const text = line.querySelector('span')?.lastChild;
      return all.map((one) => {
        if (text) text.textContent = ` ${one}`;
        return line.clientHeight;
      });
    }, lines);
    expect(new Set(heights).size, `at ${width}`).toBe(1);
  }
});

test('what is pressed stays where it is until the pointer is up, whatever the server says meanwhile', async () => {
  bench.gateway.sessions = [sample.filledSession];
  bench.gateway.panel = { ...bench.gateway.panel, sayings: { en: { sayPan: 'Key it.' }, ja: {} } };
  await bench.show();
  await bench.page.setViewportSize({ width: 400, height: 2000 });
  const button = bench.button('Request card number');
  const place = async () => (await button.boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
  const { x, y, width, height } = await place();
  await bench.page.mouse.move(x + width / 2, y + height / 2);
  await bench.page.mouse.down();
  const sayPan = 'Please key your card number now. '.repeat(12);
  await bench.page.evaluate((line) => {
    const panel = document.querySelector('tonelock-panel');
    if (panel !== null) panel.sayings = { sayPan: line };
  }, sayPan);
  await new Promise((done) => setTimeout(done, 200));
  expect(await place()).toMatchObject({ x, y });
  await bench.page.mouse.up();
  await expect.poll(() => bench.commands, waits).toEqual(['POST /v1/sessions/:id/captures']);
  await expect.poll(async () => (await place()).y, waits).toBeGreaterThan(y);
});
