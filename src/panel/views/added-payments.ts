import { html, nothing, type TemplateResult } from 'lit/html.js';
import { currencyOf, providerOf } from '../field-value.ts';
import { formatMoney } from '../money.ts';
import { can, idle, type SessionScene } from './scene.ts';

/** Further payments on the same card (P-34 to P-37). The first payment is the form itself. */
export function addedPayments(scene: SessionScene): TemplateResult | typeof nothing {
  const { m, session, local, language, act, annex } = scene;
  const added = session.payments.filter((payment) => payment.n > 1 && payment.state === 'draft');
  const open = can(scene, 'payments');
  if (added.length === 0 && !open) return nothing;
  const currency = currencyOf(session);
  const first = session.details['amount'];
  const total = added.reduce((sum, payment) => sum + (payment.amount ?? 0), typeof first === 'number' ? first : 0);
  return html`
    <div class="added">
      ${
        added.length === 0
          ? nothing
          : html`
            <ul class="lines" aria-label=${m.addedPayments}>
              ${added.map(
                (payment) => html`
                <li><span>${payment.type === null ? '' : m.typeNames[payment.type]}</span>
                  <span class="money">${payment.amount === null ? '' : formatMoney(payment.amount, currency, language)}</span>
                  <button type="button" class="quiet" aria-label=${m.removePayment(payment.n)}
                    ?disabled=${!idle(scene)} @click=${() => act.removePayment(payment.n)}>×</button></li>`,
              )}
              <li class="sum"><span>${m.total}</span><span class="money">${formatMoney(total, currency, language)}</span></li>
            </ul>`
      }
      ${
        local.adding !== null && annex !== undefined && open
          ? annex.paymentAdder(scene, local.adding)
          : open
            ? html`<button type="button"
                @click=${() => act.unfold({ adding: { type: providerOf(session)?.types.find((one) => one !== 'tokenise') ?? '', amount: '' } })}>+ ${m.addPayment}</button>`
            : nothing
      }
    </div>`;
}
