import type { CardField } from '../shared/card-field.ts';
import { billOf } from './bill.ts';
import { missingFields } from './missing-fields.ts';
import { repeatedCharges } from './repeated-charge.ts';
import { byKeypad, possibleCommands } from './session-guard.ts';
import type { SessionRules } from './session-rules.ts';
import { currencyOf, emptyField, lineOf, lineView, type SessionState } from './session-state.ts';
import type { SessionView } from './session-view.ts';

/** What everybody outside sees of a session: a function of its state, and of nothing else. */
export function viewOf(state: SessionState, rules: SessionRules): SessionView {
  const { slot } = state;
  return {
    id: state.id,
    callId: state.call,
    agent: state.agent,
    state: stateName(state),
    control: state.control,
    psp: state.psp,
    psps: state.psps.map(({ id, label, currencies, types, fields }) => ({
      id,
      label,
      currencies,
      types,
      fields: fields.map(({ prefill: _, own: __, ...field }) => field),
    })),
    pspChangesLeft: rules.pspChangesPerCall === null ? null : Math.max(0, rules.pspChangesPerCall - state.pspChanges),
    details: { ...state.details },
    missing: missingFields(state),
    fields: fieldViews(state, rules),
    payments: state.lines.map(lineView),
    bill: billOf(state),
    locked: isLocked(state),
    capturing: slot.name === 'capturing' || slot.name === 'securing' ? slot.field : null,
    surcharge: surchargeOf(state),
    outcome: state.verdict,
    repeats: repeatedCharges(state),
    show: rules.show,
    can: possibleCommands(state, rules),
  };
}

/** The client was told `locked` and not yet `unlocked`: the indicator follows the true state of the lock (P-40). */
export const isLocked = ({ slot, closed }: SessionState): boolean =>
  !closed && (slot.name === 'capturing' || (slot.name === 'releasing' && slot.announced));

function stateName(state: SessionState): SessionView['state'] {
  if (state.closed) return 'closed';
  if (isLocked(state)) return 'locked';
  switch (state.phase.name) {
    case 'details':
      return missingFields(state).length === 0 ? 'ready' : 'details';
    case 'asking':
    case 'voiding':
      return 'authorising';
    default:
      return state.phase.name;
  }
}

/** The fields that can be keyed, always in the same order, empty where nothing was taken. */
function fieldViews(state: SessionState, rules: SessionRules): SessionView['fields'] {
  const names: CardField[] = ['pan', 'cvc', 'expiry', 'issueNumber', 'postcode', 'keypadTest'];
  const shown = names.filter((name) => name === 'pan' || name === 'cvc' || byKeypad(state, name, rules));
  return Object.fromEntries(shown.map((name) => [name, state.fields[name] ?? emptyField]));
}

function surchargeOf(state: SessionState): SessionView['surcharge'] {
  if (state.phase.name !== 'surcharge' || state.closed) return null;
  const { n, surcharge, total } = state.phase;
  return { amount: lineOf(state, n)?.amount ?? 0, surcharge, total, currency: currencyOf(state) };
}
