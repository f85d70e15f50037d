import { html, nothing, type TemplateResult } from 'lit/html.js';
import { currencyOf, providerOf } from '../field-value.ts';
import { formatMoney, parseMoney } from '../money.ts';
import { can, idle, type SessionScene } from './scene.ts';

/** Further payments on the same card (P-34 to P-37). The first payment is the form itself. */
export function addedPayments(scene: SessionScene): TemplateResult | typeof nothing {
  const { m, session, local, language, act } = scene;
  const added = session.payments.filter((payment) => payment.n > 1 && payment.state === 'draft');
  const open = can(scene, 'payments');
  if (added.length === 0 && !open) return nothing;
  const currency = currencyOf(session);
  const first = session.details['amount'];
  const total = added.reduce((sum, payment) => sum + (payment.amount ?? 0), typeof first === 'number' ? first : 0);
  return html`
    <div class="added">
      ${
        added.length === 0
          ? nothing
          : html`
            <ul class="lines" aria-label=${m.addedPayments}>
              ${added.map(
                (payment) => html`
                <li><span>${payment.type === null ? '' : m.typeNames[payment.type]}</span>
                  <span class="money">${payment.amount === null ? '' : formatMoney(payment.amount, currency, language)}</span>
                  <button type="button" class="quiet" aria-label=${m.removePayment(payment.n)}
                    ?disabled=${!idle(scene)} @click=${() => act.removePayment(payment.n)}>×</button></li>`,
              )}
              <li class="sum"><span>${m.total}</span><span class="money">${formatMoney(total, currency, language)}</span></li>
            </ul>`
      }
      ${
        local.adding !== null && open
          ? adder(scene, local.adding)
          : open
            ? html`<button type="button"
                @click=${() => act.set({ adding: { type: providerOf(session)?.types.find((one) => one !== 'tokenise') ?? '', amount: '' } })}>+ ${m.addPayment}</button>`
            : nothing
      }
    </div>`;
}

function adder(scene: SessionScene, adding: { type: string; amount: string }): TemplateResult {
  const { m, session, act } = scene;
  const currency = currencyOf(session);
  const types = (providerOf(session)?.types ?? []).filter((type) => type !== 'tokenise');
  const ready = parseMoney(adding.amount, currency) !== undefined && adding.type !== '';
  return html`
    <fieldset class="adder">
      <legend>${m.addPaymentHint}</legend>
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
        <button type="button" class="primary" ?disabled=${!ready || !idle(scene)} @click=${act.addPayment}>${m.add}</button>
        <button type="button" @click=${() => act.set({ adding: null })}>${m.discard}</button>
      </div>
    </fieldset>`;
}
