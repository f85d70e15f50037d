/*
 * What a customer's keys must come to, told by the contract's words alone and with strings: written apart from the
 * product's code, to be compared with it. Test data only.
 */

export interface ModelPolicy {
  readonly firstKeyMs: number;
  readonly interKeyMs: number;
  readonly quietMs: number | null;
  readonly overallMs: number;
  readonly clearKey: string | null;
  readonly endKey: string | null;
  readonly backspaceKey: string | null;
}

/** What the contract sets where nothing is configured, without a key for going back. */
export const standardPolicy = {
  firstKeyMs: 20_000,
  interKeyMs: 5_000,
  quietMs: 2_000,
  overallMs: 60_000,
  clearKey: '*',
  endKey: '#',
  backspaceKey: null,
} as const satisfies ModelPolicy;

/** How the model judges a text of digits. */
export interface ModelField {
  lengths(text: string): readonly number[];
  checkDigitRight(text: string): boolean;
  /** What is wrong with a text of possible length, or undefined. */
  fault(text: string): string | undefined;
}

export interface TimedKey {
  readonly at: number;
  readonly key: string;
}

export interface ModelOutcome {
  readonly at: number;
  readonly outcome: 'completed' | 'failed';
  readonly reason: string | undefined;
  readonly text: string;
  /** The counts reported on the way. */
  readonly counts: readonly number[];
}

interface Course {
  text: string;
  lastKeyAt: number;
  readonly counts: number[];
}

/** Follows the keys, sorted by time, from the opening at 0 to the end of the entry. */
export function modelEntry(keys: readonly TimedKey[], policy: ModelPolicy, field: ModelField): ModelOutcome {
  const course: Course = { text: '', lastKeyAt: 0, counts: [] };
  for (const { at, key } of keys) {
    const silence = silenceEnds(course, policy, field);
    if (Math.min(silence, policy.overallMs) <= at) return timedEnd(course, silence, policy, field);
    const ended = take(course, at, key, policy, field);
    if (ended !== undefined) return ended;
  }
  return timedEnd(course, silenceEnds(course, policy, field), policy, field);
}

function take(
  course: Course,
  at: number,
  key: string,
  policy: ModelPolicy,
  field: ModelField,
): ModelOutcome | undefined {
  if (key === policy.endKey) {
    if (course.text === '') return undefined;
    return field.lengths(course.text).includes(course.text.length)
      ? wholeEnd(course, at, field)
      : end(course, at, 'too-short');
  }
  if (key === policy.clearKey || key === policy.backspaceKey) {
    if (course.text === '') return undefined;
    course.text = key === policy.clearKey ? '' : course.text.slice(0, -1);
  } else if (/^\d$/.test(key)) {
    course.text += key;
  } else {
    return undefined;
  }
  course.lastKeyAt = at;
  course.counts.push(course.text.length);
  const longest = Math.max(...field.lengths(course.text));
  return course.text.length === longest ? wholeEnd(course, at, field) : undefined;
}

function silenceEnds(course: Course, policy: ModelPolicy, field: ModelField): number {
  if (course.text === '') return course.lastKeyAt + policy.firstKeyMs;
  const possible = field.lengths(course.text).includes(course.text.length);
  const quiet = possible && field.checkDigitRight(course.text) && policy.quietMs !== null;
  return course.lastKeyAt + (quiet ? (policy.quietMs ?? 0) : policy.interKeyMs);
}

function timedEnd(course: Course, silence: number, policy: ModelPolicy, field: ModelField): ModelOutcome {
  if (policy.overallMs <= silence) return end(course, policy.overallMs, 'overall-timeout');
  if (course.text === '') return end(course, silence, 'first-key-timeout');
  if (!field.lengths(course.text).includes(course.text.length)) return end(course, silence, 'inter-key-timeout');
  return wholeEnd(course, silence, field);
}

function wholeEnd(course: Course, at: number, field: ModelField): ModelOutcome {
  return end(course, at, field.fault(course.text));
}

const end = ({ text, counts }: Course, at: number, reason: string | undefined): ModelOutcome => ({
  at,
  outcome: reason === undefined ? 'completed' : 'failed',
  reason,
  text,
  counts,
});

/** Luhn's sum over a string. */
export function luhnRight(text: string): boolean {
  const sum = [...text]
    .reverse()
    .map(Number)
    .map((digit, at) => (at % 2 === 1 ? [0, 2, 4, 6, 8, 1, 3, 5, 7, 9][digit] : digit))
    .reduce<number>((total, digit) => total + (digit ?? 0), 0);
  return sum % 10 === 0;
}
