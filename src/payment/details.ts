import { CodedError } from '../shared/coded-error.ts';
import { billTotalName } from './bill.ts';
import { looksLikeCardNumber } from './card-like-text.ts';
import type { PspDescription } from './card-room.ts';
import type { Details } from './session-state.ts';

export type DetailsPatch = Readonly<Record<string, string | number | null>>;

export const detailTextMax = 128;
/** Eleven digits of minor units: more than any card takes, and too short to be a card number. */
export const amountMax = 99_999_999_999;

type FieldKind = PspDescription['fields'][number]['kind'];

/** Details that every provider's session knows, whether its list names them or not (P-24…P-29). */
const standardKinds: Readonly<Record<string, FieldKind>> = {
  cardholder: 'text',
  reference: 'text',
  issueNumber: 'text',
  startDate: 'date',
  expiry: 'date',
  [billTotalName]: 'amount',
};

const month = /^(?:0[1-9]|1[0-2])\/\d{2}$/;
/** Control and format characters, line separators, lone surrogates, private use and unassigned code points. */
const unprintable = /[\p{C}\p{Zl}\p{Zp}]/u;

/**
 * The details after a patch; null or an empty text takes a detail away.
 * @throws {CodedError} `bad-detail` or `unknown-type`, about the names at fault.
 */
export function patchDetails(details: Details, patch: DetailsPatch, psp: PspDescription): Details {
  const names = Object.keys(patch);
  const bad = names.filter((name) => !isEmpty(patch[name]) && !isValid(name, patch[name], psp));
  if (bad.length > 0) throw new CodedError(bad.includes('type') ? 'unknown-type' : 'bad-detail', undefined, bad);
  const next: Record<string, string | number> = { ...details };
  for (const name of names) {
    const value = patch[name];
    if (value === undefined || isEmpty(value)) delete next[name];
    else next[name] = value;
  }
  return withOnlyChoices(next, psp);
}

/** What of `wanted` this provider can take: for prefilled values and for a change of provider, where nothing is refused. */
export function fittingDetails(wanted: DetailsPatch, psp: PspDescription): Details {
  const entries = Object.entries(wanted).filter(([name, value]) => !isEmpty(value) && isValid(name, value, psp));
  const prefilled = psp.fields.flatMap(({ name, prefill }) =>
    prefill !== null && isValid(name, prefill, psp) ? [[name, prefill] as const] : [],
  );
  return withOnlyChoices(Object.fromEntries([...prefilled, ...entries]) as Record<string, string | number>, psp);
}

export const isAmount = (value: unknown): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value > 0 && value <= amountMax;

const isEmpty = (value: string | number | null | undefined): value is '' | null => value === '' || value === null;

/** The currency follows from the provider, and so does a type where there is only one (P-20). */
function withOnlyChoices(details: Record<string, string | number>, psp: PspDescription): Details {
  const [type, otherType] = psp.types;
  if (details['type'] === undefined && type !== undefined && otherType === undefined) details['type'] = type;
  const currency = psp.currencies[0];
  if (details['currency'] === undefined && currency !== undefined) details['currency'] = currency;
  return details;
}

function isValid(name: string, value: unknown, psp: PspDescription): boolean {
  if (looksLikeCardNumber(String(value))) return false;
  if (name === 'amount') return isAmount(value);
  if (name === 'type') return psp.types.some((type) => type === value);
  if (name === 'currency') return typeof value === 'string' && psp.currencies.includes(value);
  const declared = psp.fields.find((field) => field.name === name);
  const kind = declared?.kind ?? (Object.hasOwn(standardKinds, name) ? standardKinds[name] : undefined);
  switch (kind) {
    case 'amount':
      return isAmount(value);
    case 'date':
      return typeof value === 'string' && month.test(value);
    case 'choice':
      return typeof value === 'string' && declared?.choices.includes(value) === true;
    case 'text':
      return typeof value === 'string' && value.length <= detailTextMax && !unprintable.test(value);
    case undefined:
      return false;
  }
}
