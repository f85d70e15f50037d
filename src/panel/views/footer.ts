import { html, nothing, type TemplateResult } from 'lit/html.js';
import type { CallHistory } from '../commands.ts';
import { inForm } from '../step.ts';
import { idle, type Scene, type SessionScene } from './scene.ts';

/** History (P-69) and close, at the bottom of the panel. */
export function footer(scene: Scene): TemplateResult | typeof nothing {
  const { m, session, call, local, act } = scene;
  if (scene.state.link !== 'open' || (session === undefined && call === undefined)) return nothing;
  return html`
    <footer part="footer">
      ${local.history === null ? nothing : history(scene, local.history)}
      ${local.asking !== null && session !== undefined ? question({ ...scene, session }, local.asking) : nothing}
      <div class="row">
        ${
          session?.show.history === false
            ? nothing
            : html`<button type="button" class="quiet" aria-expanded=${local.history !== null} @click=${act.toggleHistory}>${m.history}</button>`
        }
        ${
          session?.can.includes('close') && local.asking === null
            ? html`<button type="button" class="quiet" ?disabled=${!idle(scene)} @click=${() => closeOrAsk({ ...scene, session })}>${m.close}</button>`
            : nothing
        }
      </div>
    </footer>`;
}

/** Closing a payment that has begun cancels it, so that is asked; what is finished stays as it is. */
function closeOrAsk(scene: SessionScene): void {
  const { session, act } = scene;
  const keyed = Object.values(session.fields).some((field) => field.digits > 0);
  const begun = session.state === 'authorising' || session.state === 'surcharge' || (inForm(session) && keyed);
  if (begun) act.set({ asking: 'close' });
  else act.close();
}

function question({ m, act }: SessionScene, about: 'close' | 'void'): TemplateResult {
  const [text, yes, no] =
    about === 'close' ? [m.closeAsk, m.closeConfirm, m.keepOpen] : [m.voidAsk, m.voidConfirm, m.voidKeep];
  return html`
    <div class="question" role="group" aria-label=${yes}>
      <p>${text}</p>
      <div class="buttons">
        <button type="button" class="danger" data-focus @click=${about === 'close' ? act.close : () => act.command('cancel')}>${yes}</button>
        <button type="button" @click=${() => act.set({ asking: null })}>${no}</button>
      </div>
    </div>`;
}

function history({ m, annex, ...rest }: Scene, shown: CallHistory | 'gone'): unknown {
  if (shown === 'gone' || annex === undefined) return html`<p class="hint" role="status">${m.historyGone}</p>`;
  return annex.history({ m, annex, ...rest }, shown);
}
