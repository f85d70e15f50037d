import { html, nothing, type TemplateResult } from 'lit/html.js';
import { fieldOf } from '../step.ts';
import { messageOf } from '../views/detail-field.ts';
import type { SessionScene } from '../views/scene.ts';
import { annexTexts } from './annex-texts.ts';

/** What a keypad test has found that the agent should know before the card is keyed, and what to do about it. */
export function keypadNote({ m, session, language }: SessionScene): TemplateResult | typeof nothing {
  const { reason, doubled = 0 } = fieldOf(session, 'keypadTest');
  if (doubled > 0) {
    const [what, next] = annexTexts[language].doubled(doubled);
    return html`<p class="keypad-note" role="status"><strong>${what}</strong> ${next}</p>`;
  }
  if (reason === null) return nothing;
  const [what, next] = m.failures[reason];
  return html`<p class="failure">${messageOf(`${m.fieldNames['keypadTest']}: ${what}`)} <span>${next}</span></p>`;
}
