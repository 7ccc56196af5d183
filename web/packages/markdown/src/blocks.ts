import { Lexer, type Token, type TokensList } from 'marked';

/**
 * Markdown that grows, as blocks that stay.
 *
 * Parsing everything again for each delta takes quadratic time, so finished blocks are committed and
 * only the rest is parsed. A block is decided **only at a complete line**: "all but the last block" on
 * every delta is wrong, because the `2` of a `2. item` arrives first and would end the list for good.
 * A reference that is defined further down is resolved at the end, by one full parse.
 */
export class GrowingBlocks {
  #text = '';
  #committed: Token[] = [];
  /** Length of the text that the committed tokens cover. */
  #offset = 0;
  #links: TokensList['links'] = {};
  #tail: Token[] = [];
  #finished = false;

  /** The blocks of the text so far. Tokens that did not change are the same objects as before. */
  update(raw: string, finished: boolean): Token[] {
    const text = raw.replace(/\r\n?/g, '\n');
    if (text === this.#text && finished === this.#finished) return this.#blocks();
    if (!text.startsWith(this.#text.slice(0, this.#offset))) this.#reset();
    this.#text = text;
    this.#finished = finished;
    if (finished) this.#finish();
    else this.#grow();
    return this.#blocks();
  }

  #grow(): void {
    const complete = this.#text.lastIndexOf('\n') + 1;
    if (complete > this.#offset) this.#commit(lex(this.#text.slice(this.#offset, complete), this.#links));
    this.#tail = keep(lex(this.#text.slice(this.#offset), this.#links), this.#tail);
  }

  /** All but the last block of these complete lines are decided. */
  #commit(tokens: TokensList): void {
    const last = tokens.findLastIndex((token) => token.type !== 'space');
    const decided = tokens.slice(0, Math.max(0, last));
    const covered = decided.reduce((sum, token) => sum + token.raw.length, 0);
    const source = this.#text.slice(this.#offset, this.#offset + covered);
    if (decided.map((token) => token.raw).join('') !== source) return;
    this.#committed.push(...keep(decided, this.#tail));
    this.#offset += covered;
    this.#links = { ...tokens.links };
    this.#tail = [];
  }

  #finish(): void {
    const before = this.#blocks();
    this.#committed = keep(lex(this.#text, {}), before);
    this.#offset = this.#text.length;
    this.#tail = [];
  }

  #reset(): void {
    this.#committed = [];
    this.#offset = 0;
    this.#links = {};
    this.#tail = [];
  }

  #blocks(): Token[] {
    return this.#tail.length === 0 ? this.#committed : [...this.#committed, ...this.#tail];
  }
}

/** The full parse. A text that the lexer cannot take is one paragraph. */
export function lex(text: string, links: TokensList['links']): TokensList {
  const lexer = new Lexer({ gfm: true });
  Object.assign(lexer.tokens.links, links);
  try {
    return lexer.lex(text);
  } catch {
    const plain: Token[] = [{ type: 'paragraph', raw: text, text, tokens: [{ type: 'text', raw: text, text }] }];
    return Object.assign(plain, { links });
  }
}

/** Tokens that equal their predecessor in place are replaced by it, so that nothing renders them again. */
function keep(tokens: Token[], before: Token[]): Token[] {
  return tokens.map((token, at) => {
    const old = before[at];
    return old !== undefined && same(old, token) ? old : token;
  });
}

function same(one: Token, other: Token): boolean {
  return one.type === other.type && one.raw === other.raw && JSON.stringify(one) === JSON.stringify(other);
}
