import { html, nothing, type TemplateResult } from 'lit/html.js';
import type { FieldView } from '../../payment/session-view.ts';
import { brandName } from '../brand-name.ts';
import { fieldOf, stepOf } from '../step.ts';
import { messageOf } from './detail-field.ts';
import { crossIcon, lockIcon, tickIcon } from './icons.ts';
import { can, idle, type SessionScene } from './scene.ts';

type CardSlot = 'pan' | 'cvc';

/** The card as the agent may see it: asterisks, ticks, and never a digit but the last four (P-39 to P-55). */
export function card(scene: SessionScene): TemplateResult {
  const { m, session } = scene;
  const taking = session.capturing;
  return html`
    <section class="card-section" aria-labelledby="card-heading" part="card">
      <h2 id="card-heading">${m.cardInformation}</h2>
      <div class="card ${session.locked ? 'locked' : ''}">
        ${slot(scene, 'pan')} ${wantsCvc(scene) ? slot(scene, 'cvc') : nothing}
        ${taking === null || taking === 'pan' || taking === 'cvc' ? nothing : otherSlot(scene, taking)}
      </div>
      ${session.locked ? lockBanner(scene) : requests(scene)}
    </section>`;
}

/** Some providers take no security code; then nothing of it is shown. */
function wantsCvc({ session }: SessionScene): boolean {
  return session.missing.includes('cvc') || fieldOf(session, 'cvc').state !== 'empty';
}

/** Asterisks in fours, as the digits stand on a card; a listener is told the count. */
function stars(field: FieldView, m: SessionScene['m']): TemplateResult {
  const groups = field.mask.match(/\*{1,4}/g) ?? [];
  return html`<span class="stars" role="img" aria-label=${m.digitCount(field.digits)}>${groups.map((group) => html`<span>${group}</span>`)}</span>`;
}

function slot(scene: SessionScene, name: CardSlot): TemplateResult {
  const { m, session, local } = scene;
  const field = fieldOf(session, name);
  return html`
    <div class="slot ${name} ${field.state} ${local.pointed === name ? 'pointed' : ''}" id=${name} tabindex="-1" role="group" aria-labelledby="${name}-name">
      <span class="slot-name" id="${name}-name">${m[name]}</span>
      <span class="slot-value">${slotValue(scene, field)}</span>
      <span class="slot-mark">
        ${field.state === 'empty' && !session.locked && session.missing.includes(name) ? messageOf(m.fieldMissing) : mark(scene, field)}
      </span>
    </div>`;
}

function slotValue({ m }: SessionScene, field: FieldView): TemplateResult {
  switch (field.state) {
    case 'capturing':
      return field.digits === 0 ? html`<span class="dim">${m.waitingKeys}</span>` : stars(field, m);
    case 'complete':
      return html`${stars(field, m)}${field.lastFour === null ? nothing : html`<span class="four">${m.endsIn(field.lastFour)}</span>`}`;
    case 'failed':
      return html`<span class="dim">${m.failed}</span>`;
    default:
      return html`<span class="dim">${m.notYet}</span>`;
  }
}

function mark({ m }: SessionScene, field: FieldView): TemplateResult | typeof nothing {
  if (field.state === 'complete') {
    return html`${field.brand === null ? nothing : html`<span class="brand-name">${brandName(field.brand)}</span>`}<span class="ok-mark" role="img" aria-label=${m.complete}>${tickIcon}</span>`;
  }
  if (field.state === 'failed')
    return html`<span class="bad-mark" role="img" aria-label=${m.failed}>${crossIcon}</span>`;
  return field.state === 'capturing' && field.digits > 0
    ? html`<span class="count">${m.digitCount(field.digits)}</span>`
    : nothing;
}

function otherSlot(scene: SessionScene, name: string): TemplateResult {
  const field = fieldOf(scene.session, name);
  return html`
    <div class="slot ${field.state}" role="group" aria-label=${scene.m.fieldNames[name] ?? name}>
      <span class="slot-name">${scene.m.fieldNames[name] ?? name}</span>
      <span class="slot-value">${slotValue(scene, field)}</span><span class="slot-mark">${mark(scene, field)}</span>
    </div>`;
}

/** Stands only while the media side has confirmed the lock (P-40, P-50). */
function lockBanner(scene: SessionScene): TemplateResult {
  const { m, act } = scene;
  return html`
    <div class="lock-banner" part="locked" tabindex="-1" data-focus>
      <span class="lock-badge">${lockIcon}</span>
      <span><strong>${m.callLocked}</strong><small>${m.callLockedHint}</small></span>
      ${can(scene, 'captures:stop') ? html`<button type="button" ?disabled=${!idle(scene)} @click=${act.stopCapture}>${m.stop}</button>` : nothing}
    </div>`;
}

function requests(scene: SessionScene): TemplateResult {
  const { m, session } = scene;
  // A keypad test has a note of its own; what failed on the keypad may have been typed since.
  const keyed = Object.keys(session.fields).filter(
    (name) => name !== 'keypadTest' && session.details[name] === undefined,
  );
  return html`
    ${keyed.map((name) => failure(scene, name))}
    <div class="requests">${requestButton(scene, 'pan', m.requestPan)} ${wantsCvc(scene) ? requestButton(scene, 'cvc', m.requestCvc) : nothing}</div>
    ${can(scene, 'captures:keypadTest') ? keypadTest(scene) : nothing}`;
}

/** Proves that keys arrive, with no card data, before the customer takes the card out. */
function keypadTest(scene: SessionScene): TemplateResult {
  const { state, digits } = fieldOf(scene.session, 'keypadTest');
  return html`
    <div class="row"><button type="button" class="quiet" ?disabled=${!idle(scene)} @click=${() => scene.act.capture('keypadTest')}>
      ${scene.m.fieldNames['keypadTest']}</button>
      ${state === 'complete' ? html`<span class="hint">${tickIcon}${scene.m.digitCount(digits)}</span>` : nothing}</div>
    ${scene.annex?.keypadNote(scene)}`;
}

function failure(scene: SessionScene, name: string): TemplateResult | typeof nothing {
  const { reason } = fieldOf(scene.session, name);
  if (reason === null) return nothing;
  const [what, next] = scene.m.failures[reason];
  return html`<p class="failure">${messageOf(`${scene.m.fieldNames[name]}: ${what}`)} <span>${next}</span></p>`;
}

function requestButton(scene: SessionScene, name: CardSlot, text: string): TemplateResult {
  const { m, session, local, act } = scene;
  const field = fieldOf(session, name);
  const first = stepOf(session) === name || (name === 'pan' && field.state !== 'complete');
  const waiting = local.busy === `capture:${name}` || session.capturing === name;
  return html`
    <button type="button" class=${first ? 'primary' : ''} ?data-focus=${stepOf(session) === name}
        ?disabled=${!can(scene, `captures:${name}`) || !idle(scene)} @click=${() => act.capture(name)}>
      ${waiting ? html`<span class="spinner"></span>${m.locking}` : field.state === 'failed' ? m.requestAgain(text) : text}
    </button>`;
}
