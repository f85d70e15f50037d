import type { SourceFile } from './source-files.ts';

/** One function of a file; `lines` counts from its first line to its closing brace. */
export interface FunctionSpan {
  readonly name: string;
  readonly line: number;
  readonly lines: number;
}

const control = /^(?:if|for|while|switch|catch|with|do|else|try|finally)\b/;
const method = /^(?:(?:public|private|protected|static|async|override|get|set)\s+)*\*?(#?[\w$]+|\[.+\])(?:<.*>)?\(/;
const opensFunction = /(?:=>|\)(?:: [^=]+)?) \{$/;
/** `describe` is a heading and no function. */
const heading = /^(?:export )?(?:describe|suite)[.(]/;

const indentOf = (line: string): number => line.length - line.trimStart().length;

/** The line where the statement whose last line is `at` begins: the formatter gives both the same indentation. */
function firstLine(lines: readonly string[], at: number): number {
  const indent = indentOf(lines[at] ?? '');
  if (!/^\s*[)}\]]/.test(lines[at] ?? '')) return at;
  for (let n = at - 1; n >= 0; n -= 1) {
    const line = lines[n] ?? '';
    if (line.trim() !== '' && indentOf(line) === indent && !/^\s*[)}\]]/.test(line)) return n;
  }
  return at;
}

/**
 * Finds functions in code that Biome has formatted: a body opens with `{` at the end of a line and closes with the first
 * `}` at the indentation of the line where it began.
 */
export function functionsOf(file: SourceFile): FunctionSpan[] {
  const lines = file.text.split('\n');
  return lines.flatMap((line, at) => {
    if (!opensFunction.test(line)) return [];
    const start = firstLine(lines, at);
    const head = (lines[start] ?? '').trim();
    if (control.test(head) || /^\} (?:else|catch)/.test(line.trim()) || heading.test(head)) return [];
    if (!line.endsWith('=> {') && !/\bfunction\b/.test(head) && !method.test(head)) return [];
    const indent = indentOf(line);
    const length = lines
      .slice(at + 1)
      .findIndex((later) => indentOf(later) === indent && later.trimStart().startsWith('}'));
    return length < 0 ? [] : [{ name: head, line: start + 1, lines: at - start + length + 2 }];
  });
}
