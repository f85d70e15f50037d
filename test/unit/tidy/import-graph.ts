import { posix } from 'node:path';
import type { SourceFile } from './source-files.ts';

export interface Import {
  readonly from: string;
  /** Path of a file of ours, or the name of a package, or `node:…`. */
  readonly to: string;
  readonly ours: boolean;
  /** True where nothing of it is left when the program runs. */
  readonly typeOnly: boolean;
}

// The formatter puts every statement at the start of its line, so three patterns see all that TypeScript can import.
const statement = /^(?:import|export)\s(type\s)?[^;'"]*?\bfrom\s*'([^']+)'|^import\s*'([^']+)'/gm;
const call = /\bimport\(\s*'([^']+)'\s*\)/g;
/** A file that is started as a process or a worker of its own, or read as a resource. */
const location = /new URL\(\s*'(\.[^']+\.[jt]s)',\s*import\.meta\.url/g;
/** The same by its name in the build, which has the name of its source. */
const built = /\bbuiltFile\(\s*'([^']+\.js)'/g;

function resolve(from: string, specifier: string): { to: string; ours: boolean } {
  if (specifier.startsWith('.')) {
    const path = posix.join(posix.dirname(from), specifier);
    return { to: path.replace(/\.js$/, '.ts'), ours: true };
  }
  const parts = specifier.split('/');
  const name = specifier.startsWith('@') ? parts.slice(0, 2).join('/') : parts[0];
  return { to: specifier.startsWith('node:') ? specifier : (name ?? specifier), ours: false };
}

export function importsOf(file: SourceFile): Import[] {
  const found: Import[] = [];
  const add = (specifier: string | undefined, typeOnly: boolean): void => {
    if (specifier !== undefined) found.push({ from: file.path, typeOnly, ...resolve(file.path, specifier) });
  };
  for (const match of file.text.matchAll(statement)) add(match[2] ?? match[3], match[1] !== undefined);
  for (const match of file.text.matchAll(call)) add(match[1], false);
  for (const match of file.text.matchAll(location)) add(match[1], false);
  for (const match of file.text.matchAll(built))
    found.push({ from: file.path, typeOnly: false, to: `src/${match[1]?.replace(/js$/, 'ts')}`, ours: true });
  return found;
}

/** @returns each cycle once, as a chain of paths that begins and ends with the same file. */
export function cycles(imports: readonly Import[]): string[] {
  const next = new Map<string, string[]>();
  for (const { from, to, ours } of imports) if (ours) next.set(from, [...(next.get(from) ?? []), to]);
  const done = new Set<string>();
  const chains: string[] = [];
  const visit = (path: string, trail: string[]): void => {
    const at = trail.indexOf(path);
    if (at >= 0) chains.push([...trail.slice(at), path].join(' → '));
    if (at >= 0 || done.has(path)) return;
    for (const to of next.get(path) ?? []) visit(to, [...trail, path]);
    done.add(path);
  };
  for (const path of next.keys()) visit(path, []);
  return chains;
}
