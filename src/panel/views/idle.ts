import { html, nothing, type TemplateResult } from 'lit/html.js';
import type { CallView } from '../../telephony/call-view.ts';
import { alertIcon, lockIcon, phoneIcon } from './icons.ts';
import { sayLine } from './say-line.ts';
import { idle, type Scene } from './scene.ts';

/** Everything that is shown while no payment is open. */
export function idleScreen(scene: Scene): TemplateResult {
  const { m, state, call } = scene;
  if (state.link === 'refused') return notice(alertIcon, m.refused, m.refusedHint);
  if (state.link === 'connecting') return notice(html`<span class="spinner"></span>`, m.connecting, m.connectingHint);
  if (call !== undefined) return scene.mayTake ? openScreen(scene, call) : notice(alertIcon, m.refused, m.refusedHint);
  const calls = Object.values(state.calls);
  return calls.length === 0 ? notice(phoneIcon, m.noCall, m.noCallHint) : callList(scene, calls);
}

function notice(picture: unknown, title: string, hint: string): TemplateResult {
  return html`
    <div class="notice">
      <span class="picture" aria-hidden="true">${picture}</span>
      <h2 tabindex="-1" data-focus>${title}</h2>
      <p>${hint}</p>
    </div>`;
}

function direction(scene: Scene, call: CallView): string {
  return call.direction === 'inbound' ? scene.m.callInbound : scene.m.callOutbound;
}

function stateText(scene: Scene, call: CallView): string {
  return call.state === 'answered'
    ? scene.m.callLive
    : call.state === 'ringing'
      ? scene.m.callRinging
      : scene.m.callEnded;
}

function openScreen(scene: Scene, call: CallView): TemplateResult {
  const { m, act } = scene;
  const several = Object.keys(scene.state.calls).length > 1;
  return html`
    <div class="notice">
      <span class="picture ${call.state === 'answered' ? 'live' : ''}" aria-hidden="true">${phoneIcon}</span>
      <h2>${stateText(scene, call)}</h2>
      <p>${direction(scene, call)}</p>
      ${call.state === 'answered' ? sayLine(scene) : nothing}
      <button type="button" class="primary wide" data-focus part="open"
        ?disabled=${call.state !== 'answered' || !idle(scene)} @click=${() => act.open(call.callId)}>
        ${lockIcon}${m.openPayment}
      </button>
      <p class="hint">${m.openHint}</p>
      ${several ? html`<button type="button" class="quiet" @click=${() => act.set({ chosenCall: null })}>${m.chooseCall}</button>` : nothing}
    </div>`;
}

function callList(scene: Scene, calls: readonly CallView[]): TemplateResult {
  return html`
    <div class="notice">
      <h2 tabindex="-1" data-focus>${scene.m.chooseCall}</h2>
      <ul class="calls">
        ${calls.map(
          (call, index) => html`
          <li><button type="button" @click=${() => scene.act.set({ chosenCall: call.callId })}>
            ${phoneIcon}<span><strong>${index + 1}. ${direction(scene, call)}</strong><small>${stateText(scene, call)}</small></span>
          </button></li>`,
        )}
      </ul>
    </div>`;
}
