// @vitest-environment happy-dom
import { render, type ComponentChildren, h } from 'preact';
import { expect, test } from 'vitest';
import { colour } from './colour';

const CODE: Record<string, string> = {
  bash: 'for f in *.md; do echo "$f" # each\ndone',
  sh: './tendril up --model guide   # no account',
  css: '.a > b { color: #fff; margin: 0 auto }',
  go: 'func main() { fmt.Println("hi", 42) }',
  java: 'record Lease(UUID id, long token) { // one\n  static final int A = 0x1F; }',
  js: 'const a = `x${1 + b}`; // c',
  json: '{"a": [1, true, null], "b": "<script>alert(1)</script>"}',
  python: 'def f(x: int) -> str:\n    """doc"""\n    return f"{x!r}"',
  rust: "fn main() { let x: &'static str = \"a\"; println!(\"{}\", x); }",
  sql: "select * from t where a = 'x' -- c",
  ts: 'export interface A<T> { b?: T; c(): Promise<void> }',
  html: '<!doctype html><script>alert("</script><img src=x onerror=alert(1)>")</script><p class="a">&amp;</p>',
  yml: 'a:\n  - b: "c" # d\n  - *e',
};

function shown(children: ComponentChildren): HTMLElement {
  const host = document.createElement('div');
  render(h('code', null, children), host);
  return host;
}

test.each(Object.keys(CODE))('%s: the same characters, in spans with classes of ours and nothing else', (lang) => {
  const code = CODE[lang] as string;
  const host = shown(colour(code, lang));
  expect(host.textContent).toBe(code);
  const elements = [...host.querySelectorAll('code *')];
  expect(elements.length).toBeGreaterThan(0);
  for (const element of elements) {
    expect(element.tagName).toBe('SPAN');
    expect(element.getAttributeNames()).toEqual(['class']);
    expect(element.className).toMatch(/^c-[a-z_-]+$/);
  }
});

test('what is unknown or very long stays plain', () => {
  expect(colour('a', 'brainfuck')).toBeNull();
  expect(colour('x'.repeat(20_001), 'js')).toBeNull();
  expect(colour('a', '__proto__')).toBeNull();
});
