import { html, nothing, type TemplateResult } from 'lit/html.js';
import { currencyOf } from '../field-value.ts';
import { formatMoney } from '../money.ts';
import { idle, type SessionScene } from '../views/scene.ts';

/** Further payments on the same card, each of which can be taken off again, and what they come to (P-34 to P-37). */
export function addedLines(scene: SessionScene): TemplateResult | typeof nothing {
  const { m, session, language, act } = scene;
  const added = session.payments.filter((payment) => payment.n > 1 && payment.state === 'draft');
  if (added.length === 0) return nothing;
  const currency = currencyOf(session);
  const first = session.details['amount'];
  const total = added.reduce((sum, payment) => sum + (payment.amount ?? 0), typeof first === 'number' ? first : 0);
  return html`
    <ul class="lines" aria-label=${m.addedPayments}>
      ${added.map(
        (payment) => html`
        <li><span>${payment.type === null ? '' : m.typeNames[payment.type]}</span>
          <span class="money">${payment.amount === null ? '' : formatMoney(payment.amount, currency, language)}</span>
          <button type="button" class="quiet" aria-label=${m.removePayment(payment.n)}
            ?disabled=${!idle(scene)} @click=${() => act.removePayment(payment.n)}>×</button></li>`,
      )}
      <li class="sum"><span>${m.total}</span><span class="money">${formatMoney(total, currency, language)}</span></li>
    </ul>`;
}
