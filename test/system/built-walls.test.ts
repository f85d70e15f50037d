import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { expect, it } from 'vitest';
import { importsOf } from '../unit/tidy/import-graph.ts';
import { repositoryFiles } from '../unit/tidy/source-files.ts';

const root = join(import.meta.dirname, '..', '..');

/** Files that a program of the build can load, itself and whatever it imports, at once or later. */
function filesOf(program: string): Set<string> {
  const found = new Set<string>();
  const visit = (path: string): void => {
    if (found.has(path)) return;
    found.add(path);
    const text = readFileSync(path, 'utf8');
    for (const [, name = ''] of text.matchAll(/(?:\bfrom|\bimport\(|^import) ?"(\.[^"]+\.js)"/gm))
      visit(join(dirname(path), name));
  };
  visit(join(root, 'dist', program));
  return found;
}

/** Sources of ours that stand in those files, by their source maps; a file without a map has none. */
function sourcesOf(program: string): string[] {
  const maps = [...filesOf(program)].map((path) => `${path}.map`).filter(existsSync);
  const sources = maps.flatMap((map) =>
    (JSON.parse(readFileSync(map, 'utf8')) as { sources: string[] }).sources.map((path) =>
      relative(root, join(dirname(map), path)),
    ),
  );
  return [...new Set(sources)].filter((path) => path.startsWith('src/')).sort();
}

/** What the door starts: programs of their own. */
const behindTheDoor = ['src/cde/main.ts', 'src/cde/dtmf/detect-tones.ts'];

/** What the door's source needs in the process that opens it. */
function neededBy(door: string): Set<string> {
  const runs = repositoryFiles.flatMap(importsOf).filter(({ ours, typeOnly }) => ours && !typeOnly);
  const imports = runs.filter(({ to }) => !behindTheDoor.includes(to));
  const found = new Set([door]);
  for (const path of found) for (const { from, to } of imports) if (from === path) found.add(to);
  return found;
}

it('The gateway as it is built can load of the walled room what its door needs, and nothing more', () => {
  const room = sourcesOf('main.js').filter((path) => path.startsWith('src/cde/'));
  const needed = neededBy('src/cde/door.ts');
  expect(room).toContain('src/cde/door.ts');
  expect(room.filter((path) => !needed.has(path))).toEqual([]);
  expect(room.filter((path) => /^src\/cde\/(?:entry|dtmf|media)\//.test(path))).toEqual([]);
});

it.each(['cde/main.js', 'cde/media/embedded/media-process.js', 'cde/dtmf/detect-tones.js'])(
  'The walled room as it is built has nothing of the gateway: %s',
  (program) => {
    const sources = sourcesOf(program);
    expect(sources.length).toBeGreaterThan(10);
    expect(sources.filter((path) => !/^src\/(?:cde|shared)\//.test(path))).toEqual([]);
  },
);
