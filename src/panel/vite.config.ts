import { fileURLToPath } from 'node:url';
import { defineConfig, type Plugin } from 'vite';

const source = fileURLToPath(new URL('..', import.meta.url));

/** Templates are text to a minifier, so their layout goes here: between tags, before lines, and inside style sheets. */
const slimTemplates: Plugin = {
  name: 'slim-templates',
  enforce: 'pre',
  transform(code, id) {
    if (id.includes('/src/panel/views/')) return code.replace(/>\s*\n\s*</g, '><').replace(/\n\s+/g, '\n');
    if (!id.includes('/src/panel/styles/')) return null;
    return code.replace(/`\s[^`]*`/g, (sheet) =>
      sheet
        .replace(/\s+/g, ' ')
        .replace(/ ?([{};]) ?/g, '$1')
        .replace(/([:,]) /g, '$1')
        .replace(/;}/g, '}'),
    );
  },
};

/** Dynamic imports bring tables of texts only: no styles to wait for, nothing to preload. */
const plainImport: Plugin = {
  name: 'plain-import',
  enforce: 'pre',
  transform: (_code, id) =>
    id.includes('vite/preload-helper') ? 'export const __vitePreload = (load) => load();' : null,
};

/** Everything lands in the folder of the page that loads it: the gateway serves these two and nothing beside them. */
const assetName = (names: readonly string[]): string =>
  names.some((name) => name.startsWith('demo')) ? 'demo/[name][extname]' : 'panel/[name][extname]';

/**
 * Static pages for the gateway to serve: `panel/` and `demo/` under `dist/pages`. The custom element keeps one stable file
 * name, since desktops embed it by that. Nothing inline: the pages run under `default-src 'none'`.
 */
export default defineConfig({
  root: source,
  base: './',
  publicDir: false,
  plugins: [slimTemplates, plainImport],
  build: {
    outDir: fileURLToPath(new URL('../../dist/pages', import.meta.url)),
    emptyOutDir: true,
    target: 'es2022',
    modulePreload: false,
    assetsInlineLimit: 0,
    rolldownOptions: {
      input: {
        'panel/tonelock-panel': `${source}panel/tonelock-panel.ts`,
        'panel/panel-page': `${source}panel/index.html`,
        'demo/demo-page': `${source}demo/index.html`,
      },
      output: {
        entryFileNames: '[name].js',
        chunkFileNames: 'panel/tonelock-panel.[name].js',
        assetFileNames: ({ names }) => assetName(names),
      },
    },
  },
});
