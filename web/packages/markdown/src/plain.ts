import { lex } from './blocks';
import type { Block, Inline } from './tokens';

/** The words of a markdown text, for screen readers and titles: no marks, no addresses, no code. */
export function plainText(markdown: string): string {
  return lex(markdown).map(words).join(' ').replace(/\s+/g, ' ').trim();
}

function words(block: Block): string {
  switch (block.type) {
    case 'paragraph':
    case 'heading':
      return inlineWords(block.tokens);
    case 'quote':
      return block.blocks.map(words).join(' ');
    case 'list':
      return block.items.flatMap((item) => item.blocks.map(words)).join(' ');
    case 'table':
      return [block.header, ...block.rows].flat().map(inlineWords).join(' ');
    case 'code':
    case 'hr':
      return '';
  }
}

function inlineWords(tokens: Inline[]): string {
  return tokens
    .map((token) => (typeof token === 'string' ? token : 'tokens' in token ? inlineWords(token.tokens) : 'text' in token ? token.text : ' '))
    .join('');
}
