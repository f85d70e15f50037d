import { html, nothing, type TemplateResult } from 'lit/html.js';
import { currencyOf, fieldsOf, providerOf } from '../field-value.ts';
import { addedPayments } from './added-payments.ts';
import { detailField, messageOf } from './detail-field.ts';
import { can, type SessionScene } from './scene.ts';
import { splitting } from './splitting.ts';

/** What the agent types or selects (P-19 to P-32), as the provider's list says. */
export function details(scene: SessionScene): TemplateResult {
  const { m, session } = scene;
  const open = can(scene, 'details');
  return html`
    <fieldset class="details" ?disabled=${!open} part="details">
      <legend>${m.paymentDetails}</legend>
      <div class="grid">
        ${typeField(scene)} ${currencyField(scene)}
        ${fieldsOf(session).map((field) => detailField(scene, field))}
      </div>
      ${addedPayments(scene)} ${splitting(scene)} ${scene.annex?.balance(scene)}
    </fieldset>`;
}

function typeField(scene: SessionScene): TemplateResult {
  const { m, session, act } = scene;
  const types = providerOf(session)?.types ?? [];
  const { type } = session.details;
  const missing = session.missing.includes('type');
  const only = types.length === 1 && type === types[0];
  return html`
    <div class="field span ${missing ? 'missing' : ''}">
      ${
        only
          ? html`<span class="label">${m.type}</span><strong>${m.typeNames[types[0] ?? 'charge']}</strong>`
          : html`
            <label for="type" class="label">${m.type}</label>
            <select id="type" aria-describedby="type-note" aria-invalid=${missing}
              @change=${(event: Event) => act.changeDetail('type', (event.target as HTMLSelectElement).value)}>
              <option value="" ?selected=${type === undefined} disabled>${m.typeChoose}</option>
              ${types.map((one) => html`<option value=${one} ?selected=${one === type}>${m.typeNames[one]}</option>`)}
            </select>`
      }
      <span id="type-note" class="note">
        ${missing ? messageOf(m.fieldMissing) : type === 'tokenise' ? html`<span class="hint">${m.tokeniseNote}</span>` : nothing}
      </span>
    </div>`;
}

/** Only where the provider takes several; otherwise the currency stands beside the amount. */
function currencyField(scene: SessionScene): TemplateResult | typeof nothing {
  const { m, session, act } = scene;
  const currencies = providerOf(session)?.currencies ?? [];
  if (currencies.length < 2 || session.details['type'] === 'tokenise') return nothing;
  const current = currencyOf(session);
  return html`
    <div class="field">
      <label for="currency" class="label">${m.currency}</label>
      <select id="currency" @change=${(event: Event) => act.changeDetail('currency', (event.target as HTMLSelectElement).value)}>
        ${currencies.map((one) => html`<option value=${one} ?selected=${one === current}>${one}</option>`)}
      </select>
      <span class="note"></span>
    </div>`;
}
