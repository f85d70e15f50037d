import { html, type TemplateResult } from 'lit/html.js';
import { fieldOf, missingDetails, type Step, stepOf, steps } from '../step.ts';
import { tickIcon } from './icons.ts';
import type { SessionScene } from './scene.ts';

function done({ session }: SessionScene, step: Step): boolean {
  switch (step) {
    case 'details':
      return missingDetails(session).length === 0;
    case 'pan':
    case 'cvc':
      return fieldOf(session, step).state === 'complete';
    case 'authorise':
      return session.state === 'succeeded';
  }
}

/** Where the payment stands, in four steps. */
export function progress(scene: SessionScene): TemplateResult {
  const { m } = scene;
  const names = { details: m.stepDetails, pan: m.stepPan, cvc: m.stepCvc, authorise: m.stepAuthorise };
  const current = stepOf(scene.session);
  return html`
    <ol class="steps" aria-label=${m.steps}>
      ${steps.map((step, index) => {
        const complete = done(scene, step);
        return html`
          <li class="${complete ? 'done' : ''} ${step === current ? 'now' : ''}" aria-current=${step === current ? 'step' : 'false'}>
            <span class="bead" aria-hidden="true">${complete ? tickIcon : index + 1}</span><span>${names[step]}</span>
          </li>`;
      })}
    </ol>`;
}
