import { expect, test } from 'vitest';
import { annexTexts } from '../../src/panel/annex/annex-texts.ts';
import { formatMoney } from '../../src/panel/money.ts';
import { both, PanelDesk, tables } from '../support/panel-desk.ts';

const desk = new PanelDesk();

test.each(both)(
  'an agent with the right gives back a part, then sees it in the history and in what is paid, and voids another as a whole, in %s by %s (S-07)',
  async (language, tool) => {
    const m = tables[language];
    const t = annexTexts[language];
    const money = (minor: number): string => formatMoney(minor, 'EUR', language);
    const hands = await desk.open(language, tool, '42.00');
    await desk.submit(hands, language);
    await hands.heading(m.succeeded);
    await hands.press(m.history);
    const ways = (way: 'refunds' | 'void', minor: number): string => t.ofPayment(t.ways[way], money(minor));
    await hands.press(ways('refunds', 4200));
    await hands.fill(t.amountBack, '43');
    await hands.seen(t.amountTooMuch(money(4200)));
    await hands.fill(t.amountBack, '12.50');
    await hands.press(t.next);
    await hands.seen(t.sure.refunds(money(1250)));
    expect((await desk.call.api.transactions(desk.call.id)).body.transactions[0].refunds).toBeUndefined();
    await hands.press(t.yes.refunds(money(1250)));
    await hands.seen(t.answers.refunded);
    await hands.seen(money(-1250));
    await hands.seen(money(2950));
    expect(await hands.button(ways('void', 4200)).count()).toBe(0);
    await hands.press(m.newPayment);
    await desk.details(hands, language, '30.00');
    await desk.submit(hands, language);
    await hands.heading(m.succeeded);
    await hands.press(ways('void', 3000));
    await hands.press(t.no);
    await hands.press(ways('void', 3000));
    await hands.press(t.yes.void(money(3000)));
    await hands.seen(t.answers.voided);
    const { body } = await desk.call.api.transactions(desk.call.id);
    const refunds = body.transactions.flatMap((one: { refunds?: unknown[] }) => one.refunds ?? []);
    expect(refunds).toHaveLength(2);
    expect(refunds).toMatchObject(
      expect.arrayContaining([
        expect.objectContaining({ kind: 'refund', amount: 1250, outcome: 'refunded' }),
        expect.objectContaining({ kind: 'void', amount: 3000, outcome: 'refunded' }),
      ]),
    );
  },
);
