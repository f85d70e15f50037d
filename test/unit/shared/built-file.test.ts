import { expect, it } from 'vitest';
import { builtFile } from '../../../src/shared/built-file.ts';

const cases = {
  'file:///x/src/shared/built-file.ts': '/x/dist/cde/main.js',
  'file:///x/dist/main.js': '/x/dist/cde/main.js',
  'file:///x/dist/parts/door.js': '/x/dist/cde/main.js',
  'file:///opt/src/dist/tonelock/dist/parts/door.js': '/opt/src/dist/tonelock/dist/cde/main.js',
  'file:///with%20space/src/node_modules/tonelock/dist/cde/main.js':
    '/with space/src/node_modules/tonelock/dist/cde/main.js',
};

it.each(Object.entries(cases))('What runs as %s finds the file of its own build', (here, path) => {
  expect(builtFile('cde/main.js', here)).toBe(path);
});
