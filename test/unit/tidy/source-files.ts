import { readdirSync, readFileSync } from 'node:fs';
import { extname, join, relative, sep } from 'node:path';

/** A file by its path from the repository's root, with forward slashes. Planted samples of the tests have the same shape. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

const root = join(import.meta.dirname, '..', '..', '..');
const leftAlone = new Set(['node_modules', 'dist', 'data', 'coverage', '.git', 'sip-scenarios/generated']);
const textual = new Set([
  ...['.ts', '.mjs', '.json', '.md', '.xml', '.yml', '.yaml', '.html', '.css', '.sh', '.sf', '.txt', '.wat', ''],
]);

function walk(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const full = join(folder, entry.name);
    if (leftAlone.has(relative(root, full).split(sep).join('/')) || entry.name.startsWith('.env')) return [];
    if (entry.isDirectory()) return walk(full);
    return entry.isFile() && textual.has(extname(entry.name)) ? [full] : [];
  });
}

/** Everything that is, or will be, committed and that people read. */
export const repositoryFiles: readonly SourceFile[] = walk(root).map((full) => ({
  path: relative(root, full).split(sep).join('/'),
  text: readFileSync(full, 'utf8'),
}));

export const isCode = (file: SourceFile): boolean => /\.(ts|mjs)$/.test(file.path);
export const codeFiles = repositoryFiles.filter(isCode);
export const productFiles = codeFiles.filter((file) => file.path.startsWith('src/'));
