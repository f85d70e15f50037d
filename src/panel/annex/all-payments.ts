import { html, nothing, type TemplateResult } from 'lit/html.js';
import { paymentLine } from '../views/outcome.ts';
import type { SessionScene } from '../views/scene.ts';

/** Beside one that was declined: what became of the others on the same card. */
export function allPayments(scene: SessionScene): TemplateResult | typeof nothing {
  const { m, session } = scene;
  if (session.payments.length < 2) return nothing;
  return html`<section class="summary" aria-label=${m.summary}>${session.payments.map((one) => paymentLine(scene, one))}</section>`;
}
