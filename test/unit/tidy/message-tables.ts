import type { SourceFile } from './source-files.ts';

export type Table = Readonly<Record<string, unknown>>;

const flatten = (table: Table, at = ''): [string, string][] =>
  Object.entries(table).flatMap(([key, value]) =>
    typeof value === 'object' && value !== null ? flatten(value as Table, `${at}${key}.`) : [[at + key, String(value)]],
  );

const placeholders = (text: string): string => [...text.matchAll(/\{\w+\}/g)].map(String).sort().join();

/** @returns what is wrong between two tables of the same messages in two languages, a line a fault. */
export function unlikeTables(one: Table, other: Table): string[] {
  const [a, b] = [new Map(flatten(one)), new Map(flatten(other))];
  const keys = [...new Set([...a.keys(), ...b.keys()])];
  return keys.flatMap((key) => {
    const [left, right] = [a.get(key), b.get(key)];
    if (left === undefined || right === undefined) return [`${key} stands in one table only`];
    if (left.trim() === '' || right.trim() === '') return [`${key} is empty`];
    return placeholders(left) === placeholders(right) ? [] : [`${key} has other placeholders`];
  });
}

/** @returns keys that no file of the code names. */
export function unusedMessages(table: Table, code: readonly SourceFile[]): string[] {
  const words = new Set(code.flatMap((file) => file.text.match(/\w+/g) ?? []));
  return flatten(table)
    .map(([key]) => key)
    .filter((key) => !key.split('.').some((part) => words.has(part)));
}
