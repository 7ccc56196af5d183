import type { Token } from 'marked';
import { lex } from './blocks';
import { decodeEntities } from './links';

/** The words of a markdown text, for screen readers and titles: no marks, no addresses, no code. */
export function plainText(markdown: string): string {
  const words: string[] = [];
  for (const token of lex(markdown, {})) collect(token, words);
  return words.join('').replace(/\s+/g, ' ').trim();
}

function collect(token: Token, words: string[]): void {
  const { type, tokens, items, text, header, rows } = token as Loose;
  if (type === 'def' || type === 'code') return;
  if (type === 'br' || type === 'space') words.push(' ');
  else if (type === 'codespan' || type === 'escape') words.push(text ?? '');
  else if (header) {
    for (const cell of [...header, ...(rows ?? []).flat()]) {
      for (const child of cell.tokens) collect(child, words);
      words.push(' ');
    }
  } else {
    const children = items ?? tokens;
    if (children) for (const child of children) collect(child, words);
    else words.push(decodeEntities(text ?? ''));
    if (!INLINE.has(type)) words.push(' ');
  }
}

/** Any token, for reading. */
interface Loose {
  type: string;
  text?: string;
  tokens?: Token[];
  items?: Token[];
  header?: { tokens: Token[] }[];
  rows?: { tokens: Token[] }[][];
}

const INLINE = new Set(['text', 'strong', 'em', 'del', 'link', 'image', 'html', 'checkbox']);
