// Fails on physical sides in style sheets: right-to-left must come for free. And on rem: the embed
// stands in pages whose root has any font size.
import { readdir, readFile } from 'node:fs/promises';

const root = new URL('../', import.meta.url);
const physical = /(^|[;{\s])((margin|padding|border|inset)-(left|right)|left|right|text-align:\s*(left|right)|float)\s*:?/;
let bad = 0;
for (const folder of ['packages', 'apps']) {
  for (const entry of await readdir(new URL(folder, root), { recursive: true })) {
    if (!entry.endsWith('.css') || entry.includes('node_modules')) continue;
    const lines = (await readFile(new URL(`${folder}/${entry}`, root), 'utf8')).split('\n');
    lines.forEach((line, at) => {
      const code = line.replace(/\/\*.*?\*\//g, '');
      if ((physical.test(code) && /:/.test(code)) || /[\d.]rem\b/.test(code)) {
        bad++;
        console.error(`${folder}/${entry}:${at + 1}: physical side or rem: ${line.trim()}`);
      }
    });
  }
}
if (bad) process.exit(1);
