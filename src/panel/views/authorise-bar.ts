import { html, nothing, type TemplateResult } from 'lit/html.js';
import { fieldsOf } from '../field-value.ts';
import { labelOf } from './detail-field.ts';
import { can, idle, type SessionScene } from './scene.ts';

/** Authorise, and what still keeps it shut, each with a jump to it (P-56 to P-58, P-73). */
export function authoriseBar(scene: SessionScene): TemplateResult {
  const { m, session, editor, act } = scene;
  const ready = can(scene, 'authorise') && session.missing.length === 0 && !editor.ahead;
  return html`
    <div class="authorise" part="authorise">
      <button type="button" class="primary wide" ?data-focus=${ready} ?disabled=${!ready || !idle(scene)}
        aria-describedby="needed" @click=${() => act.command('authorise')}>${m.authorise}</button>
      ${session.repeats.length === 0 ? nothing : html`<p class="red" role="status" part="repeated">${m.chargedBefore}</p>`}
      <div id="needed">
        ${
          session.missing.length === 0
            ? html`<span class="hint">${m.authoriseHint}</span>`
            : html`
              <span class="red">${m.stillNeeded}</span>
              <ul class="needed">
                ${session.missing.map(
                  (name) =>
                    html`<li><button type="button" class="jump" @click=${() => act.jump(name)}>${nameOf(scene, name)}</button></li>`,
                )}
              </ul>`
        }
      </div>
      ${cancelButton(scene)}
    </div>`;
}

function nameOf(scene: SessionScene, name: string): string {
  const field = fieldsOf(scene.session).find((one) => one.name === name);
  return field === undefined ? (scene.m.fieldNames[name] ?? name) : labelOf(scene, field);
}

/** At any time (P-84), where the server says that it means something; what was taken is given back only when confirmed. */
export function cancelButton(scene: SessionScene): TemplateResult | typeof nothing {
  if (!can(scene, 'cancel')) return nothing;
  return html`
    <button type="button" class="quiet danger" ?disabled=${!idle(scene)} @click=${() => (scene.session.state === 'succeeded' ? scene.act.set({ asking: 'void' }) : scene.act.command('cancel'))}>
      ${scene.m.cancelPayment}
    </button>`;
}
