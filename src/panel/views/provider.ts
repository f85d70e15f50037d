import { html, nothing, type TemplateResult } from 'lit/html.js';
import { providerOf } from '../field-value.ts';
import { can, type SessionScene } from './scene.ts';

/** The provider of this payment, and its change in two steps: pick, then commit (P-13 to P-17). */
export function provider(scene: SessionScene): TemplateResult {
  const { m, session, local, language, act, annex } = scene;
  const others = session.psps.length > 1;
  return html`
    <section class="provider" aria-label=${m.psp}>
      ${
        local.pickedPsp !== null && annex !== undefined && can(scene, 'psp')
          ? annex.pspPicker(scene, local.pickedPsp)
          : html`
            <div class="row">
              <span class="pair"><span class="label">${m.psp}</span><strong>${providerOf(session)?.label[language] ?? session.psp}</strong></span>
              ${
                can(scene, 'psp') && others
                  ? html`<button type="button" @click=${() => act.unfold({ pickedPsp: session.psp })}>${m.pspChange}</button>`
                  : nothing
              }
            </div>
            ${others && session.pspChangesLeft === 0 ? html`<p class="hint">${m.pspSpent}</p>` : nothing}`
      }
    </section>`;
}
