import { parse } from './block';
import type { Block, Definitions } from './tokens';

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
  #committed: Block[] = [];
  /** Length of the text that the committed blocks cover. */
  #offset = 0;
  #definitions: Definitions = new Map();
  #tail: Block[] = [];
  #finished = false;

  /** The blocks of the text so far. Those that did not change are the same objects as before. */
  update(raw: string, finished: boolean): Block[] {
    const text = raw.replace(/\r\n?/g, '\n');
    if (text === this.#text && finished === this.#finished) return this.#blocks();
    if (!text.startsWith(this.#text.slice(0, this.#offset))) {
      this.#committed = [];
      this.#offset = 0;
      this.#definitions = new Map();
      this.#tail = [];
    }
    this.#text = text;
    this.#finished = finished;
    if (finished) {
      this.#committed = keep(lex(text), this.#blocks());
      this.#offset = text.length;
      this.#tail = [];
    } else this.#grow();
    return this.#blocks();
  }

  #grow(): void {
    const complete = this.#text.lastIndexOf('\n') + 1;
    // All but the last block of the complete lines are decided.
    if (complete > this.#offset) {
      const { blocks, definitions } = parse(this.#text.slice(this.#offset, complete), this.#definitions);
      const decided = blocks.slice(0, -1);
      if (decided.length > 0) {
        this.#committed.push(...keep(decided, this.#tail));
        this.#offset += decided.reduce((sum, { raw }) => sum + raw.length, 0);
        this.#definitions = definitions;
        this.#tail = this.#tail.slice(decided.length);
      }
    }
    this.#tail = keep(parse(this.#text.slice(this.#offset), this.#definitions).blocks, this.#tail);
  }

  #blocks(): Block[] {
    return this.#tail.length === 0 ? this.#committed : [...this.#committed, ...this.#tail];
  }
}

/** The full parse. */
export function lex(text: string): Block[] {
  return parse(text, new Map()).blocks;
}

/** Blocks that equal their predecessor in place are replaced by it, so that nothing renders them again. */
function keep(blocks: Block[], before: Block[]): Block[] {
  return blocks.map((block, at) => {
    const old = before[at];
    if (old === undefined || old.type !== block.type || old.raw.trimEnd() !== block.raw.trimEnd()) return block;
    if (JSON.stringify({ ...old, raw: '' }) !== JSON.stringify({ ...block, raw: '' })) return block;
    // Blank lines were added behind it.
    old.raw = block.raw;
    return old;
  });
}
