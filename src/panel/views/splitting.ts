import { html, nothing, type TemplateResult } from 'lit/html.js';
import { fieldsOf, type PspField } from '../field-value.ts';
import { detailField } from './detail-field.ts';
import { can, type SessionScene } from './scene.ts';

const total: PspField = {
  name: 'billTotal',
  label: { en: '', ja: '' },
  kind: 'amount',
  required: false,
  choices: [],
  types: [],
};

/** Where the agent says that the bill is split over several cards, and how much it is in all (P-05, P-38). */
export function splitting(scene: SessionScene): TemplateResult | typeof nothing {
  const { m, session, local, act } = scene;
  const listed = fieldsOf(session).some((field) => field.name === total.name);
  if (listed || session.details['type'] === 'tokenise' || !can(scene, 'details')) return nothing;
  if (session.bill === null && !local.splitting)
    return html`<button type="button" class="quiet" @click=${() => act.jump(total.name, { splitting: true })}>${m.splitBill}</button>`;
  return html`<div class="grid">${detailField(scene, total)}</div>`;
}
