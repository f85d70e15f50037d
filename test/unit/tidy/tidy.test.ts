import { describe, expect, test } from 'vitest';
import { functionsOf } from './function-length.ts';
import { codeFiles, productFiles, repositoryFiles, type SourceFile } from './source-files.ts';
import * as rules from './tidy-rules.ts';

const file = (path: string, text: string): SourceFile => ({ path, text });
const body = (lines: number): string => Array.from({ length: lines }, (_, n) => `  step(${n});`).join('\n');
const codes = (words: string): SourceFile =>
  file('src/shared/coded-error.ts', `export const errorCodes = {\n${words}\n} as const;`);

const table: readonly [string, rules.TidyRule, readonly SourceFile[]][] = [
  ['no file has more than 300 lines', rules.longFiles, [file('src/shared/long.ts', body(301))]],
  [
    'no function has more than 60 lines',
    rules.longFunctions,
    [file('src/a.ts', `function f(): void {\n${body(59)}\n}`)],
  ],
  ['every file is imported by another or is an entry point', rules.unimported, [file('src/shared/lost.ts', '')]],
  ['no file is called utils, helpers, common or index', rules.badNames, [file('src/shared/string-utils.ts', '')]],
  ['no file is a barrel by its name', rules.badNames, [file('src/shared/index.ts', '')]],
  ['file names are in kebab case', rules.badNames, [file('src/shared/SerialQueue.ts', '')]],
  ['exports are named, and there are no barrels', rules.barrels, [file('src/shared/a.ts', "export * from './b.ts';")]],
  ['no marker of unfinished work is left', rules.markers, [file('src/a.ts', '// TODO: later')]],
  ['no debugger statement is left', rules.leftovers, [file('src/a.ts', '  debugger;')]],
  ['nothing prints by the console', rules.leftovers, [file('src/a.ts', "  console.log('x');")]],
  ['no test is singled out', rules.leftovers, [file('test/unit/a.test.ts', "test.only('x', () => {});")]],
  ['no test is put aside', rules.leftovers, [file('test/unit/a.test.ts', "describe.skip('x', () => {});")]],
  ['no code is commented out', rules.deadCode, [file('src/a.ts', '  // const a = 1;')]],
  ['the walled room says nothing on a stream', rules.talkInTheRoom, [file('src/cde/a.ts', 'process.stderr.write(x);')]],
  ['the walled room has no logger', rules.talkInTheRoom, [file('src/cde/a.ts', "import { pino } from 'pino';")]],
  ['only entry and authorisation expose digits', rules.exposures, [file('src/cde/call-desk.ts', 'buffer.expose()')]],
  ['assertions quote no values', rules.talkativeAsserts, [file('src/a.ts', 'assert.equal(a, b);')]],
  ['no path of a machine is committed', rules.machinePaths, [file('README.md', 'see /home/somebody/tonelock')]],
  [
    'no host of a registry is committed',
    rules.registryHosts,
    [file('.npmrc', 'registry=http://npm.example.internal/')],
  ],
  [
    'the lock file names no host of its own',
    rules.registryHosts,
    [file('package-lock.json', '"resolved": "http://10.0.0.1/x"')],
  ],
  ['every error code is used', rules.unusedCodes, [codes("  'never-used': 400,"), file('src/a.ts', "'used'")]],
];

describe('the house is tidy', () => {
  test('the rules look at this repository', () => {
    expect(productFiles.length).toBeGreaterThan(20);
    expect(codeFiles.some((one) => one.path === 'test/unit/tidy/tidy.test.ts')).toBe(true);
    expect(repositoryFiles.some((one) => one.path === 'package-lock.json')).toBe(true);
    expect(repositoryFiles.some((one) => one.path === '.ci/run')).toBe(true);
    expect(codeFiles.flatMap(functionsOf).length).toBeGreaterThan(30);
  });

  test.each(table)('%s', (_, rule) => {
    expect(rule(repositoryFiles)).toEqual([]);
  });
});

describe('a fault that somebody plants is found', () => {
  test.each(table)('%s', (_, rule, planted) => {
    expect(rule(planted).length).toBeGreaterThan(0);
  });

  test('a function of exactly the limit is no fault, in each way of writing one', () => {
    const shapes = [
      ['function f(a: number): void {', '}'],
      ['export async function f<T>(a: T): Promise<T> {', '}'],
      ['const f = (a: number): void => {', '};'],
      ['  async #f(a: number): Promise<void> {', '  }'],
      ['  static create(): Thing {', '  }'],
      ["test('a sentence', async () => {", '});'],
      ['export function f(\n  a: number,\n  b: number,\n): void {', '}'],
    ] as const;
    for (const [head, end] of shapes) {
      const lines = rules.functionLinesMax - 1 - head.split('\n').length;
      const ofLength = (inside: number) =>
        rules.longFunctions([file('src/a.ts', `${head}\n${body(inside).replaceAll('  step', '      step')}\n${end}`)]);
      expect(ofLength(lines), head).toEqual([]);
      expect(ofLength(lines + 1), head).toHaveLength(1);
    }
  });

  test('what is no function is not measured: tables, interfaces, classes, loops', () => {
    const heads = [
      'const table = {',
      'export interface Shape {',
      'export class Thing {',
      'if (a(b)) {',
      'for (const a of b()) {',
    ];
    for (const head of [...heads, 'switch (f(a)) {', "describe('rooms', () => {"]) {
      expect(functionsOf(file('src/a.ts', `${head}\n${body(70)}\n}`)), head).toEqual([]);
    }
  });
});
