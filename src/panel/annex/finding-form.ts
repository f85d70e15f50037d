import { html, nothing, type TemplateResult } from 'lit/html.js';
import type { Transaction } from '../../payment/transaction.ts';
import { codeOf } from '../problem.ts';
import { holdsCardNumber } from '../typed-card-number.ts';
import { messageOf } from '../views/detail-field.ts';
import type { Scene } from '../views/scene.ts';
import { annexTexts } from './annex-texts.ts';
import type { Finding } from './finding.ts';

/** Where the focus goes when the search is unfolded. */
const place = 'finding';
/** The longest text that the server looks for. */
const textMax = 128;

/** Asks the server; an empty text finds the newest payments. Never rejects; resolves with whether it was answered. */
async function find({ act, m, language }: Scene, finding: Finding): Promise<boolean> {
  const text = finding.text.trim();
  const query = text === '' ? '' : `?${new URLSearchParams({ [finding.by]: text })}`;
  try {
    const { transactions } = (await act.ask('GET', `/v1/transactions${query}`)) as { transactions: Transaction[] };
    act.set({ finding: { ...finding, found: transactions, problem: null } });
    return true;
  } catch (error) {
    const code = codeOf(error);
    const words = code === 'network' ? m.problemOfNetwork : annexTexts[language].problems[code];
    act.set({ finding: { ...finding, problem: words ?? m.problem } });
    return false;
  }
}

/** Reads what is shown once more: what was found, or the payments of the call. */
export async function readAnew(scene: Scene): Promise<void> {
  const { finding } = scene.local;
  await (finding?.found ? find(scene, finding) : scene.act.loadHistory());
}

/** Below the payments of the call, for who may give back: a search among all others. */
export function findingForm(scene: Scene): TemplateResult {
  const { act, language, searchField } = scene;
  const { finding } = scene.local;
  const t = annexTexts[language];
  if (finding === null) {
    const begin: Finding = { by: searchField ? 'searchValue' : 'reference', text: '', found: null, problem: null };
    return html`<button type="button" class="quiet" id="find" @click=${() => act.jump(place, { finding: begin })}>${t.find}</button>`;
  }
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (holdsCardNumber(finding.text)) return act.set({ finding: { ...finding, problem: scene.m.holdsCard } });
    if (await find(scene, finding)) act.jump('history', { giving: null });
  };
  return html`
    <form class="giving field ${finding.problem === null ? '' : 'missing'}" role="search" @submit=${submit} novalidate>
      ${searchField ? wayOfFinding(scene, finding, searchField) : nothing}
      <label class="label" for=${place}>${finding.by === 'reference' ? t.findReference : t.findWhole(nameOf(scene, searchField ?? ''))}</label>
      <span class="box"><input id=${place} autocomplete="off" spellcheck="false" maxlength=${textMax} .value=${finding.text}
        aria-invalid=${finding.problem !== null} aria-describedby="finding-note"
        @input=${(event: Event) => act.set({ finding: { ...finding, text: (event.target as HTMLInputElement).value, problem: null } })} /></span>
      <span class="note" id="finding-note" role="status">${finding.problem === null ? html`<span class="hint">${t.findHint}</span>` : messageOf(finding.problem)}</span>
      <div class="buttons"><button type="submit" class="primary">${t.findNow}</button>
        <button type="button" @click=${() => act.jump('history', { finding: null, giving: null })}>${t.findEnd}</button></div>
    </form>`;
}

function wayOfFinding(scene: Scene, finding: Finding, searchField: string): TemplateResult {
  const t = annexTexts[scene.language];
  const choose = (event: Event): void => {
    const by = (event.target as HTMLSelectElement).value as Finding['by'];
    scene.act.set({ finding: { ...finding, by, problem: null } });
  };
  const choice = (by: Finding['by'], text: string): TemplateResult =>
    html`<option value=${by} ?selected=${by === finding.by}>${text}</option>`;
  return html`
    <label class="label" for="finding-by">${t.findBy}</label>
    <select id="finding-by" @change=${choose}>${choice('searchValue', nameOf(scene, searchField))}${choice('reference', scene.m.fieldNames['reference'] ?? '')}</select>`;
}

/** As the form calls it, where a provider has a label for it. */
function nameOf({ session, language, m }: Scene, searchField: string): string {
  const field = session?.psps.flatMap(({ fields }) => fields).find(({ name }) => name === searchField);
  return field?.label[language] || m.fieldNames[searchField] || searchField;
}
