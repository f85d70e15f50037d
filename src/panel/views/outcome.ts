import { html, nothing, type TemplateResult } from 'lit/html.js';
import type { PaymentView } from '../../payment/session-view.ts';
import { brandName } from '../brand-name.ts';
import { currencyOf } from '../field-value.ts';
import { formatMoney } from '../money.ts';
import { fieldOf, isUnsent } from '../step.ts';
import { cancelButton } from './authorise-bar.ts';
import { alertIcon, crossIcon, tickIcon } from './icons.ts';
import { sayLine } from './say-line.ts';
import { can, idle, type SessionScene } from './scene.ts';

/** Everything after Authorise (P-60 to P-68, P-76 to P-83). */
export function outcome(scene: SessionScene): TemplateResult {
  switch (scene.session.state) {
    case 'authorising':
      return authorising(scene);
    case 'surcharge':
      return surcharge(scene);
    case 'succeeded':
      return succeeded(scene);
    case 'declined':
      return declined(scene);
    case 'unknown':
      return unknown(scene);
    default:
      return cancelled(scene);
  }
}

function verdict(kind: string, picture: unknown, title: string, hint: string | typeof nothing): TemplateResult {
  return html`
    <div class="verdict ${kind}">
      <span class="medal" aria-hidden="true">${picture}</span>
      <h2 tabindex="-1" data-focus>${title}</h2>
      ${hint === nothing ? nothing : html`<p>${hint}</p>`}
    </div>`;
}

function authorising(scene: SessionScene): TemplateResult {
  const { m } = scene;
  return html`
    ${verdict('waiting', html`<span class="spinner"></span>`, m.authorising, m.authorisingHint)} ${sayLine(scene)}
    <div class="buttons end">${cancelButton(scene)}</div>`;
}

function surcharge(scene: SessionScene): TemplateResult {
  const { m, session, language, act } = scene;
  const quoted = session.surcharge;
  const money = (minor: number): string => formatMoney(minor, quoted?.currency ?? currencyOf(session), language);
  return html`
    ${verdict('asking', alertIcon, m.surcharge, m.surchargeAsk)} ${sayLine(scene)}
    ${
      quoted === null
        ? nothing
        : html`
          <dl class="bill">
            <div><dt>${m.amount}</dt><dd>${money(quoted.amount)}</dd></div>
            <div><dt>${m.surcharge}</dt><dd>+ ${money(quoted.surcharge)}</dd></div>
            <div class="sum"><dt>${m.total}</dt><dd>${money(quoted.total)}</dd></div>
          </dl>`
    }
    <div class="choice">
      <button type="button" class="primary wide" ?disabled=${!can(scene, 'surcharge') || !idle(scene)} @click=${act.acceptSurcharge}>
        ${m.acceptSurcharge}</button>
      ${cancelButton(scene)}
    </div>`;
}

function succeeded(scene: SessionScene): TemplateResult {
  const { m, session, language } = scene;
  const token = session.details['type'] === 'tokenise';
  const paid = session.payments.filter((payment) => payment.state === 'succeeded');
  const amount = paid.reduce((sum, payment) => sum + totalOf(payment), 0);
  return html`
    ${verdict('good', tickIcon, token ? m.tokenised : m.succeeded, token ? nothing : formatMoney(amount, currencyOf(session), language))}
    ${sayLine(scene)} ${summary(scene)} ${scene.annex?.balance(scene)}
    ${after(scene)}`;
}

/** Line by line, where the configuration wants it (P-62); a reference is shown always, for a token is read out (P-65). */
function summary(scene: SessionScene): TemplateResult {
  const { m, session } = scene;
  const pan = fieldOf(session, 'pan');
  const sent = session.payments.filter((payment) => payment.state !== 'draft');
  if (!session.show.summary) return html`${sent.map((payment) => referenceOf(scene, payment))}`;
  return html`
    <section class="summary" aria-label=${m.summary}>
      <h3>${m.summary}</h3>
      ${sent.map((payment) => paymentLine(scene, payment))}
      ${pan.lastFour === null ? nothing : html`<p class="hint">${m.cardInformation}: ${pan.brand === null ? '' : brandName(pan.brand)} ${m.endsIn(pan.lastFour)}</p>`}
    </section>`;
}

/** With the surcharge that was accepted (P-61). */
const totalOf = ({ amount, surcharge }: PaymentView): number => (amount ?? 0) + (surcharge ?? 0);

/** One payment with its reference, which for a token *is* the token (P-65). */
export function paymentLine(scene: SessionScene, payment: PaymentView): TemplateResult {
  const { m, session, language } = scene;
  return html`
    <div class="payment ${payment.state}">
      <div class="row"><span>${payment.type === null ? '' : m.typeNames[payment.type]}</span>
        <span class="money">${payment.amount === null ? '' : formatMoney(totalOf(payment), currencyOf(session), language)}</span>
        <span class="chip ${payment.state}">${m.paymentStates[payment.state]}</span></div>
      ${referenceOf(scene, payment)}
      ${payment.state === 'succeeded' && payment.reference === null ? html`<p class="hint">${m.noReference}</p>` : nothing}
    </div>`;
}

function referenceOf(
  { m, local, act }: SessionScene,
  { type, reference }: PaymentView,
): TemplateResult | typeof nothing {
  if (reference === null) return nothing;
  return html`
    <div class="reference"><span class="label">${type === 'tokenise' ? m.token : m.reference}</span>
      <code>${reference}</code>
      <button type="button" @click=${() => act.copy(reference)}>${local.copied === reference ? m.copied : m.copy}</button></div>`;
}

function declined(scene: SessionScene): TemplateResult {
  const { m, session, act } = scene;
  const said = session.outcome;
  const stands = session.payments.some((payment) => payment.state === 'succeeded');
  const unsent = isUnsent(session);
  const unverified = said?.code.includes('verif') ?? false;
  return html`
    ${verdict('bad', crossIcon, unsent ? m.paymentStates['not-sent'] : unverified ? m.notVerified : m.declined, stands ? nothing : m.declinedHint)} ${scene.annex?.declineReason(scene)} ${sayLine(scene)}
    ${said === null || said.message === '' || unsent ? nothing : html`<p class="provider-says"><span class="label">${m.providerSays}</span>${said.message}</p>`}
    ${scene.annex?.allPayments(scene)} ${scene.annex?.balance(scene)}
    ${
      can(scene, 'retry')
        ? html`
          <div class="choice"><button type="button" class="primary wide" ?disabled=${!idle(scene)} @click=${() => act.command('retry')}>${m.retry}</button>
            <p class="hint">${m.retryHint}</p></div>`
        : nothing
    }
    ${after(scene)}`;
}

/** Nothing on this screen sends the payment again (P-81). */
function unknown(scene: SessionScene): TemplateResult {
  const { m, local, act } = scene;
  const answers = { paid: m.resolvedPaid, 'not-paid': m.resolvedNotPaid, 'still-unknown': m.enquiryStill };
  return html`
    ${verdict('doubt', alertIcon, m.unknown, nothing)}
    <p class="fixed-text" role="alert">${m.unknownText}</p> ${sayLine(scene)}
    ${local.resolved === null ? nothing : html`<p class="provider-says ${local.resolved}" role="status">${answers[local.resolved]}</p>`}
    ${
      can(scene, 'enquiry')
        ? html`
          <div class="choice"><button type="button" class="primary wide" ?disabled=${!idle(scene)} @click=${() => act.command('enquiry')}>${m.enquiry}</button>
            <p class="hint">${m.enquiryHint}</p></div>`
        : nothing
    }
    ${scene.annex?.providerWord(scene)}
    ${after(scene)}`;
}

function cancelled(scene: SessionScene): TemplateResult {
  const { m } = scene;
  return html`${verdict('plain', crossIcon, m.cancelled, m.cancelledHint)} ${sayLine(scene)} ${after(scene)}`;
}

/** What may follow: a new payment (P-67, P-83), or a cancellation where it still means something. */
function after(scene: SessionScene): TemplateResult {
  const { m, session, act } = scene;
  const doubt = session.state === 'unknown' && scene.local.resolved !== 'paid';
  return html`
    <div class="choice">
      ${
        can(scene, 'new-payment')
          ? html`
            <button type="button" class=${doubt ? '' : 'wide'} ?disabled=${!idle(scene)} @click=${() => act.command('new-payment')}>${m.newPayment}</button>
            ${doubt ? html`<p class="hint">${m.newPaymentAfterUnknown}</p>` : nothing}`
          : session.control === 'crm'
            ? html`<p class="hint">${m.crmControl}</p>`
            : nothing
      }
      ${cancelButton(scene)}
    </div>`;
}
