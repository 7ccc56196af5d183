// @vitest-environment happy-dom
import { marked } from 'marked';
import { render } from 'preact';
import { expect, test } from 'vitest';
import { Markdown } from './render';

/** Against another parser: the same elements around the same words. */

const labels = { copy: 'Copy', copied: 'Copied', image: 'Image:', table: 'Table', code: 'Code' };

/** Element names and words, without what our page adds and without white space. */
function shape(node: Element): string {
  return [...node.childNodes]
    .map((child) => {
      if (child.nodeType === 3) return (child.textContent ?? '').replace(/\s+/g, '');
      const element = child as Element;
      const name = element.tagName.toLowerCase();
      if (element.classList.contains('bar')) return '';
      if (name === 'input') return element.hasAttribute('checked') ? '☑' : '☐';
      if (name === 'div' || name === 'tbody') return shape(element);
      const heading = /^h(\d)$/.exec(name);
      const level = heading ? (element.className || `h${heading[1]}`) : name;
      const href = name === 'a' ? `=${new URL(element.getAttribute('href') ?? '').href}` : '';
      if (name === 'img') return `<a=${element.getAttribute('src')}>Image:${element.getAttribute('alt')?.replace(/\s+/g, '')}</>`;
      const start = name === 'ol' ? (element.getAttribute('start') ?? '1') : '';
      return `<${level}${start}${href}>${shape(element)}</>`;
    })
    .join('');
}

function ours(text: string): string {
  const root = document.createElement('div');
  render(<Markdown text={text} finished labels={labels} />, root);
  return shape(root.querySelector('.md') as Element);
}

function theirs(text: string): string {
  const page = new DOMParser().parseFromString(marked.parse(text, { async: false }), 'text/html');
  return shape(page.body).replaceAll(/<tbody><\/>/g, '');
}

/** Pieces as models write them, each complete in itself. */
const PIECES = [
  'A plain sentence, with *stress* and **weight** and `code`, and\na second line.', '# Heading', '## With *stress* ##', 'Under\n=====', 'Less\n---',
  '- one\n- two\n- three', '- one\n\n- two, loose', '1. first\n2. second\n   - nested\n   - again\n3. third', '7) seven\n8) eight', '* a\n\n  second paragraph\n* b',
  '- [ ] open\n- [x] done', '- a\n  ```js\n  const x = 1;\n  ```\n- b', '> quoted *words*\n> more', '> - list in a quote\n> - more\n>\n> end', '> lazy\nline',
  '```js\nconst x = `a`;\n\n  // deep\n```', '~~~\nfence\n```\n~~~', '````md\n```\ninner\n```\n````', '    indented code\n\n    goes on', '***', '---',
  '| a | b |\n|---|:-:|\n| 1 | `2` |\n| **3** | x \\| y |', 'a | b\n--- | ---\n1 | 2', '| only |\n|---|\n| one |',
  'See [a link](https://x.example/a "title"), ![an image](https://x.example/i.png) and <https://angle.example/a>.', 'Bare https://auto.example/path?q=1, (https://b.example/x_(y)) and www.example.org/a.',
  'Write to mail@x.example.', 'A [reference][r] and [r] and [R][].\n\n[r]: https://ref.example/a', 'Line  \nbroken\\\ntwice', '&amp; &lt;b&gt; &copy; \\*not stress\\*', '**bold *and em* inside** ***both*** _under_ snake_case_word a*b*c',
  '~~gone~~ ~half~', 'Math stays: $x_1 * y_2$', 'العربية **مهم**', '日本語の文。**重要**です', '🌿 wörld', '``a ` b`` and `` ` ``', '*a **b** c* **d *e* f**', '- \n- b', '1. a\n\n   b\n\n2. c', '[not a link] (x)', '[a *b* `c]`](https://x.example/)', '**Note:** text', '*unclosed and **more', 'a * b * c', 'Setext *stress*\ntwo lines\n===',
]; // prettier-ignore

const LINES = [
  'A plain sentence, with *stress* and **weight** and `code`.', 'second line of it', '', '', '', '# Heading', 'Under', '---', '***', '- one', '- two', '  nested',
  '    deep', '1. first', '2. second', '2', '10) tenth', '- [ ] open', '> quoted', 'lazy', '> - list in quote', '```js', 'const x = 1;', '```', '~~~', '| a | b |',
  '|---|:-:|', '| 1 | 2 |', 'https://auto.example/path', '* star', '+ plus', 'a  ', 'b\\', '&amp; &lt;b&gt;',
]; // prettier-ignore

const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000);

function random(): (n: number) => number {
  let state = seed;
  return (n) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return (state >> 8) % n;
  };
}

test.each(PIECES)('%j', (piece) => {
  expect(ours(piece)).toBe(theirs(piece));
});

test(`300 answers of whole pieces, seed ${seed}`, () => {
  const next = random();
  for (let round = 0; round < 300; round++) {
    // A paragraph ends a list, so that the next piece is no part of it.
    const text = Array.from({ length: 1 + next(5) }, () => PIECES[next(PIECES.length)]).join('\n\nParagraph.\n\n');
    expect(ours(text), `seed ${seed}: ${JSON.stringify(text)}`).toBe(theirs(text));
  }
});

test(`lines thrown together differ rarely, seed ${seed}`, () => {
  const next = random();
  let differ = 0;
  for (let round = 0; round < 400; round++) {
    const text = Array.from({ length: 1 + next(6) }, () => LINES[next(LINES.length)]).join('\n');
    if (ours(text) !== theirs(text)) {
      differ++;
      if (process.env['LOOK']) console.log(`${JSON.stringify(text)}\n ours   ${ours(text)}\n theirs ${theirs(text)}`);
    }
  }
  // Marked has its own ways with lazy lines, e.g. it makes a heading of `- a`, `b`, `===`.
  expect(differ).toBeLessThan(12);
});
