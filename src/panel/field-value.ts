import type { SessionView } from '../payment/session-view.ts';
import { minorUnitDigits } from '../shared/minor-units.ts';
import { majorText, parseMoney } from './money.ts';
import { parseMonthYear } from './month-year.ts';
import { holdsCardNumber } from './typed-card-number.ts';

export type PspField = SessionView['psps'][number]['fields'][number];

export type FieldProblem = 'amountInvalid' | 'amountNoDecimals' | 'dateInvalid' | 'holdsCard' | 'notSaved';
export type FieldReading = { value: string | number | null } | { problem: FieldProblem };

/** What an agent's text means to the server; null clears the field. */
export function readField(kind: PspField['kind'], text: string, currency: string): FieldReading {
  const trimmed = text.trim();
  if (trimmed === '') return { value: null };
  if (holdsCardNumber(trimmed)) return { problem: 'holdsCard' };
  switch (kind) {
    case 'amount': {
      const minor = parseMoney(trimmed, currency);
      if (minor !== undefined) return { value: minor };
      return { problem: minorUnitDigits(currency) === 0 ? 'amountNoDecimals' : 'amountInvalid' };
    }
    case 'date': {
      const date = parseMonthYear(trimmed);
      return date === undefined ? { problem: 'dateInvalid' } : { value: date };
    }
    default:
      return { value: trimmed };
  }
}

/** What the input shows for a value of the server. */
export function showField(kind: PspField['kind'], value: string | number | undefined, currency: string): string {
  if (value === undefined) return '';
  return kind === 'amount' && typeof value === 'number' ? majorText(value, currency) : String(value);
}

export function providerOf(session: SessionView): SessionView['psps'][number] | undefined {
  return session.psps.find((psp) => psp.id === session.psp);
}

export function currencyOf(session: SessionView): string {
  const { currency } = session.details;
  return typeof currency === 'string' && currency.length === 3
    ? currency
    : (providerOf(session)?.currencies[0] ?? 'USD');
}

/** Names in `missing` that are no input of the form. */
const notTyped = new Set(['pan', 'cvc', 'type', 'currency']);
const kinds: Readonly<Record<string, PspField['kind']>> = { amount: 'amount', expiry: 'date', startDate: 'date' };

/** The inputs of the form: the provider's list for this type of transaction, and whatever else the server misses. */
export function fieldsOf(session: SessionView): PspField[] {
  const { type } = session.details;
  const applies = (field: PspField): boolean =>
    field.types.length === 0 || typeof type !== 'string' || field.types.some((one) => one === type);
  const listed = (providerOf(session)?.fields ?? []).filter((field) => applies(field) && !notTyped.has(field.name));
  const known = new Set(listed.map((field) => field.name));
  const unlisted = session.missing.filter((name) => !known.has(name) && !notTyped.has(name));
  return [...listed, ...unlisted.map(unlistedField)];
}

function unlistedField(name: string): PspField {
  return {
    name,
    label: { en: '', ja: '' },
    kind: kinds[name] ?? 'text',
    required: true,
    choices: [],
    types: [],
  };
}
