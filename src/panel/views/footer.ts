import { html, nothing, type TemplateResult } from 'lit/html.js';
import type { Transaction } from '../../payment/transaction.ts';
import { formatMoney } from '../money.ts';
import { inForm } from '../step.ts';
import { idle, type Scene, type SessionScene } from './scene.ts';

/** History (P-69) and close, at the bottom of the panel. */
export function footer(scene: Scene): TemplateResult | typeof nothing {
  const { m, session, call, local, act } = scene;
  if (scene.state.link !== 'open' || (session === undefined && call === undefined)) return nothing;
  return html`
    <footer part="footer">
      ${local.history === null ? nothing : history(scene, local.history.items)}
      ${local.asking !== null && session !== undefined ? question({ ...scene, session }, local.asking) : nothing}
      <div class="row">
        ${
          session?.show.history === false
            ? nothing
            : html`<button type="button" class="quiet" aria-expanded=${local.history !== null} @click=${act.toggleHistory}>${m.history}</button>`
        }
        ${
          session?.can.includes('close') && local.asking === null
            ? html`<button type="button" class="quiet" ?disabled=${!idle(scene)} @click=${() => closeOrAsk({ ...scene, session })}>${m.close}</button>`
            : nothing
        }
      </div>
    </footer>`;
}

/** Closing a payment that has begun cancels it, so that is asked; what is finished stays as it is. */
function closeOrAsk(scene: SessionScene): void {
  const { session, act } = scene;
  const keyed = Object.values(session.fields).some((field) => field.digits > 0);
  const begun = session.state === 'authorising' || session.state === 'surcharge' || (inForm(session) && keyed);
  if (begun) act.set({ asking: 'close' });
  else act.close();
}

function question({ m, act }: SessionScene, about: 'close' | 'void'): TemplateResult {
  const [text, yes, no] =
    about === 'close' ? [m.closeAsk, m.closeConfirm, m.keepOpen] : [m.voidAsk, m.voidConfirm, m.voidKeep];
  return html`
    <div class="question" role="group" aria-label=${yes}>
      <p>${text}</p>
      <div class="buttons">
        <button type="button" class="danger" data-focus @click=${about === 'close' ? act.close : () => act.command('cancel')}>${yes}</button>
        <button type="button" @click=${() => act.set({ asking: null })}>${no}</button>
      </div>
    </div>`;
}

function history(scene: Scene, items: readonly Transaction[] | null): TemplateResult {
  const { m } = scene;
  return html`
    <section class="history" aria-label=${m.history}>
      ${
        items === null
          ? html`<p class="hint">${m.historyGone}</p>`
          : items.length === 0
            ? html`<p class="hint">${m.historyEmpty}</p>`
            : html`<ol>${items.map((item) => historyLine(scene, item))}</ol>${paidSoFar(scene, items)}`
      }
    </section>`;
}

function historyLine({ m, language }: Scene, item: Transaction): TemplateResult {
  const time = new Intl.DateTimeFormat(language, { hour: '2-digit', minute: '2-digit', second: '2-digit' });
  return html`
    <li>
      <time datetime=${item.at}>${time.format(new Date(item.at))}</time>
      <span>${m.typeNames[item.type]}${item.lastFour === null ? '' : ` · ${m.endsIn(item.lastFour)}`}</span>
      <span class="money">${item.amount === null ? '' : formatMoney(item.amount, item.currency, language)}</span>
      <span class="chip ${item.outcome}">${m.outcomes[item.outcome]}</span>
      ${item.reference === null ? nothing : html`<code>${item.reference}</code>`}
    </li>`;
}

/** The running balance of a bill that is split over several cards, one sum a currency. */
function paidSoFar({ m, language }: Scene, items: readonly Transaction[]): TemplateResult | typeof nothing {
  const sums = new Map<string, number>();
  for (const item of items) {
    if (item.outcome !== 'succeeded' || item.amount === null) continue;
    sums.set(item.currency, (sums.get(item.currency) ?? 0) + item.amount);
  }
  if (sums.size === 0) return nothing;
  return html`<p class="row sum"><span>${m.paidSoFar}</span>${[...sums].map(([currency, sum]) => html`<strong class="money">${formatMoney(sum, currency, language)}</strong>`)}</p>`;
}
