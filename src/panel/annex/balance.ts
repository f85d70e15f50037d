import { html, nothing, type TemplateResult } from 'lit/html.js';
import { formatMoney } from '../money.ts';
import { inForm } from '../step.ts';
import { can, idle, type SessionScene } from '../views/scene.ts';

/** The running balance of the bill. What is unknown stands apart: it is still due, and nobody may ask for it unwarned. */
export function balance(scene: SessionScene): TemplateResult | typeof nothing {
  const { m, session, language, act } = scene;
  const { bill } = session;
  if (bill === null) return nothing;
  const line = (name: string, minor: number, kind = ''): TemplateResult =>
    html`<div class=${kind}><dt>${name}</dt><dd>${formatMoney(minor, bill.currency, language)}</dd></div>`;
  const fits = session.details['amount'] === bill.due || bill.due === 0;
  return html`
    <dl class="bill" part="balance">
      ${line(m.fieldNames['billTotal'] ?? '', bill.total)} ${line(m.billPaid, bill.paid)}
      ${bill.unknown === 0 ? nothing : line(m.billUnknown, bill.unknown, 'red')} ${line(m.billDue, bill.due, 'sum')}
    </dl>
    ${
      inForm(session) && can(scene, 'details') && !fits
        ? html`<button type="button" class="quiet" ?disabled=${!idle(scene)} @click=${() => act.changeDetail('amount', bill.due)}>${m.takeRest}</button>`
        : nothing
    }`;
}
