import { html, nothing, type TemplateResult } from 'lit/html.js';
import { currencyOf, type PspField, readField, showField } from '../field-value.ts';
import { alertIcon } from './icons.ts';
import { can, idle, type SessionScene } from './scene.ts';

export const messageOf = (text: string): TemplateResult => html`<span class="red">${alertIcon}${text}</span>`;

export function labelOf({ m, language }: SessionScene, field: PspField): string {
  return field.label[language] || m.fieldNames[field.name] || field.name;
}

/** One input with its label and, beneath, its red message (P-58) or nothing; the line keeps its height. */
export function detailField(scene: SessionScene, field: PspField): TemplateResult {
  const { m, session, editor, local, act } = scene;
  const reading = editor.reading(field.name);
  const problem = reading !== undefined && 'problem' in reading ? reading.problem : undefined;
  const missing = session.missing.includes(field.name) && editor.text(field.name) === undefined;
  const byKeypad = can(scene, `captures:${field.name}`);
  const bad = missing || problem !== undefined;
  return html`
    <div class="field ${bad ? 'missing' : ''} ${bad && local.pointed === field.name ? 'pointed' : ''} ${field.kind}">
      <label class="label" for=${field.name}>${labelOf(scene, field)}
        ${field.required ? nothing : html`<small>${m.optional}</small>`}</label>
      ${field.kind === 'choice' ? choiceInput(scene, field, bad) : textInput(scene, field, bad)}
      <span class="note" id="${field.name}-note">
        ${problem !== undefined ? messageOf(m[problem]) : missing ? messageOf(m.fieldMissing) : nothing}
      </span>
      ${
        byKeypad
          ? html`<button type="button" class="quiet" ?disabled=${!idle(scene)} @click=${() => act.capture(field.name)}>${m.byKeypad}</button>`
          : nothing
      }
    </div>`;
}

function choiceInput({ m, session, act }: SessionScene, field: PspField, bad: boolean): TemplateResult {
  const value = session.details[field.name];
  return html`
    <select id=${field.name} aria-invalid=${bad} aria-describedby="${field.name}-note" ?required=${field.required}
      @change=${(event: Event) => act.changeDetail(field.name, (event.target as HTMLSelectElement).value)}>
      <option value="" ?selected=${value === undefined}>${m.typeChoose}</option>
      ${field.choices.map((choice) => html`<option value=${choice} ?selected=${choice === value}>${choice}</option>`)}
    </select>`;
}

function textInput({ m, session, editor }: SessionScene, field: PspField, bad: boolean): TemplateResult {
  const currency = (): string => String(editor.value('currency') ?? currencyOf(session));
  const shown = editor.text(field.name) ?? showField(field.kind, session.details[field.name], currency());
  const numeric = field.kind !== 'text';
  const typed = (event: Event): void => {
    const { value } = event.target as HTMLInputElement;
    editor.edit(field.name, value, () => readField(field.kind, value, currency()));
  };
  return html`
    <span class="box">
      ${field.kind === 'amount' ? html`<span class="unit" aria-hidden="true">${currency()}</span>` : nothing}
      <input id=${field.name} .value=${shown} autocomplete="off" spellcheck="false" maxlength="120"
        inputmode=${numeric ? 'decimal' : 'text'} placeholder=${field.kind === 'date' ? m.datePlaceholder : ''}
        ?required=${field.required} aria-invalid=${bad} aria-describedby="${field.name}-note"
        @input=${typed} @change=${() => void editor.leave(field.name)} @blur=${() => void editor.leave(field.name)} />
    </span>`;
}
