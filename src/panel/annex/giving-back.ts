import { html, nothing, type TemplateResult } from 'lit/html.js';
import type { RefundView } from '../../payment/refund.ts';
import type { Transaction } from '../../payment/transaction.ts';
import type { CallHistory } from '../commands.ts';
import { formatMoney, majorText, parseMoney } from '../money.ts';
import { messageOf } from '../views/detail-field.ts';
import type { Scene } from '../views/scene.ts';
import { annexTexts } from './annex-texts.ts';
import { readAnew } from './finding-form.ts';
import { answerOf, failureOf, type Giving, type GivingAnswer, type GivingWay, leftOf, waysOf } from './giving.ts';

/** Where the focus goes at each step, since the button that was pressed is gone by then. */
const place = 'giving';
const buttonId = (way: GivingWay, payment: string): string => `${way}-${payment}`;

/** Answers after which the history has to be read anew before anything more may be given back. */
const doubtful: readonly GivingAnswer[] = ['doubt', 'refund-running', 'do-not-resubmit', 'unknown'];
const good: readonly GivingAnswer[] = ['refunded', 'voided', 'requested'];

/** Void and refund of one payment: which, how much, really, and what came of it. */
export function giveBack(scene: Scene, item: Transaction, can: CallHistory['can']): TemplateResult | typeof nothing {
  const { giving } = scene.local;
  if (giving === null || giving.payment !== item.id) return wayButtons(scene, item, can);
  switch (giving.step) {
    case 'amount':
      return amountForm(scene, item, giving);
    case 'sure':
      return question(scene, item, giving);
    case 'sending':
      return html`<p class="giving hint" id=${place} tabindex="-1"><span class="spinner"></span> ${annexTexts[scene.language].sending}</p>`;
    case 'done':
      return answer(scene, item, giving, can);
  }
}

function wayButtons(scene: Scene, item: Transaction, can: CallHistory['can']): TemplateResult | typeof nothing {
  const ways = waysOf(item).filter((way) => can.includes(way));
  if (ways.length === 0) return nothing;
  const t = annexTexts[scene.language];
  const { giving } = scene.local;
  const money = formatMoney(item.amount ?? 0, item.currency, scene.language);
  return html`
    <div class="giving ways">
      ${ways.map(
        (way) => html`
        <button type="button" class="quiet" id=${buttonId(way, item.id)} aria-label=${t.ofPayment(t.ways[way], money)}
          ?disabled=${giving?.step === 'sending'} @click=${() => begin(scene, item, way)}>${t.ways[way]}</button>`,
      )}
    </div>`;
}

function begin({ act }: Scene, item: Transaction, way: GivingWay): void {
  const amount = majorText(way === 'void' ? (item.amount ?? 0) : leftOf(item), item.currency);
  const step = way === 'void' ? 'sure' : 'amount';
  act.jump(place, { giving: { payment: item.id, way, amount, step, answer: null } });
}

function leave({ act }: Scene, { way, payment }: Giving): void {
  act.jump(buttonId(way, payment), { giving: null });
}

/** @returns undefined for what is no amount, or more than is left. */
function amountOf(item: Transaction, giving: Giving): number | undefined {
  const minor = parseMoney(giving.amount, item.currency);
  return minor !== undefined && minor <= leftOf(item) ? minor : undefined;
}

function amountForm(scene: Scene, item: Transaction, giving: Giving): TemplateResult {
  const { act, language } = scene;
  const t = annexTexts[language];
  const left = formatMoney(leftOf(item), item.currency, language);
  const bad = amountOf(item, giving) === undefined;
  const next = (event: Event): void => {
    event.preventDefault();
    if (!bad) act.jump(place, { giving: { ...giving, step: 'sure' } });
  };
  return html`
    <form class="giving field amount ${bad ? 'missing' : ''}" @submit=${next} novalidate>
      <label class="label" for=${place}>${t.amountBack}</label>
      <span class="box"><span class="unit" aria-hidden="true">${item.currency}</span>
        <input id=${place} inputmode="decimal" autocomplete="off" maxlength="20" .value=${giving.amount}
          aria-invalid=${bad} aria-describedby="giving-note"
          @input=${(event: Event) => act.set({ giving: { ...giving, amount: (event.target as HTMLInputElement).value } })} /></span>
      <span class="note" id="giving-note">${bad ? messageOf(t.amountTooMuch(left)) : html`<span class="hint">${t.amountHint(left)}</span>`}</span>
      <div class="buttons"><button type="submit" class="primary" ?disabled=${bad}>${t.next}</button>
        <button type="button" @click=${() => leave(scene, giving)}>${t.no}</button></div>
    </form>`;
}

function question(scene: Scene, item: Transaction, giving: Giving): TemplateResult {
  const { language } = scene;
  const t = annexTexts[language];
  const minor = amountOf(item, giving);
  const money = formatMoney(minor ?? 0, item.currency, language);
  return html`
    <div class="giving question" role="group" aria-labelledby="giving-ask" id=${place} tabindex="-1">
      <p id="giving-ask">${t.sure[giving.way](money)}</p>
      <div class="buttons">
        <button type="button" class="danger" ?disabled=${minor === undefined} @click=${() => void send(scene, item, giving)}>${t.yes[giving.way](money)}</button>
        <button type="button" @click=${() => leave(scene, giving)}>${t.no}</button>
      </div>
    </div>`;
}

async function send(scene: Scene, item: Transaction, giving: Giving): Promise<void> {
  const { act } = scene;
  const amount = amountOf(item, giving);
  if (amount === undefined) return;
  act.jump(place, { giving: { ...giving, step: 'sending' } });
  const body = giving.way === 'void' ? {} : { amount };
  const said = await act
    .ask('POST', `/v1/transactions/${item.id}/${giving.way}`, body)
    .then((refund) => answerOf(refund as RefundView), failureOf);
  // What the server has written down comes first: beneath an answer stand the lines that are true now.
  if (said !== 'doubt') await readAnew(scene);
  act.jump(place, { giving: { ...giving, step: 'done', answer: said } });
}

function answer(scene: Scene, item: Transaction, giving: Giving, can: CallHistory['can']): TemplateResult {
  const t = annexTexts[scene.language];
  const said = giving.answer ?? 'doubt';
  const open = doubtful.includes(said);
  const look = async (): Promise<void> => {
    await readAnew(scene);
    scene.act.jump('history', { giving: null });
  };
  return html`
    <p class="giving said ${good.includes(said) ? 'good' : open ? 'open' : 'bad'}" id=${place} tabindex="-1" role="alert">${t.answers[said]}</p>
    ${open ? html`<div class="giving"><button type="button" @click=${look}>${t.lookAgain}</button></div>` : wayButtons(scene, item, can)}`;
}
