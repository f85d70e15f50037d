import { html, nothing, type TemplateResult } from 'lit/html.js';
import type { RefundView } from '../../payment/refund.ts';
import type { Transaction } from '../../payment/transaction.ts';
import type { CallHistory } from '../commands.ts';
import { formatMoney } from '../money.ts';
import type { Scene } from '../views/scene.ts';
import { annexTexts } from './annex-texts.ts';
import { findingForm } from './finding-form.ts';
import { givenBack } from './giving.ts';
import { giveBack } from './giving-back.ts';

/**
 * The payments of the call (P-69), what was given back of each, and where that can be done; or those that were found
 * among all of the organisation.
 */
export function historyView(scene: Scene, { transactions, can = [] }: CallHistory): TemplateResult {
  const t = annexTexts[scene.language];
  const found = scene.local.finding?.found ?? null;
  return html`
    <section class="history" id="history" tabindex="-1" aria-label=${found === null ? scene.m.history : t.found(found.length)}>
      ${found === null ? ofCall(scene, transactions, can) : ofAll(scene, found, can)}
      ${can.length === 0 ? nothing : findingForm(scene)}
    </section>`;
}

function ofCall(scene: Scene, items: readonly Transaction[], can: CallHistory['can']): TemplateResult {
  return items.length === 0
    ? html`<p class="hint">${annexTexts[scene.language].historyEmpty}</p>`
    : html`<ol>${items.map((item) => line(scene, item, can, timeOf(item.at, scene.language)))}</ol>${paidSoFar(scene, items)}`;
}

function ofAll(scene: Scene, items: readonly Transaction[], can: CallHistory['can']): TemplateResult {
  const day = new Intl.DateTimeFormat(scene.language, { dateStyle: 'medium', timeStyle: 'short' });
  return html`
    <p class="hint">${annexTexts[scene.language].found(items.length)}</p>
    <ol class="found">${items.map((item) => line(scene, item, can, day.format(new Date(item.at)), item.merchantReference))}</ol>`;
}

const timeOf = (at: string, language: string): string =>
  new Intl.DateTimeFormat(language, { hour: '2-digit', minute: '2-digit', second: '2-digit' }).format(new Date(at));

function line(
  scene: Scene,
  item: Transaction,
  can: CallHistory['can'],
  time: string,
  merchantReference: string | null = null,
): TemplateResult {
  const { m, language } = scene;
  const references = [merchantReference, item.reference].filter((one) => one !== null && one !== '');
  return html`
    <li>
      <time datetime=${item.at}>${time}</time>
      <span>${m.typeNames[item.type]}${item.lastFour === null ? '' : ` · ${m.endsIn(item.lastFour)}`}</span>
      <span class="money">${item.amount === null ? '' : formatMoney(item.amount, item.currency, language)}</span>
      <span class="chip ${item.outcome}">${annexTexts[language].outcomes[item.outcome]}</span>
      ${references.length === 0 ? nothing : html`<code>${references.join(' · ')}</code>`}
      ${item.refunds?.map((refund) => refundLine(scene, item, refund))}
      ${can.length === 0 ? nothing : giveBack(scene, item, can)}
    </li>`;
}

function refundLine({ language }: Scene, { currency }: Transaction, refund: RefundView): TemplateResult {
  const t = annexTexts[language];
  return html`
    <div class="given">
      <time datetime=${refund.at}>${timeOf(refund.at, language)}</time>
      <span>${t.ways[refund.kind === 'void' ? 'void' : 'refunds']}</span>
      <span class="money">${formatMoney(-refund.amount, currency, language)}</span>
      <span class="chip ${refund.outcome}">${t.refundStates[refund.outcome]}</span>
    </div>`;
}

/** What is paid after all, one sum a currency: less what was given back. */
function paidSoFar({ language }: Scene, items: readonly Transaction[]): TemplateResult | typeof nothing {
  const sums = new Map<string, number>();
  for (const item of items) {
    if (item.outcome !== 'succeeded' || item.amount === null) continue;
    sums.set(item.currency, (sums.get(item.currency) ?? 0) + item.amount - givenBack(item));
  }
  if (sums.size === 0) return nothing;
  return html`<p class="row sum"><span>${annexTexts[language].paidSoFar}</span>${[...sums].map(([currency, sum]) => html`<strong class="money">${formatMoney(sum, currency, language)}</strong>`)}</p>`;
}
