import { html, type TemplateResult } from 'lit/html.js';
import { currencyOf, providerOf } from '../field-value.ts';
import { parseMoney } from '../money.ts';
import { idle, type LocalState, type SessionScene } from '../views/scene.ts';
import { annexTexts } from './annex-texts.ts';

/** One more payment on the same card: its type and its amount (P-35). */
export function paymentAdder(scene: SessionScene, adding: NonNullable<LocalState['adding']>): TemplateResult {
  const { m, session, act } = scene;
  const t = annexTexts[scene.language];
  const currency = currencyOf(session);
  const types = (providerOf(session)?.types ?? []).filter((type) => type !== 'tokenise');
  const ready = parseMoney(adding.amount, currency) !== undefined && adding.type !== '';
  return html`
    <fieldset class="adder">
      <legend>${t.addPaymentHint}</legend>
      <div class="grid">
        <div class="field"><label class="label" for="add-type">${m.type}</label>
          <select id="add-type" @change=${(event: Event) => act.set({ adding: { ...adding, type: (event.target as HTMLSelectElement).value } })}>
            ${types.map((type) => html`<option value=${type} ?selected=${type === adding.type}>${m.typeNames[type]}</option>`)}
          </select></div>
        <div class="field amount"><label class="label" for="add-amount">${m.amount}</label>
          <span class="box"><span class="unit" aria-hidden="true">${currency}</span>
            <input id="add-amount" inputmode="decimal" autocomplete="off" maxlength="20" .value=${adding.amount}
              @input=${(event: Event) => act.set({ adding: { ...adding, amount: (event.target as HTMLInputElement).value } })} /></span></div>
      </div>
      <div class="buttons">
        <button type="button" class="primary" ?disabled=${!ready || !idle(scene)} @click=${act.addPayment}>${t.add}</button>
        <button type="button" @click=${() => act.set({ adding: null })}>${t.discard}</button>
      </div>
    </fieldset>`;
}
