import { type CardField, cardFields } from '../shared/card-field.ts';
import type { ErrorCode } from '../shared/coded-error.ts';
import type { AttemptId } from '../shared/ids.ts';
import { hasPaid } from './bill.ts';
import { isUntouched } from './given-back.ts';
import { missingFields } from './missing-fields.ts';
import type { Command } from './session-input.ts';
import type { SessionRules } from './session-rules.ts';
import { isOpen, type Line, pspOf, type SessionState } from './session-state.ts';

export interface Refusal {
  readonly code: ErrorCode;
  /** Names of fields; only for `missing-fields`. */
  readonly about: readonly string[];
}

/** @returns why the command means nothing now; undefined when it does. The one place that decides it, for every surface. */
export function refusal(state: SessionState, command: Command, rules: SessionRules): Refusal | undefined {
  const missing = command.kind === 'authorise' ? missingFields(state) : [];
  const code = refusalCode(state, command, rules) ?? (missing.length > 0 ? 'missing-fields' : undefined);
  return code === undefined ? undefined : { code, about: code === 'missing-fields' ? missing : [] };
}

function refusalCode(state: SessionState, command: Command, rules: SessionRules): ErrorCode | undefined {
  if (state.closed) return 'session-closed';
  if (state.closing) return command.kind === 'close' ? undefined : 'session-closed';
  switch (command.kind) {
    case 'psp':
      return offForm(state) ?? running(state) ?? pspRefusal(state, command.psp, rules);
    case 'details':
      return offForm(state) ?? detailsRefusal(state, command);
    case 'addPayment':
      return offForm(state) ?? addRefusal(state, command, rules);
    case 'removePayment':
      return offForm(state) ?? (removable(state, command.n) ? undefined : 'payment-not-found');
    case 'capture':
      return offForm(state) ?? running(state) ?? captureRefusal(state, command.field, rules);
    case 'stop':
      return state.slot.name === 'idle' ? 'no-capture' : undefined;
    case 'authorise':
      return offForm(state) ?? running(state) ?? (state.lines.some(isOpen) ? undefined : 'wrong-state');
    case 'surcharge':
      return state.phase.name === 'surcharge' ? undefined : elsewhere(state);
    case 'retry':
      return state.phase.name === 'declined' ? retryRefusal(state, rules) : elsewhere(state);
    case 'newPayment':
      return running(state) ?? newPaymentRefusal(state, rules);
    case 'cancel':
      return cancelRefusal(state);
    case 'close':
      return undefined;
    case 'enquire':
      return enquiryRefusal(state);
  }
}

/** An unknown payment is locked against everything that could send it again (P-81). */
const elsewhere = (state: SessionState): ErrorCode =>
  state.phase.name === 'unknown' ? 'do-not-resubmit' : 'wrong-state';

const offForm = (state: SessionState): ErrorCode | undefined =>
  state.phase.name === 'details' ? undefined : elsewhere(state);

const running = (state: SessionState): ErrorCode | undefined =>
  state.slot.name === 'idle' ? undefined : 'capture-running';

function pspRefusal(state: SessionState, psp: string, rules: SessionRules): ErrorCode | undefined {
  if (pspOf(state, psp) === undefined) return 'unknown-psp';
  if (psp === state.psp) return undefined;
  if (state.lines.some((line) => line.state === 'succeeded')) return 'wrong-state';
  return rules.pspChangesPerCall !== null && state.pspChanges >= rules.pspChangesPerCall
    ? 'psp-change-limit'
    : undefined;
}

function detailsRefusal(state: SessionState, command: Command & { kind: 'details' }): ErrorCode | undefined {
  const first = state.lines[0];
  const ordered = command.names.some((name) => name === 'type' || name === 'amount');
  if (ordered && first !== undefined && !isOpen(first)) return 'wrong-state';
  if (command.names.includes('currency') && state.lines.some((line) => !isOpen(line))) return 'wrong-state';
  return command.details['type'] === 'tokenise' && state.lines.length > 1 ? 'not-for-tokenise' : undefined;
}

function addRefusal(
  state: SessionState,
  command: Command & { kind: 'addPayment' },
  rules: SessionRules,
): ErrorCode | undefined {
  if (command.type === 'tokenise' || state.lines[0]?.type === 'tokenise') return 'not-for-tokenise';
  if (pspOf(state)?.types.includes(command.type) !== true) return 'unknown-type';
  return state.lines.length > rules.addedPaymentsMax ? 'too-many-payments' : undefined;
}

const removable = (state: SessionState, n: number): boolean =>
  state.lines.some((line) => line.n === n && line.n > 1 && isOpen(line));

export function byKeypad(state: SessionState, field: CardField, rules: SessionRules): boolean {
  if (field === 'pan') return true;
  return field === 'cvc' ? pspOf(state)?.needsCvc === true : rules.byKeypad.includes(field);
}

function captureRefusal(state: SessionState, field: CardField, rules: SessionRules): ErrorCode | undefined {
  if (!byKeypad(state, field, rules)) return 'field-not-captured-by-keypad';
  if (field === 'cvc' && state.fields.pan?.state !== 'complete') return 'cvc-before-pan';
  const limit = rules.maxRequests;
  return limit !== null && (state.requests[field] ?? 0) >= limit ? 'too-many-requests' : undefined;
}

export const mayRetry = (state: SessionState, rules: SessionRules): boolean =>
  rules.retry && (state.control === 'agent' || rules.thirdPartyControl.retry);

function retryRefusal(state: SessionState, rules: SessionRules): ErrorCode | undefined {
  if (state.control === 'crm' && !rules.thirdPartyControl.retry) return 'controlled-by-crm';
  return state.verdict?.retryable === true ? undefined : 'retry-not-allowed';
}

const finished: readonly string[] = ['succeeded', 'declined', 'unknown', 'cancelled'];

function newPaymentRefusal(state: SessionState, rules: SessionRules): ErrorCode | undefined {
  if (!finished.includes(state.phase.name)) return 'wrong-state';
  if (state.control === 'crm' && !rules.thirdPartyControl.newPayment) return 'controlled-by-crm';
  return hasPaid(state) && !rules.splitOverCards ? 'split-not-allowed' : undefined;
}

/** Lines of this card that a void may give back: nothing of them was given back at the refund desk, or is being. */
export const voidable = (state: SessionState): readonly Line[] =>
  state.lines.filter(
    (line) =>
      (line.state === 'succeeded' || line.state === 'unknown') &&
      line.psp !== null &&
      isUntouched(line.back) &&
      pspOf(state, line.psp)?.can.void === true,
  );

function cancelRefusal(state: SessionState): ErrorCode | undefined {
  switch (state.phase.name) {
    case 'cancelled':
    case 'voiding':
      return 'wrong-state';
    case 'succeeded':
      return voidable(state).length > 0 ? undefined : 'wrong-state';
    default:
      return undefined;
  }
}

function enquiryRefusal(state: SessionState): ErrorCode | undefined {
  if (state.phase.name !== 'unknown') return 'wrong-state';
  return unknownLines(state).some((line) => pspOf(state, line.psp ?? '')?.can.enquire === true)
    ? undefined
    : 'cannot-enquire';
}

export const unknownLines = (state: SessionState): readonly Line[] =>
  state.lines.filter((line) => line.state === 'unknown');

const anyAttempt = '' as AttemptId;

/** Names of the commands that mean something now (P-57): what a panel enables. `authorise` only when nothing is missing. */
export function possibleCommands(state: SessionState, rules: SessionRules): string[] {
  const psp = state.psps.find((one) => one.id !== state.psp)?.id;
  const probes: [string, Command][] = [
    ['close', { kind: 'close' }],
    ['details', { kind: 'details', details: {}, names: [] }],
    ['payments', { kind: 'addPayment', type: addableType(state), amount: 1, attempt: anyAttempt }],
    ...cardFields.map((field): [string, Command] => [`captures:${field}`, { kind: 'capture', field }]),
    ['captures:stop', { kind: 'stop' }],
    ['authorise', { kind: 'authorise' }],
    ['surcharge', { kind: 'surcharge', accept: true }],
    ['retry', { kind: 'retry', attempts: [], at: 0 }],
    ['new-payment', { kind: 'newPayment', attempt: anyAttempt }],
    ['enquiry', { kind: 'enquire' }],
  ];
  if (psp !== undefined) probes.push(['psp', { kind: 'psp', psp, details: {} }]);
  // In an unknown payment that cannot be voided, cancel is taken and changes nothing: no button for that.
  if (state.phase.name !== 'unknown' || voidable(state).length > 0) probes.push(['cancel', { kind: 'cancel' }]);
  return probes.filter(([, command]) => refusal(state, command, rules) === undefined).map(([name]) => name);
}

const addableType = (state: SessionState): 'charge' | 'authorise' =>
  pspOf(state)?.types.includes('charge') === true ? 'charge' : 'authorise';
