// Builds dist/, which Maven packs as classpath `public/`:
//   chat.html        the hosted page of /c/{site}
//   share.html       the page of a shared chat, /s/{token}
//   widget.js        the embed's loader, one classic script
//   w/<hash>/*.js    everything else, named by its content and therefore immutable
import { readFile, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const at = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const words = async (name) => JSON.parse(await readFile(at(`packages/ui/src/strings/${name}.json`), 'utf8'));
const english = { ...(await words('en')), ...(await words('en-more')) };
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
    if (/packages\/ui\/src\/strings\/[\w-]+\.json$/.test(path)) {
      const known = JSON.parse(code);
      if (path.endsWith('/en-more.json')) {
        const later = Object.entries(known).map(([key, text]) => [places.get(key), text]);
        return { code: `export default Object.fromEntries(${JSON.stringify(later)})`, map: null, moduleType: 'js' };
      }
      const keys = path.endsWith('/en.json') ? Object.keys(known) : [...places.keys()];
      return { code: `export default ${JSON.stringify(keys.map((key) => known[key] ?? english[key]))}`, map: null, moduleType: 'js' };
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
const output = { outDir: at('dist'), target: 'es2022', cssTarget: ['chrome123', 'safari17.5', 'firefox121'], reportCompressedSize: false };

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
      input: { chat: at('apps/widget/chat.html'), share: at('apps/widget/share.html'), app: at('apps/widget/src/app.ts') },
      preserveEntrySignatures: 'strict',
      output: {
        entryFileNames: 'w/[hash]/[name].js',
        chunkFileNames: 'w/[hash]/[name].js',
        assetFileNames: 'w/[hash]/[name][extname]',
        // What the page needs at once is one chunk, whoever else imports parts of it.
        codeSplitting: { groups: [{ name: 'chat-ui', test: /node_modules.preact|apps.widget.src.(element|shell|app)|packages.(stream|markdown|ui)(?!.*(attach|colour|drawer|email|consent|earlier|marks|pinned|feedback|foot|more|own|rich|solver|share|strings.(?!en\.)))/ }] },
      },
    },
  },
});

const manifest = JSON.parse(await readFile(at('dist/manifest.json'), 'utf8'));
// On its own: a page that shows the chat in a frame needs the dialog alone.
const framed = await build({
  ...shared,
  build: {
    ...output,
    emptyOutDir: false,
    rolldownOptions: {
      input: { frame: at('apps/widget/src/frame.ts') },
      preserveEntrySignatures: 'strict',
      output: { entryFileNames: 'w/[hash]/[name].js' },
    },
  },
});
manifest['src/frame.ts'] = { file: framed.output[0].fileName };
await build({
  ...shared,
  define: { __APP__: JSON.stringify(manifest['src/app.ts'].file), __FRAME__: JSON.stringify(manifest['src/frame.ts'].file) },
  build: {
    ...output,
    emptyOutDir: false,
    lib: { entry: at('apps/widget/src/loader.ts'), formats: ['iife'], name: 'tendril', fileName: () => 'widget.js' },
    minify: true,
  },
});
// The pages ask for their chunk at once, not after their entry.
for (const page of ['chat.html', 'share.html']) {
  const links = manifest[page].imports.map((name) => manifest[name]).map(({ file }) => `    <link rel="modulepreload" crossorigin href="/${file}" />\n`).join('');
  const html = await readFile(at(`dist/${page}`), 'utf8');
  await writeFile(at(`dist/${page}`), html.replace('  </head>', `${links}  </head>`));
}
await writeFile(at('dist/manifest.json'), JSON.stringify(manifest, null, 2) + '\n');
