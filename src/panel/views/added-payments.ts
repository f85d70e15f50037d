import { html, nothing, type TemplateResult } from 'lit/html.js';
import { providerOf } from '../field-value.ts';
import { can, type SessionScene } from './scene.ts';

/** Further payments on the same card (P-34 to P-37). The first payment is the form itself. */
export function addedPayments(scene: SessionScene): TemplateResult | typeof nothing {
  const { m, session, local, act, annex } = scene;
  const open = can(scene, 'payments');
  const lines = annex?.addedLines(scene) ?? nothing;
  if (lines === nothing && !open) return nothing;
  return html`
    <div class="added">
      ${lines}
      ${
        local.adding !== null && annex !== undefined && open
          ? annex.paymentAdder(scene, local.adding)
          : open
            ? html`<button type="button"
                @click=${() => act.unfold({ adding: { type: providerOf(session)?.types.find((one) => one !== 'tokenise') ?? '', amount: '' } })}>+ ${m.addPayment}</button>`
            : nothing
      }
    </div>`;
}
