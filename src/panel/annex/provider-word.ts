import { html, nothing, type TemplateResult } from 'lit/html.js';
import type { PaymentView } from '../../payment/session-view.ts';
import { codeOf } from '../problem.ts';
import type { SessionScene } from '../views/scene.ts';
import { annexTexts } from './annex-texts.ts';

const referenceMax = 128;

/** Where the agent writes down what the provider has said of an unknown payment by telephone (P-82): nothing is sent by it. */
export function providerWord(scene: SessionScene): TemplateResult | typeof nothing {
  const unknown = scene.session.payments.filter((payment) => payment.state === 'unknown');
  return unknown.length === 0 ? nothing : html`${unknown.map((payment) => wordForm(scene, payment))}`;
}

function wordForm(scene: SessionScene, { id, n }: PaymentView): TemplateResult {
  const t = annexTexts[scene.language];
  const choice = (answer: string, text: string): TemplateResult =>
    html`<label class="row"><input type="radio" name="answer" value=${answer} required /><span>${text}</span></label>`;
  return html`
    <details class="word">
      <summary>${t.wordAsk}</summary>
      <form class="giving" @submit=${(event: SubmitEvent) => void record(scene, id, event)}>
        ${choice('paid', t.wordPaid)} ${choice('not-paid', t.wordNotPaid)}
        <label class="field" for="word-${n}"><span class="label">${scene.m.reference} <small>${scene.m.optional}</small></span></label>
        <span class="box"><input id="word-${n}" name="reference" autocomplete="off" spellcheck="false" maxlength=${referenceMax} /></span>
        <div class="buttons"><button type="submit" class="primary">${t.wordRecord}</button></div>
      </form>
    </details>`;
}

async function record({ act }: SessionScene, payment: string, event: SubmitEvent): Promise<void> {
  event.preventDefault();
  const typed = new FormData(event.target as HTMLFormElement);
  const reference = String(typed.get('reference')).trim();
  const answer = typed.get('answer');
  const body = answer === 'paid' && reference !== '' ? { answer, reference } : { answer };
  // What comes of it comes as an event, as it does after an enquiry.
  await act.ask('POST', `/v1/transactions/${payment}/resolution`, body).catch((error: unknown) => {
    act.set({ problem: codeOf(error) });
  });
}
