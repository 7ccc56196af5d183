import { expect, test } from 'vitest';
import { GrowingBlocks, lex } from './blocks';
import type { Block } from './tokens';

/** Snippets that change the meaning of what stands before or after them. */
const SNIPPETS = [
  'A plain sentence, with *stress* and **weight** and `code`.', 'second line of it', '', '', '',
  '# Heading', 'Under', '===', '---', '***', '- one', '- two', '  nested', '    deep', '1. first', '2. second', '2',
  '10) tenth', '- [ ] open', '- [x] done', '> quoted', 'lazy', '> - list in quote', '```js', 'const x = 1;', '```',
  '~~~', '    indented code', '| a | b |', '|---|:-:|', '| 1 | 2 |', '<div>', '</div>', '<!-- half', '-->',
  '[ref]: https://example.com "t"', 'see [ref] and [later]', '[later]: https://example.org', '![i](https://x.example/i)',
  'https://auto.example/path', '<https://angle.example>', '\tTab', '* star', '+ plus', 'a  ', 'b\\', '&amp; &lt;b&gt;',
  'العربية', '日本語の文。', '🌿 wörld', '$x_1 * y_2$', '_', '*', '[', '](', '`', '**half', '\\', '-', '1.', '#',
]; // prettier-ignore

function random(seed: number): () => number {
  let state = (seed * 2_654_435_761) >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 4_294_967_296;
  };
}

const blocks = (tokens: Block[]) => tokens.map((token) => [token.type, token.raw.trimEnd()]);

const seeds = process.env['SEED'] ? [Number(process.env['SEED'])] : [1, 2, 3, 4, 5, Date.now() % 1_000_000];

test.each(seeds)('2,500 streamed texts of seed %i equal their full parse', (seed) => {
  const next = random(seed);
  const pick = (n: number) => Math.floor(next() * n);
  for (let round = 0; round < 2_500; round++) {
    const lines = Array.from({ length: 1 + pick(14) }, () => SNIPPETS[pick(SNIPPETS.length)]);
    const text = lines.join(pick(12) === 0 ? '\r\n' : '\n') + (pick(2) ? '\n' : '');
    const growing = new GrowingBlocks();
    let at = 0;
    while (at < text.length) {
      at = Math.min(text.length, at + 1 + pick(9));
      const streamed = growing.update(text.slice(0, at), false);
      if (at === text.length || pick(6) === 0) {
        const prefix = text.slice(0, at).replace(/\r\n?/g, '\n');
        expect(blocks(streamed), `seed ${seed}, round ${round}: ${JSON.stringify(prefix)}`).toEqual(
          blocks(lex(prefix)),
        );
      }
    }
    // Inline content too, now that late references are known.
    expect(JSON.stringify(growing.update(text, true)), `seed ${seed}, round ${round}`).toBe(
      JSON.stringify(lex(text.replace(/\r\n?/g, '\n'))),
    );
  }
});

test('a decided block is never made anew', () => {
  const growing = new GrowingBlocks();
  const first = growing.update('One.\n\nTwo.\n', false)[0];
  expect(growing.update('One.\n\nTwo.\n\nThree', false)[0]).toBe(first);
  expect(growing.update('One.\n\nTwo.\n\nThree [x]\n\n[x]: https://x.example', true)[0]).toBe(first);
});

test('a text that is not a continuation starts over', () => {
  const growing = new GrowingBlocks();
  growing.update('One.\n\nTwo.\n\nThree', false);
  expect(blocks(growing.update('Other', false))).toEqual([['paragraph', 'Other']]);
});

test('32 kB in deltas of 20 characters stay under the budget', () => {
  const unit = '## Part\n\nSome **words** about a [thing](https://x.example), `code`.\n\n- one\n- two\n\n```js\nlet a;\n```\n\n';
  const text = unit.repeat(Math.ceil(32_000 / unit.length));
  const growing = new GrowingBlocks();
  const before = process.cpuUsage();
  for (let at = 20; at < text.length; at += 20) growing.update(text.slice(0, at), false);
  growing.update(text, true);
  const { user, system } = process.cpuUsage(before);
  const ms = (user + system) / 1_000;
  console.log(`32 kB streamed: ${Math.round(ms)} ms CPU`);
  // The budget is 100 ms on a quiet machine; parsing everything each time takes 2,500.
  expect(ms).toBeLessThan(500);
});
