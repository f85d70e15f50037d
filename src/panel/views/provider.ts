import { html, nothing, type TemplateResult } from 'lit/html.js';
import { providerOf } from '../field-value.ts';
import { can, idle, type SessionScene } from './scene.ts';

/** The provider of this payment, and its change in two steps: pick, then commit (P-13 to P-17). */
export function provider(scene: SessionScene): TemplateResult {
  const { m, session, local, language, act } = scene;
  const others = session.psps.length > 1;
  return html`
    <section class="provider" aria-label=${m.psp}>
      ${
        local.pickedPsp !== null && can(scene, 'psp')
          ? picker(scene, local.pickedPsp)
          : html`
            <div class="row">
              <span class="pair"><span class="label">${m.psp}</span><strong>${providerOf(session)?.label[language] ?? session.psp}</strong></span>
              ${
                can(scene, 'psp') && others
                  ? html`<button type="button" @click=${() => act.set({ pickedPsp: session.psp })}>${m.pspChange}</button>`
                  : nothing
              }
            </div>
            ${others && session.pspChangesLeft === 0 ? html`<p class="hint">${m.pspSpent}</p>` : nothing}`
      }
    </section>`;
}

function picker(scene: SessionScene, picked: string): TemplateResult {
  const { m, session, language, act } = scene;
  return html`
    <label class="field"><span class="label">${m.pspChoose}</span>
      <select @change=${(event: Event) => act.set({ pickedPsp: (event.target as HTMLSelectElement).value })}>
        ${session.psps.map((psp) => html`<option value=${psp.id} ?selected=${psp.id === picked}>${psp.label[language]}</option>`)}
      </select>
    </label>
    ${session.pspChangesLeft === 1 ? html`<p class="hint">${m.pspOnce}</p>` : nothing}
    <div class="buttons">
      <button type="button" class="primary" ?disabled=${picked === session.psp || !idle(scene)} @click=${act.commitPsp}>${m.pspCommit}</button>
      <button type="button" @click=${() => act.set({ pickedPsp: null })}>${m.pspKeep}</button>
    </div>`;
}
