import { posix } from 'node:path';
import { functionsOf } from './function-length.ts';
import { importsOf } from './import-graph.ts';
import { isCode, type SourceFile } from './source-files.ts';

/** A rule looks at files and says what is wrong, one line a fault. */
export type TidyRule = (files: readonly SourceFile[]) => string[];

const digitBuffer = 'src/cde/entry/digit-buffer.ts';

export const fileLinesMax = 300;
export const functionLinesMax = 60;

/** A rule over single lines: `where` chooses files, `what` is what no line of them may hold. */
const noLine =
  (where: (path: string) => boolean, what: RegExp): TidyRule =>
  (files) =>
    files
      .filter((file) => where(file.path))
      .flatMap(({ path, text }) =>
        text.split('\n').flatMap((line, at) => (what.test(line) ? [`${path}:${at + 1}: ${line.trim()}`] : [])),
      );

const inProduct = (path: string): boolean => path.startsWith('src/') && /\.(ts|mjs)$/.test(path);
const inCode = (path: string): boolean => /\.(ts|mjs)$/.test(path);
/** These files name what they forbid. */
const notOfTheseRules = (path: string): boolean => !path.startsWith('test/unit/tidy/');

export const longFiles: TidyRule = (files) =>
  files.filter(isCode).flatMap(({ path, text }) => {
    const lines = text.trimEnd().split('\n').length;
    return lines > fileLinesMax ? [`${path}: ${lines} lines`] : [];
  });

export const longFunctions: TidyRule = (files) =>
  files.filter(isCode).flatMap((file) =>
    functionsOf(file)
      .filter((span) => span.lines > functionLinesMax)
      .map((span) => `${file.path}:${span.line}: ${span.lines} lines: ${span.name}`),
  );

/** What is started and not imported: by `node`, by the door, by the browser, by the build; and what only the compiler reads. */
const entryPoints = [/^src\/main\.ts$/, /^src\/(?:panel\/)?vite\.config\.ts$/, /\.d\.ts$/];

export const unimported: TidyRule = (files) => {
  const product = files.filter((file) => inProduct(file.path));
  const imported = new Set(product.flatMap(importsOf).map((link) => link.to));
  const pages = files.filter((file) => file.path.startsWith('src/') && file.path.endsWith('.html'));
  const onPages = pages.flatMap(({ path, text }) =>
    [...text.matchAll(/src="(\.?[^"]+\.ts)"/g)].map((match) => posix.join(posix.dirname(path), match[1] ?? '')),
  );
  return product
    .map((file) => file.path)
    .filter((path) => !imported.has(path) && !onPages.includes(path) && !entryPoints.some((entry) => entry.test(path)));
};

const bannedWord = /^(?:utils?|helpers?|common|misc)$/;
const bannedName = /(?:^|\/)index\./;

export const badNames: TidyRule = (files) =>
  files
    .filter(isCode)
    .map((file) => file.path)
    .filter((path) => {
      const parts = path.replace(/^\./, '').split('/');
      const words = parts.flatMap((part) => part.replace(/\.(?:test|bench|config)?\.?(?:ts|mjs)$/, '').split('-'));
      const kebab = /^[a-z0-9]+(?:-[a-z0-9]+)*(?:\.(?:test|bench|config|d))?\.(?:ts|mjs)$/.test(parts.at(-1) ?? '');
      return !kebab || bannedName.test(path) || words.some((word) => bannedWord.test(word));
    });

export const barrels = noLine(
  (path) => inProduct(path) && !path.endsWith('.config.ts'),
  /^export \* from|^export default/,
);
export const markers = noLine((path) => notOfTheseRules(path) && inCode(path), /\b(?:TODO|FIXME|HACK)\b|(?<!')\bXXX\b/);
export const leftovers = noLine(
  (path) => notOfTheseRules(path) && inCode(path),
  /^\s*debugger\b|(?<!['~+])\bconsole\.\w|\b(?:test|it|describe|suite)(?:\.\w+)*\.(?:only|skip|todo)\b(?!If)|^\s*f(?:it|describe)\('/,
);
export const deadCode = noLine(
  (path) => notOfTheseRules(path) && inCode(path),
  /^\s*\/\/\s*(?:const|let|var|import|export|return|await|if \(|for \(|\}|[\w.]+\(.*\);).*[;{}]\s*$/,
);
/** A measuring tool of the walled room, a process of its own that is given recordings and prints the keys it finds. */
const measuringTool = 'src/cde/dtmf/detect-tones.ts';
/** Somebody who is in the walled room may not print. The buffer looks into node:util for the key by which it stays unprintable. */
export const talkInTheRoom = noLine(
  (path) => path.startsWith('src/cde/') && path !== digitBuffer && path !== measuringTool && inCode(path),
  /\bconsole[.[]|'pino'|\bprocess\.(?:stdout|stderr|emitWarning|report)\b|\butil\.(?:inspect|debuglog)\b|'node:util'|\bJSON\.stringify\(.*(?:digit|buffer|key)/i,
);

/** Digits come out of their buffer in two rooms only: where they are judged, hashed and shown as last four, and where they are sent. */
const mayExpose = (path: string): boolean => /^src\/cde\/(?:entry|authorisation)\//.test(path);
export const exposures = noLine((path) => inProduct(path) && !mayExpose(path), /\bexpose\(/);

/** `assert.equal` and friends write both values into their message. */
export const talkativeAsserts = noLine(inProduct, /'node:assert(?:\/strict)?'|\bassert\.\w+\(/);

export const machinePaths = noLine(
  notOfTheseRules,
  /[/]work[/]|[/]tmp[/](?:bash|brief)|[/]root[/]|[/](?:home|Users)[/]\w+[/]/,
);

const registryHost =
  /https?:\/\/(?!registry\.npmjs\.org\/)[^/"\s]*(?:registry|npm|artifact|nexus|verdaccio|proxy)[^/"\s]*\//i;
export const registryHosts = noLine(
  (path) => /(?:^|\/)(?:package(?:-lock)?\.json|\.npmrc|\.ci\/run|docker\/.*)$/.test(path),
  new RegExp(`${registryHost.source}|"resolved": "(?!https://registry\\.npmjs\\.org/)`, 'i'),
);

const codeList = 'src/shared/coded-error.ts';
export const unusedCodes: TidyRule = (files) => {
  const list = files.find((file) => file.path === codeList)?.text ?? '';
  const table = /export const errorCodes = \{([^}]*)\}/.exec(list)?.[1] ?? '';
  const codes = [...table.matchAll(/^\s*'?([a-z-]+)'?: \d{3},/gm)].map((match) => match[1] ?? '');
  const elsewhere = files.filter((file) => inProduct(file.path) && file.path !== codeList).map((file) => file.text);
  return codes.filter((code) => !elsewhere.some((text) => text.includes(`'${code}'`)));
};
