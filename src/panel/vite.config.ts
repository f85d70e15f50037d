import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig, type Plugin } from 'vite';

const source = fileURLToPath(new URL('..', import.meta.url));

/** Templates are text to a minifier, so their layout goes here: between tags, before lines, and inside style sheets. */
const slimTemplates: Plugin = {
  name: 'slim-templates',
  enforce: 'pre',
  transform(code, id) {
    if (/\/src\/panel\/(views|annex)\//.test(id)) {
      // What stands between two tags or a tag and a value is layout of ours, too; within a tag a space must stay.
      const tight = code.replace(/>\s*\n\s*(?=<|\$\{)/g, '>').replace(/\}\s*\n\s*(?=<\/?[a-z])/g, '}');
      return tight.replace(/\n\s+/g, '\n');
    }
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

const panelFolder = `${source}panel/`;
const panelFiles = readdirSync(panelFolder, { recursive: true, encoding: 'utf8' }).filter((path) =>
  path.endsWith('.ts'),
);
const panelText = panelFiles.map((path) => readFileSync(panelFolder + path, 'utf8')).join('');
/** Names of texts that are read as `m.name` only; one that is also computed stands somewhere in quotes. */
const textNames = [...readFileSync(`${panelFolder}messages/en.ts`, 'utf8').matchAll(/^ {2}(\w+):/gm)]
  .map((match) => match[1] ?? '')
  .filter((name) => !panelText.includes(`'${name}'`));
const shortName = new Map(textNames.map((name, at) => [name, `$${at.toString(36)}`]));

/** The name of a text stands in the element and in each table: as one of two letters it is half a kilobyte less to load. */
const shortTextNames: Plugin = {
  name: 'short-text-names',
  enforce: 'pre',
  transform(code, id) {
    if (!id.startsWith(panelFolder)) return null;
    const place = id.includes('/messages/') ? /^( {2})(\w+)(?=:)/gm : /\b(m\.|messages\.)(\w+)/g;
    return code.replace(place, (_, before: string, name: string) => before + (shortName.get(name) ?? name));
  },
};

/** Dynamic imports bring texts and what few agents need: no styles to wait for, nothing to preload. */
const plainImport: Plugin = {
  name: 'plain-import',
  enforce: 'pre',
  transform: (_code, id) =>
    id.includes('vite/preload-helper') ? 'export const __vitePreload = (load) => load();' : null,
};

/** Everything lands in the folder of the page that loads it: the gateway serves these two and nothing beside them. */
const assetName = (names: readonly string[]): string => {
  if (names.some((name) => name.startsWith('demo'))) return 'demo/[name][extname]';
  return names.some((name) => name.startsWith('operator')) ? 'console/[name][extname]' : 'panel/[name][extname]';
};

/**
 * Static pages for the gateway to serve: `panel/`, `console/` and `demo/` under `dist/pages`. The custom element keeps one stable file
 * name, since desktops embed it by that. Nothing inline: the pages run under `default-src 'none'`.
 */
export default defineConfig({
  root: source,
  base: './',
  publicDir: false,
  plugins: [shortTextNames, slimTemplates, plainImport],
  build: {
    outDir: fileURLToPath(new URL('../../dist/pages', import.meta.url)),
    emptyOutDir: true,
    target: 'es2022',
    modulePreload: false,
    assetsInlineLimit: 0,
    rolldownOptions: {
      // What is loaded on demand takes lit-html and the rest from the element's own file, so that this stays one file.
      preserveEntrySignatures: 'allow-extension',
      input: {
        'panel/tonelock-panel': `${source}panel/tonelock-panel.ts`,
        'panel/panel-page': `${source}panel/index.html`,
        'panel/frame-page': `${source}panel/frame.html`,
        'demo/demo-page': `${source}demo/index.html`,
        'console/operator-page': `${source}console/index.html`,
      },
      output: {
        entryFileNames: '[name].js',
        chunkFileNames: 'panel/tonelock-panel.[name].js',
        assetFileNames: ({ names }) => assetName(names),
      },
    },
  },
});
