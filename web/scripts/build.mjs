// Builds dist/, which Maven packs as classpath `public/`:
//   chat.html        the hosted page of /c/{site}
//   widget.js        the embed's loader, one classic script
//   w/<hash>/*.js    everything else, named by its content and therefore immutable
import { readFile, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const at = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const shared = {
  root: at('apps/widget'),
  base: '/',
  configFile: false,
  logLevel: 'warn',
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
    modulePreload: { polyfill: false },
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
await writeFile(at('dist/manifest.json'), JSON.stringify(manifest, null, 2) + '\n');
