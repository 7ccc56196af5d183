// Fails the build when a bundle outgrows its budget (gzip -9, bytes).
import { readFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';

const dist = new URL('../dist/', import.meta.url);
const manifest = JSON.parse(await readFile(new URL('manifest.json', dist), 'utf8'));

/** A chunk and everything that it imports before it runs. */
function closure(name, seen = new Set()) {
  const chunk = manifest[name];
  if (!chunk || seen.has(chunk.file)) return seen;
  seen.add(chunk.file);
  for (const file of chunk.css ?? []) seen.add(file);
  for (const next of chunk.imports ?? []) closure(next, seen);
  return seen;
}

const first = closure('src/app.ts');
const page = closure('chat.html');
const share = closure('share.html');
const colours = closure('../../packages/ui/src/colour.ts');
const solver = closure('../../packages/ui/src/solver.ts');
const budgets = [
  ['widget.js, the loader', ['widget.js'], 1_500],
  ['the embed when it opens, with chat and markdown', [...first], 30_000],
  ['colours of code, beside the chat', [...colours].filter((file) => !first.has(file)), 26_500],
  ['the solver of the proof of work', [...solver], 2_500],
  ['hosted page', ['chat.html', ...page], 31_500],
  ['page of a shared chat, with its images', ['share.html', ...share], 38_000],
];
let over = false;
for (const [what, files, budget] of budgets) {
  let bytes = 0;
  for (const file of files) bytes += gzipSync(await readFile(new URL(file, dist)), { level: 9 }).length;
  const line = `${what}: ${bytes} of ${budget} bytes gzip`;
  if (bytes > budget) {
    over = true;
    console.error(`OVER BUDGET  ${line}`);
  } else console.log(line);
}
if (over) process.exit(1);
