import { html, nothing, type TemplateResult } from 'lit/html.js';
import { isUnsent } from '../step.ts';
import type { SessionScene } from '../views/scene.ts';
import { annexTexts, type DeclineReason } from './annex-texts.ts';

/** Providers' own codes for the same, as Stripe and the simulator write them; numbers mean something else with each of them. */
const reasons: Readonly<Record<string, DeclineReason>> = {
  'insufficient-funds': 'funds',
  'card-velocity-exceeded': 'limit',
  'withdrawal-count-limit-exceeded': 'limit',
  'expired-card': 'expired',
  'lost-card': 'barred',
  'stolen-card': 'barred',
  'pickup-card': 'barred',
  'restricted-card': 'barred',
  'card-not-supported': 'unsupported',
  'currency-not-supported': 'unsupported',
  'could-not-verify': 'unverified',
  'incorrect-cvc': 'unverified',
  'incorrect-zip': 'unverified',
  'incorrect-address': 'unverified',
  'processing-error': 'fault',
  'issuer-not-available': 'fault',
  'try-again-later': 'fault',
};

/** Why the payment did not go through, in the agent's language, and what to do next: a provider speaks its own. */
export function declineReason({ session, language }: SessionScene): TemplateResult | typeof nothing {
  const { outcome } = session;
  if (outcome === null) return nothing;
  const reason = isUnsent(session) ? 'unsent' : (reasons[outcome.code.toLowerCase().replaceAll('_', '-')] ?? 'unsaid');
  const [what, next] = annexTexts[language].declines[reason];
  return html`<p class="reason"><strong>${what}</strong> ${next}</p>`;
}
