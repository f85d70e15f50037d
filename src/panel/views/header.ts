import { html, nothing, type TemplateResult } from 'lit/html.js';
import { lockIcon } from './icons.ts';
import type { Scene } from './scene.ts';

export function header(scene: Scene): TemplateResult {
  const { m, state, session, local, act } = scene;
  const live = state.link === 'open';
  return html`
    <header part="header">
      <span class="brand">${lockIcon}<span>${m.title}</span></span>
      <span class="link ${live ? 'live' : ''}">
        <span class="dot" aria-hidden="true"></span><span class="link-text">${live ? m.connected : m.connecting}</span>
      </span>
      <button type="button" class="quiet" lang=${m.switchLanguage === 'English' ? 'en' : 'ja'} @click=${act.switchLanguage}>
        ${m.switchLanguage}
      </button>
      ${
        session === undefined
          ? nothing
          : html`
            <button type="button" class="quiet" @click=${() => act.set({ hidden: !local.hidden })} aria-expanded=${!local.hidden}>
              ${local.hidden ? m.show : m.hide}
            </button>`
      }
    </header>`;
}
