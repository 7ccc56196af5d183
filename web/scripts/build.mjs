// Builds dist/, which Maven packs as classpath `public/`:
//   chat.html        the hosted page of /c/{site}
//   widget.js        the embed's loader, one classic script
//   w/<hash>/*.js    everything else, named by its content and therefore immutable
import { readFile, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const at = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
/**
 * Of marked only the lexer is used, but its bundle ends by building a whole parser, which no tree
 * shaker may drop. Cut that part off: 3 kB gzip.
 */
const lexerOnly = {
  name: 'marked-lexer-only',
  transform(code, id) {
    if (!/marked[\\/]lib[\\/]marked\.esm\.js$/.test(id)) return null;
    const end = code.search(/var \w+=new \w+;function \w+\(\w+,\w+\)\{return \w+\.parse\(/);
    const lexer = /export\{.*?(\w+) as Lexer,/.exec(code)?.[1];
    if (end < 0 || lexer === undefined) throw new Error('marked is built in another way now: look at scripts/build.mjs');
    return { code: `${code.slice(0, end)}\nexport { ${lexer} as Lexer };`, map: null };
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
  plugins: [lexerOnly, plainImport],
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
