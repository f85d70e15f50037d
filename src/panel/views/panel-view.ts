import { html, nothing, type TemplateResult } from 'lit/html.js';
import { inForm } from '../step.ts';
import { authoriseBar } from './authorise-bar.ts';
import { card } from './card.ts';
import { details } from './details.ts';
import { footer } from './footer.ts';
import { header } from './header.ts';
import { idleScreen } from './idle.ts';
import { outcome } from './outcome.ts';
import { progress } from './progress.ts';
import { provider } from './provider.ts';
import { sayLine } from './say-line.ts';
import type { Scene, SessionScene } from './scene.ts';

/** The whole panel. The live region stands first and always, so that a screen reader knows it before it speaks. */
export function panelView(scene: Scene, spoken: string): TemplateResult {
  return html`
    <div class="panel" part="panel" lang=${scene.language}>
      <div class="silent" aria-live="polite" role="status">${spoken}</div>
      ${header(scene)} ${problem(scene)} ${body(scene)}
      ${scene.local.hidden && scene.session !== undefined ? nothing : footer(scene)}
    </div>`;
}

/** What an agent reads: never the server's own text, which is for developers. */
function problem({ m, local, act, annex, language }: Scene): TemplateResult | typeof nothing {
  if (local.problem === null) return nothing;
  const text = local.problem === 'network' ? m.problemOfNetwork : annex?.problemText(language, local.problem);
  return html`
    <div class="problem" role="alert"><span>${text ?? m.problem}</span>
      <button type="button" class="quiet danger" aria-label=${m.dismiss} @click=${() => act.set({ problem: null })}>×</button></div>`;
}

function body(scene: Scene): TemplateResult {
  const { session } = scene;
  if (session === undefined || scene.state.link !== 'open') return html`${afterword(scene)} ${idleScreen(scene)}`;
  if (scene.local.hidden) return html`<p class="hidden-note">${scene.m.hiddenNote}</p>`;
  const inSession: SessionScene = { ...scene, session };
  return inForm(session) ? form(inSession) : after(inSession);
}

/** What is left to say of a payment that is closed. */
function afterword({ state, local, annex, ...rest }: Scene): TemplateResult | typeof nothing {
  const session = state.sessions[state.afterword ?? ''];
  if (session === undefined || annex === undefined || local.putAway === session.id) return nothing;
  return annex.afterword({ state, local, annex, ...rest, session });
}

function form(scene: SessionScene): TemplateResult {
  return html`
    ${progress(scene)} ${sayLine(scene)}
    <div class="columns form">
      <div class="column">${provider(scene)} ${details(scene)}</div>
      <div class="column">${card(scene)} ${authoriseBar(scene)}</div>
    </div>`;
}

function after(scene: SessionScene): TemplateResult {
  return html`<div class="columns outcome">${outcome(scene)}</div>`;
}
