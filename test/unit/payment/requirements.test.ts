import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const linesOfTheManual = 87;
const tests = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

interface Row {
  readonly line: number;
  readonly file: string;
  readonly name: string;
}

const rows: Row[] = [
  ...readFileSync(tests('requirements.md'), 'utf8').matchAll(/^\| P-(\d\d) \| (\S+) \| (.+) \|$/gm),
].map(([, line, file, name]) => ({ line: Number(line), file: file ?? '', name: name ?? '' }));

test('every line of the manual has a test', () => {
  const shown = new Set(rows.map(({ line }) => line));
  const all = Array.from({ length: linesOfTheManual }, (_, at) => at + 1);
  expect(all.filter((line) => !shown.has(line))).toEqual([]);
});

test('every test that the table names is there, as the name of a test', () => {
  const sources = new Map<string, string>();
  const gone = rows.filter(({ file, name }) => {
    const source = sources.get(file) ?? readFileSync(tests(file), 'utf8');
    sources.set(file, source);
    return !["'", '"', '`'].some((quote) => source.includes(`${quote}${name}${quote}`));
  });
  expect(gone).toEqual([]);
});
