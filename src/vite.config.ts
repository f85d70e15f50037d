import { readFileSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { defineConfig, type Plugin } from 'vite';
import makeAssembler from 'wabt';

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** What starts as a process of its own, and what tests start as one. */
const programs = [
  'main',
  'cde/main',
  'cde/media/embedded/media-process',
  'cde/dtmf/detect-tones',
  'cde/door',
  'cde/media/embedded/embedded-engine',
  'cde/dtmf/tone-detector',
];

/** Parts of former builds would stay beside those of this one. */
const freshParts: Plugin = {
  name: 'fresh-parts',
  buildStart: () => rmSync(at('../dist/parts'), { recursive: true, force: true }),
};

/** Imports of `*.wat` give the bytes of the WebAssembly module that the file describes. */
export const assembleWat: Plugin = {
  name: 'assemble-wat',
  async load(id) {
    if (!id.endsWith('.wat')) return null;
    const assembler = await makeAssembler();
    const module = assembler.parseWat(id, await readFile(id, 'utf8'), { simd: true });
    const { buffer } = module.toBinary({});
    return `export default Uint8Array.from(atob('${Buffer.from(buffer).toString('base64')}'), (c) => c.charCodeAt(0));`;
  },
};

const zodLicence = readFileSync(at('../node_modules/zod/LICENSE'), 'utf8');
const hasZod = (modules: readonly string[]): boolean => modules.some((id) => id.includes('/node_modules/zod/'));

/**
 * The server: a file a program, and in `dist/parts` what several have in common or load when they need it. Reading its six hundred
 * modules one by one took a third of a start's processor time in each process; zod is in it because its languages, of which we
 * speak none, are as many modules again. All other packages stay where npm puts them.
 */
export default defineConfig({
  root: at('.'),
  publicDir: false,
  plugins: [freshParts, assembleWat],
  ssr: { noExternal: ['zod'] },
  build: {
    ssr: true,
    outDir: at('../dist'),
    emptyOutDir: false,
    target: 'es2022',
    minify: false,
    sourcemap: true,
    rolldownOptions: {
      input: Object.fromEntries(programs.map((name) => [name, at(`${name}.ts`)])),
      output: {
        entryFileNames: '[name].js',
        chunkFileNames: 'parts/[name].js',
        banner: ({ moduleIds }) => (hasZod(moduleIds) ? `/*! zod\n${zodLicence}*/` : ''),
      },
    },
  },
});
