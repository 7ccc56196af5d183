// Builds dist/, which Maven packs as classpath `public/`:
//   chat.html        the hosted page of /c/{site}
//   widget.js        the embed's loader, one classic script
//   w/<hash>/*.js    everything else, named by its content and therefore immutable
import { readFile, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const at = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const english = JSON.parse(await readFile(at('packages/ui/src/strings/en.json'), 'utf8'));
const places = new Map(Object.keys(english).map((key, place) => [key, place]));
/**
 * The keys of the words are for people: in the bundles a text is known by its place in `en.json`, and
 * each language is a list. Saves 1 kB gzip.
 */
const placesOfWords = {
  name: 'places-of-words',
  enforce: 'pre',
  transform(code, id) {
    const path = id.replaceAll('\\', '/').split('?')[0];
    if (/packages\/ui\/src\/strings\/\w+\.json$/.test(path)) {
      const words = JSON.parse(code);
      const unknown = Object.keys(words).filter((key) => !places.has(key));
      if (unknown.length > 0) throw new Error(`${path} has words that en.json has not: ${unknown.join(', ')}`);
      return { code: `export default ${JSON.stringify([...places.keys()].map((key) => words[key] ?? english[key]))}`, map: null, moduleType: 'js' };
    }
    if (!/packages\/ui\/src\/[\w-]+\.tsx?$/.test(path)) return null;
    return { code: code.replace(/'([a-z]+\.[a-z-]+)'/g, (whole, key) => places.get(key) ?? whole), map: null };
  },
};

/** Vite's helper around a dynamic import would be 1.3 kB that only matter to chunks with style sheets. */
const plainImport = {
  name: 'plain-import',
  enforce: 'pre',
  load: (id) => (id === '\0vite/preload-helper.js' ? 'export const __vitePreload = (load) => load();' : null),
};

const shared = {
  root: at('apps/widget'),
  base: '/',
  configFile: false,
  logLevel: 'warn',
  plugins: [plainImport, placesOfWords],
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
};
const output = { outDir: at('dist'), target: 'es2022', reportCompressedSize: false };

// Maven's copy of an earlier build would keep the old chunks for ever.
await rm(at('target/classes/public'), { recursive: true, force: true });
await build({
  ...shared,
  build: {
    ...output,
    emptyOutDir: true,
    assetsInlineLimit: 0,
    // Its helper would add absolute addresses, and the embed runs on other origins.
    modulePreload: false,
    manifest: 'manifest.json',
    rolldownOptions: {
      input: { chat: at('apps/widget/chat.html'), app: at('apps/widget/src/app.ts') },
      preserveEntrySignatures: 'strict',
      output: {
        entryFileNames: 'w/[hash]/[name].js',
        chunkFileNames: 'w/[hash]/[name].js',
        assetFileNames: 'w/[hash]/[name][extname]',
      },
    },
  },
});

const manifest = JSON.parse(await readFile(at('dist/manifest.json'), 'utf8'));
await build({
  ...shared,
  define: { __APP__: JSON.stringify(manifest['src/app.ts'].file) },
  build: {
    ...output,
    emptyOutDir: false,
    lib: { entry: at('apps/widget/src/loader.ts'), formats: ['iife'], name: 'tendril', fileName: () => 'widget.js' },
    minify: true,
  },
});
// The hosted page needs every chunk soon: all at once instead of one after the other.
const chunks = Object.values(manifest).filter(({ file }) => file.endsWith('.js') && file !== manifest['src/app.ts'].file);
const links = chunks.map(({ file }) => `    <link rel="modulepreload" crossorigin href="/${file}" />\n`).join('');
const html = await readFile(at('dist/chat.html'), 'utf8');
await writeFile(at('dist/chat.html'), html.replace('  </head>', `${links}  </head>`));
await writeFile(at('dist/manifest.json'), JSON.stringify(manifest, null, 2) + '\n');
