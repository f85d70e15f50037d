import type { PspDescription } from './card-room.ts';
import { isOpen, pspOf, type SessionState } from './session-state.ts';

/** Details that the session knows by itself, whatever the provider's list says of them. */
const builtIn: readonly string[] = ['type', 'amount', 'currency'];

/** Names of what the provider needs and the session has not (P-57, P-72); empty when `authorise` may be sent. */
export function missingFields(state: SessionState): string[] {
  const psp = pspOf(state);
  if (state.phase.name !== 'details' || psp === undefined) return [];
  return [...missingFromKeypad(state, psp), ...missingFromForm(state, psp)];
}

function missingFromKeypad(state: SessionState, psp: PspDescription): string[] {
  const wanted = psp.needsCvc ? (['pan', 'cvc'] as const) : (['pan'] as const);
  return wanted.filter((field) => state.fields[field]?.state !== 'complete');
}

function missingFromForm(state: SessionState, psp: PspDescription): string[] {
  const open = state.lines.filter(isOpen);
  const names = new Set<string>();
  for (const line of open) {
    if (line.type === null) names.add('type');
    if (line.type !== 'tokenise' && line.amount === null) names.add('amount');
  }
  const types = open.flatMap((line) => line.type ?? []);
  for (const field of psp.fields) {
    const applies = types.length === 0 || types.some((type) => field.types.includes(type));
    const filled = builtIn.includes(field.name) || state.details[field.name] !== undefined;
    if (field.required && applies && !filled) names.add(field.name);
  }
  return [...names];
}
