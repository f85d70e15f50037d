import { encodings, spreadPattern, textOf } from './digit-encodings.ts';

/** What was keyed and must be found nowhere. */
export interface Secret {
  readonly kind: 'pan' | 'cvc';
  readonly digits: string;
}

/** One place where digits were found. `form` says how they were written. */
export interface Finding {
  readonly where: string;
  readonly form: string;
  readonly at: number;
}

export const pan = (digits: string): Secret => ({ kind: 'pan', digits });
export const cvc = (digits: string): Secret => ({ kind: 'cvc', digits });

/** Part of a PAN that is as telling as the whole, and long enough to be no accident. */
const windowDigits = 12;
/** A number of this many digits or more that stands alone and is a part of the PAN is a leak; four are the last four. */
const fragmentDigits = 6;
/** Within a word as long as this, which is an id or a hash, six digits of a card number come about by chance. */
const idLength = 16;
const fragmentDigitsInId = 8;

const distinct = (digits: string): number => new Set(digits).size;

/** The PAN, and every part of it of {@link windowDigits} digits that is not just a row of the same ones. */
function parts(digits: string): string[] {
  const all = Array.from({ length: Math.max(0, digits.length - windowDigits + 1) }, (_, n) =>
    digits.slice(n, n + windowDigits),
  );
  return [...new Set([digits, ...all.filter((part) => distinct(part) > 2)])];
}

/** Bytes that would be there if a leak had written these digits in one of the known ways. */
function inBytes(content: Buffer, secret: Secret): Omit<Finding, 'where'>[] {
  if (secret.kind === 'cvc') return [];
  return parts(secret.digits).flatMap((part) =>
    encodings(part).flatMap(({ form, bytes }) => {
      const at = content.indexOf(bytes);
      return at < 0 ? [] : [{ form, at }];
    }),
  );
}

/** Digits with up to six other signs between two of them: `4,1,1`, `"4", "1"`, `4 1 1`, one a line. */
function spread(text: string, secret: Secret): Omit<Finding, 'where'>[] {
  const wanted = secret.kind === 'cvc' ? [secret.digits] : parts(secret.digits);
  return wanted.flatMap((part) => {
    const match = spreadPattern(part, secret.kind === 'cvc' ? 1 : 0).exec(text);
    return match === null ? [] : [{ form: 'spread', at: match.index }];
  });
}

/** A number that stands alone and is a part of the PAN, or is the CVC. */
function alone(text: string, secret: Secret): Omit<Finding, 'where'>[] {
  if (secret.kind === 'cvc') {
    // Three digits alone are too often something else (a port, milliseconds): they count as a string.
    const pattern =
      secret.digits.length > 3 ? `(?<!\\d)${secret.digits}(?!\\d)` : `["'=]${secret.digits}(?!\\d)["',;\\s]`;
    const match = new RegExp(pattern).exec(text);
    return match === null ? [] : [{ form: 'alone', at: match.index }];
  }
  return [...text.matchAll(/[0-9A-Za-z]{6,}/g)].flatMap(({ 0: word, index }) => {
    const id = word.length >= idLength && /[A-Za-z]/.test(word);
    const enough = id ? fragmentDigitsInId : fragmentDigits;
    return [...word.matchAll(/\d+/g)].flatMap(({ 0: run, index: within }) => {
      const part = run.length >= enough && distinct(run) > 1 && secret.digits.includes(run);
      return part ? [{ form: 'fragment', at: index + within }] : [];
    });
  });
}

/** What rows of single digits may have in common: the words before or after them; nothing at all is the weakest. */
const groupings: readonly ((text: string, at: number) => string)[] = [
  (text, at) => text.slice(Math.max(0, at - 10), at).replace(/^.*\n/s, ''),
  (text, at) => text.slice(at + 1, at + 11).replace(/\n.*$/s, ''),
  () => '*',
];

/** A digit a line or a digit a record: single digits that have the same words about them, read one after another. */
function dripped(text: string, secret: Secret): Omit<Finding, 'where'>[] {
  if (secret.kind === 'cvc') return [];
  const single = [...text.matchAll(/(?<![0-9A-Za-z.])\d(?![0-9A-Za-z.])/g)];
  return groupings.flatMap((groupOf) => {
    const rows = new Map<string, string>();
    for (const { 0: digit, index } of single) {
      const group = groupOf(text, index);
      rows.set(group, (rows.get(group) ?? '') + digit);
    }
    // Counters of a metrics page stand one a line too: without words about them a row of ones means nothing.
    const leaked = [...rows].some(([group, row]) =>
      parts(secret.digits).some((part) => row.includes(part) && (distinct(part) > 2 || /[a-z]{2}/i.test(group))),
    );
    return leaked ? [{ form: 'dripped', at: single[0]?.index ?? 0 }] : [];
  });
}

/**
 * Searches what left the gateway for what was keyed, in every form that a careless line of code would write it.
 * @returns nothing where there is nothing; one finding for each form and place otherwise.
 */
export function findDigits(where: string, content: Buffer | string, secrets: readonly Secret[]): Finding[] {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  const text = textOf(bytes);
  const found = secrets.flatMap((secret) => [
    ...inBytes(bytes, secret),
    ...spread(text, secret),
    ...alone(text, secret),
    ...dripped(text, secret),
  ]);
  const seen = new Map(found.map((finding) => [`${finding.form} ${finding.at}`, { where, ...finding }]));
  return [...seen.values()];
}
