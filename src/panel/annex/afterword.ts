import { html, nothing, type TemplateResult } from 'lit/html.js';
import { cutOff } from '../panel-state.ts';
import { messageOf } from '../views/detail-field.ts';
import { paymentLine } from '../views/outcome.ts';
import type { SessionScene } from '../views/scene.ts';
import { annexTexts } from './annex-texts.ts';
import { providerWord } from './provider-word.ts';

/**
 * What became of a payment whose call ended, or that was closed, before its outcome was there: the agent must not lose sight of
 * money that is on its way, nor of why an entry broke off (O-10).
 */
export function afterword(scene: SessionScene): TemplateResult {
  const { m, session, language, act } = scene;
  const t = annexTexts[language];
  const sent = session.payments.filter((payment) => payment.state !== 'draft');
  const has = (state: string): boolean => sent.some((payment) => payment.state === state);
  return html`
    <section class="afterword" part="afterword" role="status" aria-labelledby="afterword">
      <div class="row"><h2 id="afterword">${t.afterword}</h2>
        <button type="button" class="quiet" @click=${() => act.set({ putAway: session.id })}>${t.putAway}</button></div>
      ${Object.values(session.fields).map(({ reason }) => {
        if (reason === null || !cutOff(reason)) return nothing;
        const [what, next] = m.failures[reason];
        return html`<p class="failure">${messageOf(what ?? '')} <span>${next}</span></p>`;
      })}
      ${sent.map((payment) => paymentLine(scene, payment))}
      ${has('unknown') ? html`<p class="fixed-text">${m.unknownText}</p>${providerWord(scene)}` : nothing}
      ${has('authorising') ? html`<p class="hint"><span class="spinner"></span> ${t.answerComes}</p>` : nothing}
    </section>`;
}
