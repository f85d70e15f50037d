import { html, nothing, type TemplateResult } from 'lit/html.js';
import { idle, type SessionScene } from '../views/scene.ts';
import { annexTexts } from './annex-texts.ts';

/** The providers to choose from; nothing changes before the second button (P-15 to P-17). */
export function pspPicker(scene: SessionScene, picked: string): TemplateResult {
  const { session, language, act } = scene;
  const t = annexTexts[language];
  return html`
    <div class="field"><label class="label" for="psp">${t.pspChoose}</label>
      <select id="psp" @change=${(event: Event) => act.set({ pickedPsp: (event.target as HTMLSelectElement).value })}>
        ${session.psps.map((psp) => html`<option value=${psp.id} ?selected=${psp.id === picked}>${psp.label[language]}</option>`)}
      </select>
    </div>
    ${session.pspChangesLeft === 1 ? html`<p class="hint">${t.pspOnce}</p>` : nothing}
    <div class="buttons">
      <button type="button" class="primary" ?disabled=${picked === session.psp || !idle(scene)} @click=${act.commitPsp}>${t.pspCommit}</button>
      <button type="button" @click=${() => act.set({ pickedPsp: null })}>${t.pspKeep}</button>
    </div>`;
}
