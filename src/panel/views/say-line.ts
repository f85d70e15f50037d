import { html, nothing, type TemplateResult } from 'lit/html.js';
import { speechIcon } from './icons.ts';
import type { Scene } from './scene.ts';

/** What to say to the customer at this step. */
export function sayLine(scene: Scene): TemplateResult | typeof nothing {
  if (scene.saying === '') return nothing;
  return html`<p class="say" part="say">${speechIcon}<span><b>${scene.session?.locked === true ? scene.m.wait : scene.m.say}</b> ${scene.saying}</span></p>`;
}
